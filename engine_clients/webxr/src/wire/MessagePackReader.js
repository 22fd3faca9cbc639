import { MessagePackError } from './MessagePackError.js';

const MAX_DEPTH = 32;
// Below this a loop over the bytes is quicker than the decoder.
const SHORT_TEXT_BYTES = 24;
const utf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** Reads MessagePack values. Binary ones are views into the bytes that were given. */
export class MessagePackReader {
  #bytes;
  #view;
  #at = 0;

  /** @param {Uint8Array} bytes */
  constructor(bytes) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /**
   * @param {Uint8Array} bytes
   * @returns {unknown} The one value that they hold.
   * @throws {MessagePackError} If they hold none, or more than one.
   */
  static decode(bytes) {
    const reader = new MessagePackReader(bytes);
    const value = reader.#read(0);
    if (reader.#at !== bytes.length) throw new MessagePackError('bytes after the end');
    return value;
  }

  /** @param {number} n */
  #advance(n) {
    const start = this.#at;
    if (start + n > this.#bytes.length) throw new MessagePackError('cut off');
    this.#at = start + n;
    return start;
  }

  /**
   * @param {number} depth
   * @returns {unknown}
   */
  #read(depth) {
    const mark = this.#bytes[this.#advance(1)];
    if (mark < 0x80) return mark;
    if (mark < 0x90) return this.#map(mark & 0x0f, depth);
    if (mark < 0xa0) return this.#array(mark & 0x0f, depth);
    if (mark < 0xc0) return this.#text(mark & 0x1f);
    if (mark >= 0xe0) return mark - 0x100;
    switch (mark) {
      case 0xc0:
        return null;
      case 0xc2:
        return false;
      case 0xc3:
        return true;
      case 0xc4:
        return this.#bin(this.#unsigned(1));
      case 0xc5:
        return this.#bin(this.#unsigned(2));
      case 0xc6:
        return this.#bin(this.#unsigned(4));
      case 0xca:
        return finite(this.#view.getFloat32(this.#advance(4)));
      case 0xcb:
        return finite(this.#view.getFloat64(this.#advance(8)));
      case 0xcc:
        return this.#unsigned(1);
      case 0xcd:
        return this.#unsigned(2);
      case 0xce:
        return this.#unsigned(4);
      case 0xcf:
        return safe(this.#view.getBigUint64(this.#advance(8)));
      case 0xd0:
        return this.#view.getInt8(this.#advance(1));
      case 0xd1:
        return this.#view.getInt16(this.#advance(2));
      case 0xd2:
        return this.#view.getInt32(this.#advance(4));
      case 0xd3:
        return safe(this.#view.getBigInt64(this.#advance(8)));
      case 0xd9:
        return this.#text(this.#unsigned(1));
      case 0xda:
        return this.#text(this.#unsigned(2));
      case 0xdb:
        return this.#text(this.#unsigned(4));
      case 0xdc:
        return this.#array(this.#unsigned(2), depth);
      case 0xdd:
        return this.#array(this.#unsigned(4), depth);
      case 0xde:
        return this.#map(this.#unsigned(2), depth);
      case 0xdf:
        return this.#map(this.#unsigned(4), depth);
      default:
        throw new MessagePackError(`a value of type 0x${mark.toString(16)}`);
    }
  }

  /** @param {1 | 2 | 4} width In bytes. */
  #unsigned(width) {
    const at = this.#advance(width);
    if (width === 1) return this.#view.getUint8(at);
    return width === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at);
  }

  /** @param {number} n */
  #bin(n) {
    const at = this.#advance(n);
    return this.#bytes.subarray(at, at + n);
  }

  /** @param {number} n */
  #text(n) {
    const at = this.#advance(n);
    if (n <= SHORT_TEXT_BYTES) {
      let text = '';
      let place = at;
      for (; place < at + n; place += 1) {
        const byte = this.#bytes[place];
        if (byte >= 0x80) break;
        text += String.fromCharCode(byte);
      }
      if (place === at + n) return text;
    }
    try {
      return utf8.decode(this.#bytes.subarray(at, at + n));
    } catch {
      throw new MessagePackError('a text that is not UTF-8');
    }
  }

  /**
   * @param {number} n
   * @param {number} depth
   */
  #array(n, depth) {
    this.#check(n, depth);
    const list = new Array(n);
    for (let place = 0; place < n; place += 1) list[place] = this.#read(depth + 1);
    return list;
  }

  /**
   * @param {number} n
   * @param {number} depth
   */
  #map(n, depth) {
    this.#check(2 * n, depth);
    /** @type {Record<string, unknown>} */
    const map = {};
    for (let place = 0; place < n; place += 1) {
      const key = this.#read(depth + 1);
      if (typeof key !== 'string') throw new MessagePackError('a key that is no text');
      const value = this.#read(depth + 1);
      // Assigned to, this one name would change what the object inherits.
      if (key === '__proto__')
        Object.defineProperty(map, key, { value, enumerable: true, configurable: true, writable: true });
      else map[key] = value;
    }
    return map;
  }

  /**
   * Refuses lengths that the bytes can't hold, before memory is taken for them.
   *
   * @param {number} n
   * @param {number} depth
   */
  #check(n, depth) {
    if (depth >= MAX_DEPTH) throw new MessagePackError(`it nests deeper than ${MAX_DEPTH}`);
    if (n > this.#bytes.length - this.#at) throw new MessagePackError('cut off');
  }
}

/** @param {number} value */
function finite(value) {
  if (!Number.isFinite(value)) throw new MessagePackError('a number that is not finite');
  return value;
}

/** @param {bigint} value */
function safe(value) {
  const number = Number(value);
  if (!Number.isSafeInteger(number)) throw new MessagePackError('an integer beyond 53 bits');
  return number;
}
