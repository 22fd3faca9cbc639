// A scene whose frames take longer than this is slow for other reasons: then a tenth of them is taken, so that what
// was asked for comes in seconds there, too, and not in as many frames.
const LONG_FRAME_MS = 50;
const LONG_FRAME_SHARE = 0.1;
// A page that was hidden for minutes does not make up for it in its first frame.
const MOST_MS = 20;

/**
 * The time that the client may take of each frame, and what it is spent on.
 *
 * Slices run while there is time, in the order they came; steps that can't be divided, such as the upload of a
 * compressed texture, run once a frame at most, or within a tenth of frames that take longer than 50 ms anyway.
 *
 * @typedef {() => boolean} Slice Does a part of its work and returns whether it is finished.
 */
export class FrameBudget {
  /** @type {Slice[]} */
  #slices = [];
  /** @type {(() => void)[]} */
  #heavy = [];
  #clock;
  #beganMs = 0;
  #allowedMs = 0;
  #isLong = false;
  #isLightNext = false;

  /** Milliseconds of each frame. */
  budgetMs;
  /** What the last frame took. */
  spentMs = 0;

  /**
   * @param {number} [budgetMs]
   * @param {() => number} [clock] Tells the time in milliseconds.
   */
  constructor(budgetMs = 1.5, clock = () => performance.now()) {
    this.budgetMs = budgetMs;
    this.#clock = clock;
  }

  /** How many pieces of work wait. */
  get nWaiting() {
    return this.#slices.length + this.#heavy.length;
  }

  /** Whether there is time left in this frame. */
  get hasTime() {
    return this.#clock() - this.#beganMs < this.#allowedMs;
  }

  /**
   * Begins a frame.
   *
   * @param {number} [sinceLastMs] How long the last one took altogether.
   */
  begin(sinceLastMs = 0) {
    this.#beganMs = this.#clock();
    this.#isLong = sinceLastMs > LONG_FRAME_MS;
    const longMs = Math.min(MOST_MS, sinceLastMs * LONG_FRAME_SHARE);
    this.#allowedMs = this.#isLong ? Math.max(this.budgetMs, longMs) : this.budgetMs;
  }

  /**
   * Adds work that is done in slices.
   *
   * @param {Slice} slice
   */
  add(slice) {
    this.#slices.push(slice);
  }

  /**
   * Adds a step that can't be divided.
   *
   * @param {() => void} step
   */
  addHeavy(step) {
    this.#heavy.push(step);
  }

  /** Works as long as there is time: one step at least, so that it goes on however busy frames are. */
  run() {
    let hasDoneHeavy = false;
    if (this.#heavy.length > 0 && (!this.#isLightNext || this.#slices.length === 0)) {
      this.#doHeavy();
      hasDoneHeavy = true;
    }
    let nSlices = 0;
    while (this.#slices.length > 0 && (this.hasTime || (nSlices === 0 && !hasDoneHeavy))) {
      this.#doSlice();
      nSlices += 1;
    }
    if (this.#heavy.length > 0 && !hasDoneHeavy && this.hasTime) {
      this.#doHeavy();
      hasDoneHeavy = true;
    }
    while (this.#isLong && this.#heavy.length > 0 && this.hasTime) this.#doHeavy();
    // Neither kind keeps the other waiting for ever.
    this.#isLightNext = hasDoneHeavy && nSlices === 0 && this.#slices.length > 0;
  }

  /** Ends a frame. */
  end() {
    this.spentMs = this.#clock() - this.#beganMs;
  }

  #doSlice() {
    let isFinished = true;
    try {
      isFinished = this.#slices[0]();
    } catch (error) {
      reportError(error);
    }
    if (isFinished) this.#slices.shift();
  }

  #doHeavy() {
    try {
      this.#heavy.shift()?.();
    } catch (error) {
      reportError(error);
    }
  }
}
