/**
 * Measures how long the main thread is busy in each frame: from where something begins to where the browser comes to
 * its next task, so that what follows from it within the task counts, too.
 */
export class BusyClock {
  #channel = new MessageChannel();
  /** @type {number | null} */
  #beganMs = null;
  #sumMs = 0;

  constructor() {
    this.#channel.port1.onmessage = () => {
      if (this.#beganMs !== null) this.#sumMs += performance.now() - this.#beganMs;
      this.#beganMs = null;
    };
  }

  /** Notes that the main thread begins to work. */
  begin = () => {
    if (this.#beganMs !== null) return;
    this.#beganMs = performance.now();
    this.#channel.port2.postMessage(null);
  };

  /** @returns {number} Milliseconds since it was taken before. */
  take() {
    const sumMs = this.#sumMs;
    this.#sumMs = 0;
    return sumMs;
  }
}
