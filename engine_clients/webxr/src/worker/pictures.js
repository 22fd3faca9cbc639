import { textOf } from '../wire/fields.js';
import { Ktx2 } from './Ktx2.js';

/** What pictures for graphics cards are announced as. */
export const KTX2 = 'image/ktx2';

// So much of a decoded picture is uploaded in one step.
const STRIP_BYTES = 1 << 17;

/**
 * A picture in the form in which it goes to the graphics card. The first row is the top one: blocks can't be turned
 * over, so that no picture is.
 *
 * @typedef {import('./Ktx2.js').Level} Level
 * @typedef {{top: number, heightPx: number, bitmap: ImageBitmap}} Strip
 * @typedef {object} Picture
 * @property {'picture'} kind
 * @property {number} widthPx
 * @property {number} heightPx
 * @property {'srgb' | 'linear'} colorSpace
 * @property {number} vkFormat 0 for strips.
 * @property {Level[]} levels The mip chain, the largest first; empty for strips.
 * @property {Strip[]} strips Rows of the only level, the rest of which the graphics card makes.
 */

/**
 * @param {import('../session/IncomingAsset.js').IncomingAsset} asset
 * @returns {'srgb' | 'linear'}
 */
function colorSpaceOf(asset) {
  const isColor = asset.role === 'base_color' || asset.role === 'preview';
  return textOf(asset.meta, 'color_space', isColor ? 'srgb' : 'linear') === 'srgb' ? 'srgb' : 'linear';
}

/**
 * @param {import('../session/IncomingAsset.js').IncomingAsset} asset A complete KTX2 file.
 * @returns {{picture: Picture, transfer: Transferable[]}}
 * @throws {Error} If it is none.
 */
export function readKtx2(asset) {
  const file = new Ktx2(asset.data);
  const levels = file.isKnown ? file.levels(asset.data) : [];
  if (!file.isKnown || file.finestLevel(asset.nBytes) !== 0) throw new Error(file.error || 'it is cut short');
  return { picture: pictureOf(asset, file, levels), transfer: [asset.data.buffer] };
}

/**
 * @param {import('../session/IncomingAsset.js').IncomingAsset} asset A KTX2 file that is still arriving.
 * @param {Ktx2} file
 * @param {number} from The largest level that is there.
 * @returns {{picture: Picture, transfer: Transferable[]}}
 */
export function readCoarse(asset, file, from) {
  const views = file.levels(asset.data, from);
  const levels = views.map((level) => ({ ...level, data: level.data.slice() }));
  return { picture: pictureOf(asset, file, levels), transfer: levels.map(({ data }) => data.buffer) };
}

/**
 * @param {import('../session/IncomingAsset.js').IncomingAsset} asset
 * @param {Ktx2} file
 * @param {Level[]} levels
 * @returns {Picture}
 */
function pictureOf(asset, file, levels) {
  const { widthPx, heightPx } = levels[0];
  return {
    kind: 'picture',
    widthPx,
    heightPx,
    colorSpace: colorSpaceOf(asset),
    vkFormat: file.vkFormat,
    levels,
    strips: [],
  };
}

/**
 * @param {import('../session/IncomingAsset.js').IncomingAsset} asset A JPEG, PNG or WebP file.
 * @returns {Promise<{picture: Picture, transfer: Transferable[]}>}
 * @throws {Error} If it can't be decoded.
 */
export async function readBitmap(asset) {
  // Nothing may change the numbers: colour is converted by the graphics card, and normals are no colours.
  /** @type {ImageBitmapOptions} */
  const options = { colorSpaceConversion: 'none', premultiplyAlpha: 'none' };
  const whole = await createImageBitmap(new Blob([asset.data], { type: asset.mediaType }), options);
  const { width, height } = whole;
  const stripPx = Math.max(1, Math.floor(STRIP_BYTES / (4 * width)));
  /** @type {Strip[]} */
  let strips = [{ top: 0, heightPx: height, bitmap: whole }];
  if (height > stripPx) {
    const tops = Array.from({ length: Math.ceil(height / stripPx) }, (_, place) => place * stripPx);
    strips = await Promise.all(
      tops.map(async (top) => {
        const heightPx = Math.min(stripPx, height - top);
        return { top, heightPx, bitmap: await createImageBitmap(whole, 0, top, width, heightPx, options) };
      }),
    );
    whole.close();
  }
  /** @type {Picture} */
  const picture = {
    kind: 'picture',
    widthPx: width,
    heightPx: height,
    colorSpace: colorSpaceOf(asset),
    vkFormat: 0,
    levels: [],
    strips,
  };
  return { picture, transfer: strips.map(({ bitmap }) => bitmap) };
}
