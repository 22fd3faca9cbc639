import { labelOf } from './labels.js';

const MAX_ENTRIES = 12;

/**
 * @typedef {import('vrbridge').VRBridgeRequest} VRBridgeRequest
 * @typedef {import('vrbridge').VRBridgeError} VRBridgeError
 *
 * @typedef {object} Entry One thing that was asked for.
 * @property {string} label
 * @property {string} kind
 * @property {number} beganMs
 * @property {number | null} firstMs When something of it was there: the first words, a preview, the coarsest level.
 * @property {number | null} totalMs
 * @property {number} fraction
 * @property {string} state What it waits for or does, in a word.
 * @property {VRBridgeError | null} error
 */

/** What was asked for, the newest first, and how long it took as seen from here. */
export class RequestLog {
  /** @type {WeakMap<VRBridgeRequest, Entry>} */
  #entryOf = new WeakMap();

  /** @type {Entry[]} */
  entries = [];

  /** Called with what could not be made, and why. @type {(entry: Entry & {error: VRBridgeError}) => void} */
  onFailed = () => {};
  /** Called when an entry has changed. */
  onChanged = () => {};

  /** @param {import('vrbridge').VRBridge} bridge */
  constructor(bridge) {
    bridge.on('requested', (request) => this.#follow(request));
  }

  /**
   * @param {string} kind
   * @returns {Entry | null} The newest of the kind that is done.
   */
  last(kind) {
    return this.entries.find((entry) => entry.kind === kind && entry.totalMs !== null && entry.error === null) ?? null;
  }

  /**
   * Something of it can be seen; what is made of words alone tells that by itself.
   *
   * @param {VRBridgeRequest | null} request
   */
  seen(request) {
    const entry = request && this.#entryOf.get(request);
    if (!entry) return;
    entry.firstMs ??= performance.now() - entry.beganMs;
    this.onChanged();
  }

  /**
   * All of it is in the scene.
   *
   * @param {VRBridgeRequest | null} request
   */
  whole(request) {
    const entry = request && this.#entryOf.get(request);
    if (!entry) return;
    entry.totalMs = performance.now() - entry.beganMs;
    this.onChanged();
  }

  /**
   * It was stopped before all of it was in the scene.
   *
   * @param {VRBridgeRequest | null} request
   */
  stopped(request) {
    const entry = request && this.#entryOf.get(request);
    if (!entry || entry.totalMs !== null || entry.error !== null) return;
    this.#drop(entry);
    this.onChanged();
  }

  /** @param {VRBridgeRequest} request */
  #follow(request) {
    /** @type {Entry} */
    const entry = {
      label: labelOf(request),
      kind: request.kind,
      beganMs: performance.now(),
      firstMs: null,
      totalMs: null,
      fraction: 0,
      state: 'asked',
      error: null,
    };
    this.entries.unshift(entry);
    this.#shorten();
    this.#entryOf.set(request, entry);
    request.on('accepted', ({ position, etaS }) => {
      entry.state =
        position === 0 ? 'being made' : `${position} before it${etaS === null ? '' : `, ${etaS.toFixed(0)} s`}`;
      this.onChanged();
    });
    request.on('progressed', ({ fraction }) => {
      entry.state = 'being made';
      entry.fraction = fraction;
      this.onChanged();
    });
    request.on('restarted', () => {
      entry.state = 'asked again';
      this.onChanged();
    });
    if (request.kind === 'dialogue') {
      request.on('text', () => this.seen(request));
      request.on('completed', () => this.whole(request));
    }
    request.on('failed', (error) => {
      entry.error = error;
      // Who asks for something else has not failed.
      if (error.code === 'superseded' || error.code === 'cancelled') this.#drop(entry);
      else this.onFailed({ ...entry, error });
      this.onChanged();
    });
    this.onChanged();
  }

  /** @param {Entry} entry */
  #drop(entry) {
    this.entries = this.entries.filter((other) => other !== entry);
  }

  #shorten() {
    while (this.entries.length > MAX_ENTRIES) {
      const oldest = this.entries.findLastIndex(({ totalMs, error }) => totalMs !== null || error !== null);
      if (oldest < 0) return;
      this.entries.splice(oldest, 1);
    }
  }
}
