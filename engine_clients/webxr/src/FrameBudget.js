/**
 * The time that the client may take of each frame, and what it is spent on.
 *
 * Slices run while there is time, in the order they came; steps that can't be divided, such as the upload of a
 * compressed texture, run once a frame at most.
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
    return this.#clock() - this.#beganMs < this.budgetMs;
  }

  /** Begins a frame. */
  begin() {
    this.#beganMs = this.#clock();
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
