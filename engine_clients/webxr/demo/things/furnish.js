const MAX_OPEN = 4;
const MAX_TRIES = 5;
const RETRY_S = 2;

/**
 * @typedef {object} Ordered A material or a mesh.
 * @property {string} prompt
 * @property {object | null} request
 * @property {Promise<unknown>} ready
 * @property {(prompt: string) => unknown} generate
 *
 * @typedef {object} Order
 * @property {() => Ordered} ask Asks for it.
 * @property {() => boolean} [isWanted] Whether it is wanted still.
 */

/**
 * Asks for many things, a few at a time: a server that others use, too, would refuse them all at once.
 *
 * @param {Order[]} orders
 */
export function furnish(orders) {
  const waiting = [...orders];
  const next = async () => {
    for (let order = waiting.shift(); order !== undefined; order = waiting.shift()) await made(order);
  };
  for (let place = 0; place < MAX_OPEN; place += 1) void next();
}

/** @param {Order} order */
async function made({ ask, isWanted = () => true }) {
  const thing = ask();
  for (let tries = 1; tries <= MAX_TRIES; tries += 1) {
    const { request } = thing;
    const error = await thing.ready.then(
      () => null,
      (reason) => reason,
    );
    // What can't be made at all is told by the panel.
    if (!error?.retryable) return;
    await new Promise((resolve) => setTimeout(resolve, 1000 * (error.retryAfterS ?? RETRY_S)));
    // Meanwhile the player may have asked for something else there.
    if (thing.request !== request || !isWanted()) return;
    thing.generate(thing.prompt);
  }
}
