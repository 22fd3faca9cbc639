import { Ktx2 } from './Ktx2.js';
import { ARRAYS, readMesh } from './meshes.js';
import { KTX2, readBitmap, readCoarse, readKtx2 } from './pictures.js';

// Coarser pictures than this are not worth an upload of their own.
const MIN_COARSE_PX = 32;

/**
 * Turns files into what a graphics card takes.
 *
 * @typedef {import('../session/IncomingAsset.js').IncomingAsset} IncomingAsset
 * @typedef {import('./pictures.js').Picture} Picture
 * @typedef {import('./meshes.js').MeshData} MeshData
 * @typedef {{content: Picture | MeshData | Uint8Array<ArrayBuffer>, transfer: Transferable[]}} Decoded
 */
export class AssetDecoder {
  // Files of which coarse levels were shown, and the width of the last.
  /** @type {WeakMap<IncomingAsset, {file: Ktx2, shownPx: number}>} */
  #growing = new WeakMap();

  /**
   * @param {IncomingAsset} asset A complete one.
   * @returns {Decoded | Promise<Decoded>} At once where nothing has to be waited for.
   * @throws {Error} If its bytes are not what they are announced as.
   */
  decode(asset) {
    if (asset.mediaType === KTX2) return rename(readKtx2(asset));
    if (asset.mediaType.startsWith('image/')) return readBitmap(asset).then(rename);
    if (asset.mediaType === ARRAYS || asset.mediaType === 'model/gltf-binary') {
      const { mesh, transfer } = readMesh(asset.data, asset.mediaType);
      return { content: mesh, transfer };
    }
    return { content: asset.data, transfer: [asset.data.buffer] };
  }

  /**
   * @param {IncomingAsset} asset One that is still arriving.
   * @returns {Decoded | null} Its levels, if there are finer ones than those that were returned before.
   */
  coarse(asset) {
    if (asset.role !== 'base_color' || asset.mediaType !== KTX2) return null;
    let growing = this.#growing.get(asset);
    if (growing === undefined || !growing.file.isKnown) {
      growing = { file: new Ktx2(asset.data, asset.nArrived), shownPx: 0 };
      this.#growing.set(asset, growing);
    }
    const { file } = growing;
    const level = file.isKnown ? file.finestLevel(asset.nArrived) : -1;
    const levelPx = Math.max(file.widthPx, file.heightPx) >> level;
    if (level < 1 || levelPx < MIN_COARSE_PX || levelPx <= growing.shownPx) return null;
    growing.shownPx = levelPx;
    return rename(readCoarse(asset, file, level));
  }
}

/**
 * @param {{picture: Picture, transfer: Transferable[]}} read
 * @returns {Decoded}
 */
function rename({ picture, transfer }) {
  return { content: picture, transfer };
}
