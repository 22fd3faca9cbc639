const IDENTIFIER = [0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a];
const INDEX_START = 80;
const LEVEL_BYTES = 24;
const MAX_PX = 16384;
/**
 * By vkFormat, the UNORM ones: edge of a block in pixels, and its bytes.
 *
 * @type {Record<number, [number, number]>}
 */
const BLOCKS = {
  9: [1, 1],
  16: [1, 2],
  37: [1, 4],
  131: [4, 8],
  133: [4, 8],
  137: [4, 16],
  139: [4, 8],
  141: [4, 16],
  145: [4, 16],
  147: [4, 8],
  151: [4, 16],
  157: [4, 16],
  165: [6, 16],
};

/**
 * A KTX2 file of native blocks, which may still be arriving: its smallest levels come first.
 *
 * @typedef {{widthPx: number, heightPx: number, data: Uint8Array<ArrayBuffer>}} Level
 */
export class Ktx2 {
  /** @type {{start: number, nBytes: number}[]} */
  #levels = [];

  /** What is wrong with the file; empty if nothing is. */
  error = '';
  vkFormat = 0;
  /** Of the largest level, as is the height. */
  widthPx = 0;
  heightPx = 0;

  /**
   * Reads the header; `isKnown` is false as long as it is not complete.
   *
   * @param {Uint8Array} data
   * @param {number} [nArrived]
   */
  constructor(data, nArrived = data.length) {
    if (nArrived < INDEX_START) return;
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    const nLevels = view.getUint32(40, true);
    this.vkFormat = view.getUint32(12, true);
    this.widthPx = view.getUint32(20, true);
    this.heightPx = view.getUint32(24, true);
    if (IDENTIFIER.some((byte, place) => data[place] !== byte)) this.error = 'no KTX2 file';
    else if (!(this.vkFormat in BLOCKS) || view.getUint32(44, true) !== 0) {
      this.error = `vkFormat ${this.vkFormat}, which this page can't show`;
    } else if (Math.min(this.widthPx, this.heightPx) < 1 || Math.max(this.widthPx, this.heightPx) > MAX_PX) {
      this.error = `${this.widthPx} × ${this.heightPx} pixels`;
    } else if (nLevels < 1 || nLevels > 16) this.error = `${nLevels} levels`;
    if (this.error || nArrived < INDEX_START + nLevels * LEVEL_BYTES) return;
    for (let level = 0; level < nLevels; level += 1) {
      const at = INDEX_START + level * LEVEL_BYTES;
      this.#levels.push({
        start: Number(view.getBigUint64(at, true)),
        nBytes: Number(view.getBigUint64(at + 8, true)),
      });
    }
    this.#check();
  }

  /** Whether the header is there and can be used. */
  get isKnown() {
    return this.#levels.length > 0 && this.error === '';
  }

  /**
   * @param {number} nArrived
   * @returns {number} The largest level that is there with all smaller ones; -1 if none is.
   */
  finestLevel(nArrived) {
    return this.#levels.findIndex(({ start, nBytes }) => start + nBytes <= nArrived);
  }

  /**
   * @param {Uint8Array<ArrayBuffer>} data
   * @param {number} [from]
   * @returns {Level[]} The levels from one down, the largest first, as views into the data.
   */
  levels(data, from = 0) {
    return this.#levels.slice(from).map(({ start, nBytes }, place) => ({
      widthPx: Math.max(1, this.widthPx >> (from + place)),
      heightPx: Math.max(1, this.heightPx >> (from + place)),
      data: data.subarray(start, start + nBytes),
    }));
  }

  #check() {
    const [edge, blockBytes] = BLOCKS[this.vkFormat];
    this.#levels.forEach(({ nBytes }, level) => {
      const wide = Math.ceil(Math.max(1, this.widthPx >> level) / edge);
      const high = Math.ceil(Math.max(1, this.heightPx >> level) / edge);
      if (nBytes !== wide * high * blockBytes) this.error = 'its levels have not the sizes that they must have';
    });
  }
}
