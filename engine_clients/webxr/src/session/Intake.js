import { bytesOf, wholeOf } from '../wire/fields.js';
import { IncomingAsset } from './IncomingAsset.js';

/**
 * The assets that are on their way, and how much more may come.
 *
 * Credit grows as chunks are put together. It stops while complete assets that nobody has used hold too many bytes: a
 * scene that falls behind is not flooded.
 */
export class Intake {
  /** @type {Map<number, IncomingAsset>} */
  #assets = new Map();
  #windowBytes;
  #maxHeldBytes;
  #arrivedBytes = 0;
  #grantedBytes = 0;
  #heldBytes = 0;

  /**
   * @param {number} windowBytes
   * @param {number} maxHeldBytes
   */
  constructor(windowBytes, maxHeldBytes) {
    this.#windowBytes = windowBytes;
    this.#maxHeldBytes = maxHeldBytes;
  }

  /** Begins a connection, with which credit starts anew. */
  startConnection() {
    this.#arrivedBytes = 0;
    this.#grantedBytes = this.#windowBytes;
  }

  /**
   * @param {Record<string, any>} message
   * @returns {IncomingAsset | null} What it announces; null if it is malformed.
   */
  announce(message) {
    const size = wholeOf(message, 'bytes', -1);
    if (wholeOf(message, 'asset', -1) < 0 || size < 0 || size >= 2 ** 31) return null;
    const asset = new IncomingAsset(message);
    this.#assets.set(asset.number, asset);
    return asset;
  }

  /**
   * @param {Record<string, any>} message
   * @returns {{asset: IncomingAsset | null, isBroken: boolean}} The chunk's asset; none if nobody wants it, as with
   *   chunks that were on their way when their request was cancelled. Broken: it did not continue its asset, so that
   *   something was lost.
   */
  take(message) {
    const chunk = bytesOf(message, 'data');
    this.#arrivedBytes += chunk.length;
    const asset = this.#assets.get(wholeOf(message, 'asset', -1)) ?? null;
    const isBroken = asset !== null && !asset.add(wholeOf(message, 'offset', -1), chunk);
    return { asset: isBroken ? null : asset, isBroken };
  }

  /**
   * @param {number} number
   * @returns {boolean} Whether it was on the list.
   */
  drop(number) {
    return this.#assets.delete(number);
  }

  /**
   * Takes the assets of a request off the list: a cancelled one leaves some that will never be complete.
   *
   * @param {number} requestId
   */
  dropAllOf(requestId) {
    for (const asset of [...this.#assets.values()])
      if (asset.requestId === requestId) this.#assets.delete(asset.number);
  }

  /** Takes all assets off the list. */
  clear() {
    this.#assets.clear();
  }

  /** @param {number} requestId */
  hasUnfinished(requestId) {
    return [...this.#assets.values()].some((asset) => asset.requestId === requestId);
  }

  /** What `hello.resume` says of assets. */
  unfinished() {
    return Array.from(this.#assets.values(), (asset) => ({ asset: asset.number, offset: asset.nArrived }));
  }

  /**
   * Notes that a complete asset waits to be used.
   *
   * @param {number} nBytes
   */
  hold(nBytes) {
    this.#heldBytes += nBytes;
  }

  /**
   * Notes that one was used.
   *
   * @param {number} nBytes
   */
  consumed(nBytes) {
    this.#heldBytes = Math.max(0, this.#heldBytes - nBytes);
  }

  /** @returns {number} The limit that credit has to be raised to now; 0 if it stays. */
  nextLimit() {
    const limit = this.#arrivedBytes + this.#windowBytes;
    if (this.#heldBytes > this.#maxHeldBytes || limit - this.#grantedBytes < this.#windowBytes / 4) return 0;
    this.#grantedBytes = limit;
    return limit;
  }
}
