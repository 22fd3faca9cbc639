import * as THREE from 'three';

/** By vkFormat, the UNORM ones. @type {Record<number, number>} */
const COMPRESSED = {
  131: THREE.RGB_S3TC_DXT1_Format,
  133: THREE.RGBA_S3TC_DXT1_Format,
  137: THREE.RGBA_S3TC_DXT5_Format,
  139: THREE.RED_RGTC1_Format,
  141: THREE.RED_GREEN_RGTC2_Format,
  145: THREE.RGBA_BPTC_Format,
  147: THREE.RGB_ETC2_Format,
  151: THREE.RGBA_ETC2_EAC_Format,
  157: THREE.RGBA_ASTC_4x4_Format,
  165: THREE.RGBA_ASTC_6x6_Format,
};
/** By vkFormat. @type {Record<number, THREE.PixelFormat>} */
const PLAIN = { 0: THREE.RGBAFormat, 9: THREE.RedFormat, 16: THREE.RGFormat, 37: THREE.RGBAFormat };
/** What the graphics driver has to know for each format; the best first. @type {[string, string[]][]} */
const NEEDS = [
  ['bc1', ['WEBGL_compressed_texture_s3tc', 'WEBGL_compressed_texture_s3tc_srgb']],
  ['bc5', ['EXT_texture_compression_rgtc']],
  ['etc2', ['WEBGL_compressed_texture_etc']],
  ['astc4x4', ['WEBGL_compressed_texture_astc']],
];
// Made slowly by servers: taken, but not asked for before the others.
/** @type {[string, string[]][]} */
const LAST = [['bc7', ['EXT_texture_compression_bptc']]];

/**
 * @param {THREE.WebGLRenderer | null} renderer
 * @returns {string[]} What can be shown without decoding, and what can be decoded, best first.
 */
export function textureFormats(renderer) {
  // Phones and headsets know ETC2 and ASTC, desktops BC; some know all, and BC is made fastest. A normal map has no
  // place in BC1, and is large without compression.
  return [...known(renderer, NEEDS), ...known(renderer, LAST), 'webp', 'jpeg', 'png'];
}

/**
 * @param {THREE.WebGLRenderer | null} renderer
 * @param {[string, string[]][]} formats
 */
function known(renderer, formats) {
  return formats.filter(([, needs]) => needs.every((name) => renderer?.extensions.has(name))).map(([format]) => format);
}

/**
 * @param {number} vkFormat
 * @returns {THREE.CompressedPixelFormat | null} Null for pictures that are not compressed.
 */
export function compressedFormat(vkFormat) {
  return /** @type {THREE.CompressedPixelFormat} */ (COMPRESSED[vkFormat] ?? null);
}

/**
 * @param {number} vkFormat
 * @returns {THREE.PixelFormat} 0 stands for a bitmap.
 */
export function plainFormat(vkFormat) {
  return PLAIN[vkFormat];
}
