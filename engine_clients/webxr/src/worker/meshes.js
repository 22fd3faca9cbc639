import { MessagePackReader } from '../wire/MessagePackReader.js';
import { bytesOf, isMap, listOf, mapOf, wholeOf } from '../wire/fields.js';
import { GlbFile } from './GlbFile.js';

/** What meshes as bare arrays are announced as. */
export const ARRAYS = 'application/vnd.vrbridge.arrays';

const MAX_VERTICES = 1 << 20;

/**
 * A mesh as the graphics card takes it: one set of vertices, and a range of indices for each material.
 *
 * @typedef {object} SurfaceMaterial
 * @property {string} [name]
 * @property {number[]} [base_color] Linear RGBA.
 * @property {number} [metallic]
 * @property {number} [roughness]
 *
 * @typedef {{start: number, count: number, material: SurfaceMaterial}} Surface
 * @typedef {object} MeshData
 * @property {'mesh'} kind
 * @property {Float32Array<ArrayBuffer>} positions (V, 3), in metres.
 * @property {Float32Array<ArrayBuffer>} normals (V, 3); empty for a collider without.
 * @property {Float32Array<ArrayBuffer>} uv (V, 2), in metres unless it was unwrapped.
 * @property {Uint8Array<ArrayBuffer>} colors (V, 4) linear RGBA.
 * @property {Uint16Array<ArrayBuffer> | Uint32Array<ArrayBuffer>} indices
 * @property {Surface[]} surfaces
 * @property {[number, number, number]} min Of its box, as is max.
 * @property {[number, number, number]} max
 */

/**
 * @param {Uint8Array} data
 * @param {string} mediaType
 * @returns {{mesh: MeshData, transfer: Transferable[]}}
 * @throws {Error} If the bytes make no mesh.
 */
export function readMesh(data, mediaType) {
  const mesh = mediaType === ARRAYS ? readArrays(data) : new GlbFile(data).mesh();
  check(mesh);
  const { positions, normals, uv, colors, indices } = mesh;
  return { mesh, transfer: [positions, normals, uv, colors, indices].map((array) => array.buffer) };
}

/**
 * @param {Uint8Array} data
 * @returns {MeshData}
 */
function readArrays(data) {
  const map = MessagePackReader.decode(data);
  if (!isMap(map)) throw new Error('no map of arrays');
  const indexBytes = wholeOf(map, 'index_bytes', 2);
  if (indexBytes !== 2 && indexBytes !== 4) throw new Error(`indices of ${indexBytes} bytes`);
  const raw = copied(map, 'indices', indexBytes);
  const indices = indexBytes === 2 ? new Uint16Array(raw) : new Uint32Array(raw);
  const surfaces = listOf(map, 'surfaces')
    .filter(isMap)
    .map((surface) => ({
      start: wholeOf(surface, 'start', -1),
      count: wholeOf(surface, 'count', -1),
      material: mapOf(surface, 'material'),
    }));
  if (surfaces.length === 0) surfaces.push({ start: 0, count: indices.length, material: mapOf(map, 'material') });
  return {
    kind: 'mesh',
    positions: new Float32Array(copied(map, 'positions', 12)),
    normals: new Float32Array(copied(map, 'normals', 12)),
    uv: new Float32Array(copied(map, 'uv', 8)),
    colors: new Uint8Array(copied(map, 'colors', 4)),
    indices,
    surfaces,
    min: [0, 0, 0],
    max: [0, 0, 0],
  };
}

/**
 * Copies a field's bytes to where numbers may begin: in the message they lie anywhere.
 *
 * @param {Record<string, any>} map
 * @param {string} name
 * @param {number} itemBytes
 */
function copied(map, name, itemBytes) {
  const bytes = bytesOf(map, name);
  if (bytes.length % itemBytes !== 0) throw new Error(`${name} of ${bytes.length} bytes`);
  return bytes.slice().buffer;
}

/** @param {MeshData} mesh */
function check(mesh) {
  const n = mesh.positions.length / 3;
  if (n === 0 || n > MAX_VERTICES) throw new Error(`${n} vertices`);
  if (mesh.normals.length !== 3 * n || mesh.uv.length !== 2 * n || mesh.colors.length !== 4 * n) {
    throw new Error('arrays of different lengths');
  }
  for (const { start, count } of mesh.surfaces) {
    if (start < 0 || count < 3 || count % 3 !== 0 || start + count > mesh.indices.length) {
      throw new Error(`a surface of indices ${start} to ${start + count} of ${mesh.indices.length}`);
    }
  }
  for (const index of mesh.indices) if (index >= n) throw new Error(`index ${index} of ${n} vertices`);
  measure(mesh);
}

/** @param {MeshData} mesh */
function measure({ positions, min, max }) {
  min.fill(Infinity);
  max.fill(-Infinity);
  for (let place = 0; place < positions.length; place += 1) {
    const axis = place % 3;
    const value = positions[place];
    if (!Number.isFinite(value)) throw new Error('a position that is not finite');
    if (value < min[axis]) min[axis] = value;
    if (value > max[axis]) max[axis] = value;
  }
}
