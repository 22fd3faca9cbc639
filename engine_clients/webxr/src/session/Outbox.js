// Messages that belong to no request and wait for a connection that takes nothing.
const MAX_WAITING = 1024;
// Answers whose hearing is told again on a new connection, since nothing says that it arrived.
const MAX_HEARD = 32;

/**
 * Messages that wait to be sent over the present connection, and what has to be said again on the next.
 *
 * @typedef {Record<string, any>} Message
 */
export class Outbox {
  /** @type {Message[]} */
  #waiting = [];
  /** @type {Map<number, number>} */
  #heard = new Map();

  /** Whether too much waits already. */
  get isFull() {
    return this.#waiting.length >= MAX_WAITING;
  }

  /** Forgets what waits; it is built again for the next connection. */
  clear() {
    this.#waiting.length = 0;
  }

  /** @param {Message} message */
  add(message) {
    this.#waiting.push(message);
  }

  /** @returns {Message | null} The next message, which is off the list then. */
  take() {
    return this.#waiting.shift() ?? null;
  }

  /**
   * Keeps in mind how much of an answer was read.
   *
   * @param {number} id
   * @param {number} characters
   * @returns {Message} What says so.
   */
  heard(id, characters) {
    this.#heard.delete(id);
    this.#heard.set(id, characters);
    if (this.#heard.size > MAX_HEARD) this.#heard.delete([...this.#heard.keys()][0]);
    return { type: 'heard', id, characters };
  }

  /** Adds what was read of answers once more. */
  addHeardAgain() {
    for (const [id, characters] of this.#heard) this.add({ type: 'heard', id, characters });
  }

  /** Forgets the answers of a session that is gone. */
  forgetHeard() {
    this.#heard.clear();
  }
}
