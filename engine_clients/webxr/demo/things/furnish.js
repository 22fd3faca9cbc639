const MAX_OPEN = 4;
const MAX_TRIES = 5;
const RETRY_S = 2;

/**
 * @typedef {{prompt: string, ready: Promise<unknown>, generate: (prompt: string) => unknown}} Ordered A material or a mesh.
 */

/**
 * Asks for many things, a few at a time: a server that others use, too, would refuse them all at once.
 *
 * @param {(() => Ordered)[]} orders Each asks for one thing.
 */
export function furnish(orders) {
  const waiting = [...orders];
  const next = async () => {
    for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) await made(order());
  };
  for (let place = 0; place < MAX_OPEN; place += 1) void next();
}

/** @param {Ordered} thing */
async function made(thing) {
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const error = await thing.ready.then(
      () => null,
      (reason) => reason,
    );
    // What can't be made at all is told by the panel.
    if (!error?.retryable) return;
    await new Promise((resolve) => setTimeout(resolve, 1000 * (error.retryAfterS ?? RETRY_S)));
    thing.generate(thing.prompt);
  }
}
