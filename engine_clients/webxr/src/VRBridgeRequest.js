import { Emitter } from './Emitter.js';
import { VRBridgeAsset } from './VRBridgeAsset.js';
import { VRBridgeError } from './VRBridgeError.js';

// Events that may wait to be read by a loop; beyond that the request is stopped.
const MAX_WAITING = 4096;

/**
 * @typedef {Record<string, any>} Message
 * @typedef {{result: Message, timing: Message}} Done
 *
 * @typedef {object} RequestEvents
 * @property {{position: number, etaS: number | null, anchor: Message | null}} accepted It is queued behind `position`
 *   others, or has started (0).
 * @property {{stage: string, fraction: number}} progressed
 * @property {{text: string, offset: number}} text A character said another piece; `offset` counts code points before.
 * @property {{name: string, arguments: Message}} action A character chose one of the actions that were offered.
 * @property {VRBridgeAsset} assetStarted An asset was announced.
 * @property {VRBridgeAsset} assetGrew More of it is there; told some times for each asset.
 * @property {VRBridgeAsset} coarse A coarser picture of an asset that is still arriving.
 * @property {VRBridgeAsset} asset It is complete and intact.
 * @property {VRBridgeError} unreadable An asset can't be read; the request goes on.
 * @property {{}} restarted The session was lost and the request was sent again: forget what came before.
 * @property {Done} completed
 * @property {VRBridgeError} failed
 */

/**
 * One thing that was asked for. Listen to its events, iterate it, or await `done`: it ends in exactly one of
 * `completed` and `failed`.
 *
 * @typedef {({type: 'accepted'} & RequestEvents['accepted'])
 *   | ({type: 'progressed'} & RequestEvents['progressed'])
 *   | ({type: 'text'} & RequestEvents['text'])
 *   | ({type: 'action'} & RequestEvents['action'])
 *   | {type: 'asset', asset: VRBridgeAsset}
 *   | {type: 'restarted'}
 *   | ({type: 'completed'} & Done)} RequestStep
 *
 * @implements {AsyncIterable<RequestStep>}
 */
export class VRBridgeRequest {
  /** @type {Emitter<RequestEvents>} */
  #emitter = new Emitter();
  /** @type {Set<Waiting>} */
  #readers = new Set();
  #cancel;

  /** Whether it has ended. */
  isEnded = false;
  /** What it ended with; null as long as it has not failed. @type {VRBridgeError | null} */
  error = null;
  /** What it ended with; empty as long as it is not done. @type {Message} */
  result = {};
  /** How long what took, in milliseconds. @type {Message} */
  timing = {};

  /**
   * @param {number} id
   * @param {string} kind
   * @param {Message} params
   * @param {(request: VRBridgeRequest) => void} cancel
   */
  constructor(id, kind, params, cancel) {
    /** Number in the session. */
    this.id = id;
    /** Such as `texture`. */
    this.kind = kind;
    /** As the kind takes them. */
    this.params = params;
    this.#cancel = cancel;
  }

  /** Resolves with the result and the timing, or rejects with a `VRBridgeError`. @returns {Promise<Done>} */
  get done() {
    return new Promise((resolve, reject) => {
      if (this.error !== null) reject(this.error);
      else if (this.isEnded) resolve({ result: this.result, timing: this.timing });
      else {
        this.on('completed', resolve);
        this.on('failed', reject);
      }
    });
  }

  /**
   * @template {keyof RequestEvents} Name
   * @param {Name} name
   * @param {(event: RequestEvents[Name]) => void} listener
   * @returns {() => void} Ends it.
   */
  on(name, listener) {
    return this.#emitter.on(name, listener);
  }

  /** Stops it: it ends in the error `cancelled` unless it has ended already. */
  cancel() {
    if (!this.isEnded) this.#cancel(this);
  }

  /**
   * What happens from now on, up to its end; throws what it fails with. Leaving the loop early does not cancel.
   *
   * @returns {AsyncGenerator<RequestStep, void, undefined>}
   */
  async *[Symbol.asyncIterator]() {
    const reader = new Waiting();
    this.#readers.add(reader);
    try {
      for (;;) {
        if (reader.steps.length === 0) {
          if (this.error !== null) throw this.error;
          if (this.isEnded) return;
          await reader.arrived();
          continue;
        }
        const step = /** @type {RequestStep} */ (reader.steps.shift());
        if (step.type === 'asset' && !step.asset.isHeld) step.asset.release();
        yield step;
      }
    } finally {
      this.#readers.delete(reader);
      for (const step of reader.steps) if (step.type === 'asset') step.asset.release();
    }
  }

  /**
   * Takes what has happened; called by the client.
   *
   * @template {keyof RequestEvents} Name
   * @param {Name} name
   * @param {RequestEvents[Name]} event
   */
  take(name, event) {
    if (this.isEnded) {
      if (event instanceof VRBridgeAsset) event.release();
      return;
    }
    if (name === 'completed') Object.assign(this, { isEnded: true, ...event });
    if (name === 'failed') Object.assign(this, { isEnded: true, error: event });
    this.#emitter.emit(name, event);
    const step = stepOf(name, event);
    const isKept = step !== null && this.#keep(step);
    if (event instanceof VRBridgeAsset && name === 'asset' && !isKept && !event.isHeld) event.release();
    for (const reader of this.#readers) reader.wake();
  }

  /**
   * @param {RequestStep} step
   * @returns {boolean} Whether a loop will come to it.
   */
  #keep(step) {
    for (const reader of this.#readers) {
      const last = reader.steps.at(-1);
      // Later progress makes earlier pointless.
      if (step.type === 'progressed' && last?.type === 'progressed') reader.steps.pop();
      reader.steps.push(step);
      if (reader.steps.length > MAX_WAITING && !this.isEnded) this.#overflow();
    }
    return this.#readers.size > 0;
  }

  #overflow() {
    this.cancel();
    const message = `${MAX_WAITING} events wait to be read, so the request was stopped. Go on with its loop.`;
    this.take('failed', new VRBridgeError({ code: 'not_read', message }));
  }
}

/** The steps that one loop has not come to yet. */
class Waiting {
  /** @type {RequestStep[]} */
  steps = [];
  /** @type {(() => void) | null} */
  #wake = null;

  /** @returns {Promise<void>} Resolves as soon as something happened. */
  arrived() {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  wake() {
    this.#wake?.();
    this.#wake = null;
  }
}

/**
 * @param {keyof RequestEvents} name
 * @param {any} event
 * @returns {RequestStep | null} None for what loops are not told.
 */
function stepOf(name, event) {
  if (name === 'asset') return { type: name, asset: event };
  const isTold = ['accepted', 'progressed', 'text', 'action', 'restarted', 'completed'].includes(name);
  return isTold ? { type: name, ...event } : null;
}
