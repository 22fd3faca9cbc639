import { MessagePackError } from './MessagePackError.js';

const MAX_DEPTH = 32;
const utf8 = new TextEncoder();

/** Writes values as MessagePack: null, boolean, number, string, Uint8Array, array, and plain objects as maps. */
export class MessagePackWriter {
  #bytes = new Uint8Array(512);
  #view = new DataView(this.#bytes.buffer);
  #length = 0;

  /**
   * @param {unknown} value
   * @returns {Uint8Array<ArrayBuffer>} Its bytes.
   * @throws {MessagePackError} If something in it can't be written.
   */
  static encode(value) {
    const writer = new MessagePackWriter();
    writer.#write(value, 0);
    return writer.#bytes.slice(0, writer.#length);
  }

  /** @param {number} n */
  #reserve(n) {
    const wanted = this.#length + n;
    if (wanted > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(wanted, 2 * this.#bytes.length));
      larger.set(this.#bytes.subarray(0, this.#length));
      this.#bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    const start = this.#length;
    this.#length = wanted;
    return start;
  }

  /** @param {number} byte */
  #byte(byte) {
    const at = this.#reserve(1);
    this.#bytes[at] = byte;
  }

  /** @param {Uint8Array} bytes */
  #raw(bytes) {
    const at = this.#reserve(bytes.length);
    this.#bytes.set(bytes, at);
  }

  /**
   * @param {unknown} value
   * @param {number} depth
   */
  #write(value, depth) {
    if (depth > MAX_DEPTH) throw new MessagePackError(`it nests deeper than ${MAX_DEPTH}`);
    if (value === null || value === undefined) this.#byte(0xc0);
    else if (value === true || value === false) this.#byte(value ? 0xc3 : 0xc2);
    else if (typeof value === 'number') this.#number(value);
    else if (typeof value === 'string') this.#text(value);
    else if (value instanceof Uint8Array) this.#bin(value);
    else if (Array.isArray(value)) this.#array(value, depth);
    else if (isPlain(value)) this.#map(value, depth);
    else
      throw new MessagePackError(`a ${Object.prototype.toString.call(value).slice(8, -1)} has no place in a message`);
  }

  /** @param {number} value */
  #number(value) {
    if (!Number.isFinite(value)) throw new MessagePackError(`${value} is not finite`);
    // Beyond 53 bits it was never a whole number that somebody counted.
    if (!Number.isSafeInteger(value)) {
      this.#byte(0xcb);
      const at = this.#reserve(8);
      this.#view.setFloat64(at, value);
    } else if (value >= 0) this.#unsigned(value);
    else this.#negative(value);
  }

  /** @param {number} value */
  #unsigned(value) {
    if (value < 0x80) this.#byte(value);
    else if (value < 0x100) this.#head(0xcc, value, 1);
    else if (value < 0x10000) this.#head(0xcd, value, 2);
    else if (value < 0x100000000) this.#head(0xce, value, 4);
    else {
      this.#byte(0xcf);
      const at = this.#reserve(8);
      this.#view.setBigUint64(at, BigInt(value));
    }
  }

  /** @param {number} value */
  #negative(value) {
    if (value >= -32) this.#byte(value & 0xff);
    else if (value >= -0x80) this.#head(0xd0, value & 0xff, 1);
    else if (value >= -0x8000) this.#head(0xd1, value & 0xffff, 2);
    else if (value >= -0x80000000) this.#head(0xd2, value >>> 0, 4);
    else {
      this.#byte(0xd3);
      const at = this.#reserve(8);
      this.#view.setBigInt64(at, BigInt(value));
    }
  }

  /**
   * @param {number} mark
   * @param {number} value
   * @param {1 | 2 | 4} width In bytes.
   */
  #head(mark, value, width) {
    this.#byte(mark);
    const at = this.#reserve(width);
    if (width === 1) this.#view.setUint8(at, value);
    else if (width === 2) this.#view.setUint16(at, value);
    else this.#view.setUint32(at, value);
  }

  /**
   * @param {number} length
   * @param {[number, number, number]} marks For 1, 2 and 4 bytes of length.
   */
  #long(length, marks) {
    if (length < 0x100 && marks[0] > 0) this.#head(marks[0], length, 1);
    else if (length < 0x10000) this.#head(marks[1], length, 2);
    else this.#head(marks[2], length, 4);
  }

  /** @param {string} text */
  #text(text) {
    const bytes = utf8.encode(text);
    if (bytes.length < 32) this.#byte(0xa0 | bytes.length);
    else this.#long(bytes.length, [0xd9, 0xda, 0xdb]);
    this.#raw(bytes);
  }

  /** @param {Uint8Array} bytes */
  #bin(bytes) {
    this.#long(bytes.length, [0xc4, 0xc5, 0xc6]);
    this.#raw(bytes);
  }

  /**
   * @param {readonly unknown[]} list
   * @param {number} depth
   */
  #array(list, depth) {
    if (list.length < 16) this.#byte(0x90 | list.length);
    else this.#long(list.length, [0, 0xdc, 0xdd]);
    for (const value of list) this.#write(value, depth + 1);
  }

  /**
   * A field that is undefined is left out.
   *
   * @param {Record<string, unknown>} map
   * @param {number} depth
   */
  #map(map, depth) {
    const fields = Object.entries(map).filter(([, value]) => value !== undefined);
    if (fields.length < 16) this.#byte(0x80 | fields.length);
    else this.#long(fields.length, [0, 0xde, 0xdf]);
    for (const [key, value] of fields) {
      this.#text(key);
      this.#write(value, depth + 1);
    }
  }
}

/**
 * @param {unknown} value
 * @returns {value is Record<string, unknown>}
 */
function isPlain(value) {
  if (typeof value !== 'object' || value === null) return false;
  const prototype = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}
