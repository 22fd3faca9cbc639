import { Sha256 } from '../wire/Sha256.js';
import { mapOf, textOf, wholeOf } from '../wire/fields.js';

/** A file on its way: chunks in, checked bytes out. */
export class IncomingAsset {
  #hash = new Sha256();

  /**
   * @param {Record<string, any>} message The `asset` message.
   * @throws {RangeError} If it announces more bytes than there can be memory.
   */
  constructor(message) {
    this.number = wholeOf(message, 'asset', -1);
    this.requestId = wholeOf(message, 'id', -1);
    this.role = textOf(message, 'role');
    this.mediaType = textOf(message, 'media_type');
    this.nBytes = wholeOf(message, 'bytes', -1);
    this.digest = textOf(message, 'digest');
    this.meta = mapOf(message, 'meta');
    /** Behind `nArrived` they are not there yet. */
    this.data = new Uint8Array(Math.max(0, this.nBytes));
    this.nArrived = 0;
  }

  /** Whether everything has arrived. */
  get isComplete() {
    return this.nArrived === this.nBytes;
  }

  /**
   * @param {number} offset
   * @param {Uint8Array} chunk
   * @returns {boolean} False if it leaves a gap, repeats something or runs past the end.
   */
  add(offset, chunk) {
    if (offset !== this.nArrived || offset + chunk.length > this.nBytes) return false;
    this.data.set(chunk, offset);
    this.#hash.update(chunk);
    this.nArrived += chunk.length;
    return true;
  }

  /** @returns {boolean} Whether the bytes are the announced ones; asked once, when it is complete. */
  isIntact() {
    return `sha256:${this.#hash.finish()}` === this.digest;
  }
}
