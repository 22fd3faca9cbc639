const WINDOW_MS = 5000;
const MAX_FRAMES = 1000;

/** How long frames take, over the last five seconds. */
export class FrameClock {
  /** @type {{atMs: number, tookMs: number, clientMs: number}[]} */
  #frames = [];
  #lastMs = 0;

  /**
   * @param {number} nowMs
   * @param {number} clientMs What the client took of the frame.
   */
  tick(nowMs, clientMs) {
    const tookMs = nowMs - this.#lastMs;
    if (this.#lastMs > 0) this.#frames.push({ atMs: nowMs, tookMs, clientMs });
    this.#lastMs = nowMs;
    while (this.#frames.length > MAX_FRAMES || this.#frames[0]?.atMs < nowMs - WINDOW_MS) this.#frames.shift();
  }

  /** Forgets what was, as when nothing was drawn for a while. */
  reset() {
    this.#frames = [];
    this.#lastMs = 0;
  }

  get medianMs() {
    const sorted = this.#frames.map(({ tookMs }) => tookMs).sort((a, b) => a - b);
    return sorted[sorted.length >> 1] ?? 0;
  }

  get longestMs() {
    return Math.max(0, ...this.#frames.map(({ tookMs }) => tookMs));
  }

  /** The client's largest share of one frame, in milliseconds. */
  get clientMs() {
    return Math.max(0, ...this.#frames.map(({ clientMs }) => clientMs));
  }
}
