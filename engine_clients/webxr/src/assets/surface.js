import * as THREE from 'three';

/** Roles of the maps of a material. */
export const ROLES = /** @type {const} */ (['base_color', 'normal', 'orm']);

/**
 * How maps lie on a material of three.
 *
 * @typedef {(typeof ROLES)[number]} Role
 * @typedef {Partial<Record<Role, THREE.Texture>>} Maps
 */

/** @type {Map<string, THREE.Texture>} */
const neutral = new Map();

/**
 * Gives a material every map that will come, with neutral values: the shader stays the same then, and nothing has to be
 * compiled in the frame in which the real ones are there.
 *
 * @param {THREE.MeshStandardMaterial} material
 * @param {boolean} isPacked Whether normal maps will have two channels, which is another shader.
 */
export function prepare(material, isPacked) {
  for (const role of ROLES) put(material, role, neutralMap(role, isPacked));
  material.metalness = 1;
  material.roughness = 1;
  // The first row of our pictures is the top one, so that v runs down them and against their +Y.
  material.normalScale.set(1, -1);
}

/**
 * Puts a map on a material.
 *
 * @param {THREE.MeshStandardMaterial} material
 * @param {Role} role
 * @param {THREE.Texture} texture
 */
export function put(material, role, texture) {
  if (role === 'base_color') material.map = texture;
  else if (role === 'normal') material.normalMap = texture;
  else material.aoMap = material.roughnessMap = material.metalnessMap = texture;
}

/**
 * @param {readonly string[]} formats Of pictures, in order of preference.
 * @returns {boolean} Whether normal maps will come with two channels (BC5): of what is before it, nothing fits them.
 */
export function hasPackedNormals(formats) {
  return formats.find((format) => format !== 'bc1') === 'bc5';
}

/**
 * @param {THREE.MeshStandardMaterial} material
 * @returns {Maps} The maps that it has, without neutral ones.
 */
export function mapsOf(material) {
  const all = { base_color: material.map, normal: material.normalMap, orm: material.roughnessMap };
  const placeholders = new Set(neutral.values());
  return Object.fromEntries(Object.entries(all).filter(([, map]) => map !== null && !placeholders.has(map)));
}

/**
 * @param {Role} role
 * @param {boolean} isPacked
 * @returns {THREE.Texture}
 */
function neutralMap(role, isPacked) {
  const key = role === 'normal' && isPacked ? 'packed normal' : role;
  let texture = neutral.get(key);
  if (texture === undefined) {
    texture = key === 'packed normal' ? packedNormal() : plain(role);
    texture.needsUpdate = true;
    neutral.set(key, texture);
  }
  return texture;
}

/** @param {Role} role */
function plain(role) {
  const color = { base_color: [255, 255, 255], normal: [128, 128, 255], orm: [255, 230, 0] }[role];
  const texture = new THREE.DataTexture(new Uint8Array([...color, 255]), 1, 1);
  if (role === 'base_color') texture.colorSpace = THREE.SRGBColorSpace;
  return texture;
}

function packedNormal() {
  // One block of each channel: both ends 128, and all pixels at the first of them.
  const data = new Uint8Array([128, 128, 0, 0, 0, 0, 0, 0, 128, 128, 0, 0, 0, 0, 0, 0]);
  const mipmaps = [{ data, width: 4, height: 4 }];
  const texture = new THREE.CompressedTexture(mipmaps, 4, 4, THREE.RED_GREEN_RGTC2_Format, THREE.UnsignedByteType);
  texture.minFilter = THREE.LinearFilter;
  return texture;
}
