import { zipSync } from 'three/addons/libs/fflate.module.js';
import { MapReader } from './MapReader.js';
import { pngOf, slug } from './files.js';
import { mapsOf } from './maps.js';

/**
 * @typedef {import('three').MeshStandardMaterial} MeshStandardMaterial
 * @typedef {{name: string, material: MeshStandardMaterial}} Named
 */

/**
 * @param {import('three').WebGLRenderer} renderer
 * @param {Iterable<Named>} materials
 * @returns {Promise<Blob | null>} A ZIP with a folder of PNGs for each; null if none has maps.
 */
export async function materialFiles(renderer, materials) {
  const reader = new MapReader(renderer);
  /** @type {Record<string, HTMLCanvasElement>} */
  const pictures = {};
  // All are read at once: each wait would be as long as a frame.
  for (const { name, material } of materials) {
    const folder = unused(slug(name), Object.keys(pictures));
    for (const [role, map] of Object.entries(mapsOf(material))) pictures[`${folder}/${role}.png`] = reader.read(map);
  }
  reader.dispose();
  const files = await Promise.all(Object.entries(pictures).map(encoded));
  if (files.length === 0) return null;
  // PNGs are compressed already.
  const archive = zipSync(Object.fromEntries(files), { level: 0 });
  return new Blob([/** @type {Uint8Array<ArrayBuffer>} */ (archive)], { type: 'application/zip' });
}

/**
 * @param {[string, HTMLCanvasElement]} picture
 * @returns {Promise<[string, Uint8Array]>}
 */
async function encoded([path, canvas]) {
  const png = await pngOf(canvas);
  return [path, new Uint8Array(await png.arrayBuffer())];
}

/**
 * @param {string} folder
 * @param {string[]} paths Of files that are there.
 */
function unused(folder, paths) {
  const isTaken = (/** @type {string} */ name) => paths.some((path) => path.startsWith(`${name}/`));
  let name = folder;
  for (let number = 2; isTaken(name); number += 1) name = `${folder}-${number}`;
  return name;
}
