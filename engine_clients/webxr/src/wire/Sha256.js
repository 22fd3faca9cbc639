const ROUNDS = new Int32Array([
  0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5, 0xd807aa98,
  0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174, 0xe49b69c1, 0xefbe4786,
  0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da, 0x983e5152, 0xa831c66d, 0xb00327c8,
  0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967, 0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13,
  0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85, 0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819,
  0xd6990624, 0xf40e3585, 0x106aa070, 0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a,
  0x5b9cca4f, 0x682e6ff3, 0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7,
  0xc67178f2,
]);
const BLOCK_BYTES = 64;

/**
 * SHA-256 of bytes that arrive in pieces (FIPS 180-4).
 *
 * The browser's own is asynchronous, wants the whole file at once, and is missing on pages without HTTPS. This one
 * spreads its work over the chunks, and the message that brings the last one is also the one that is checked.
 */
export class Sha256 {
  #state = new Int32Array([
    0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab, 0x5be0cd19,
  ]);
  #words = new Int32Array(64);
  #rest = new Uint8Array(BLOCK_BYTES);
  #nRest = 0;
  #nBytes = 0;

  /** @param {Uint8Array} bytes */
  update(bytes) {
    this.#nBytes += bytes.length;
    let at = 0;
    if (this.#nRest > 0) {
      at = Math.min(bytes.length, BLOCK_BYTES - this.#nRest);
      this.#rest.set(bytes.subarray(0, at), this.#nRest);
      this.#nRest += at;
      if (this.#nRest < BLOCK_BYTES) return;
      this.#block(this.#rest, 0);
      this.#nRest = 0;
    }
    for (; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) this.#block(bytes, at);
    this.#rest.set(bytes.subarray(at));
    this.#nRest = bytes.length - at;
  }

  /** @returns {string} 64 hexadecimal digits; asked once, at the end. */
  finish() {
    const nBits = 8 * this.#nBytes;
    const padding = new Uint8Array((this.#nRest < 56 ? 56 : 120) - this.#nRest + 8);
    padding[0] = 0x80;
    const view = new DataView(padding.buffer);
    view.setUint32(padding.length - 8, Math.floor(nBits / 0x100000000));
    view.setUint32(padding.length - 4, nBits >>> 0);
    this.update(padding);
    return Array.from(this.#state, (word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
  }

  /**
   * @param {Uint8Array} bytes
   * @param {number} at
   */
  #block(bytes, at) {
    const w = this.#words;
    const s = this.#state;
    for (let i = 0, p = at; i < 16; i += 1, p += 4) {
      w[i] = (bytes[p] << 24) | (bytes[p + 1] << 16) | (bytes[p + 2] << 8) | bytes[p + 3];
    }
    for (let i = 16; i < 64; i += 1) {
      const x = w[i - 15];
      const y = w[i - 2];
      const s0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
      const s1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
      w[i] = (w[i - 16] + s0 + w[i - 7] + s1) | 0;
    }
    let [a, c, d, e, f, g, h, j] = s;
    for (let i = 0; i < 64; i += 1) {
      const s1 = ((f >>> 6) | (f << 26)) ^ ((f >>> 11) | (f << 21)) ^ ((f >>> 25) | (f << 7));
      const t1 = (j + s1 + ((f & g) ^ (~f & h)) + ROUNDS[i] + w[i]) | 0;
      const s0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
      const t2 = (s0 + ((a & c) ^ (a & d) ^ (c & d))) | 0;
      j = h;
      h = g;
      g = f;
      f = (e + t1) | 0;
      e = d;
      d = c;
      c = a;
      a = (t1 + t2) | 0;
    }
    [a, c, d, e, f, g, h, j].forEach((value, i) => {
      s[i] += value;
    });
  }
}
