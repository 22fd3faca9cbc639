import { isMap, listOf, mapOf, numberOf, textOf, wholeOf } from '../wire/fields.js';

const MAGIC = 0x46546c67;
const JSON_CHUNK = 0x4e4f534a;
const BIN_CHUNK = 0x004e4942;
const FLOAT = 5126;
/** @type {Record<number, [number, boolean]>} By component type: bytes, and whether it is signed. */
const COMPONENTS = { 5121: [1, false], 5123: [2, false], 5125: [4, false], [FLOAT]: [4, true] };
/** @type {Record<string, number>} */
const WIDTHS = { SCALAR: 1, VEC2: 2, VEC3: 3, VEC4: 4 };

/**
 * A GLB as the bridge writes it: one mesh, one primitive per material, no pictures and no extensions.
 *
 * @typedef {import('./meshes.js').MeshData} MeshData
 */
export class GlbFile {
  /** @type {Record<string, any>} */
  #json;
  #bin;

  /**
   * @param {Uint8Array} data
   * @throws {Error} If it is no GLB 2.0 file.
   */
  constructor(data) {
    const view = new DataView(data.buffer, data.byteOffset, data.byteLength);
    if (data.length < 20 || view.getUint32(0, true) !== MAGIC || view.getUint32(4, true) !== 2)
      throw new Error('no GLB file');
    const chunks = new Map();
    for (let at = 12; at + 8 <= data.length;) {
      const nBytes = view.getUint32(at, true);
      if (at + 8 + nBytes > data.length) throw new Error('it is cut short');
      chunks.set(view.getUint32(at + 4, true), data.subarray(at + 8, at + 8 + nBytes));
      at += 8 + nBytes;
    }
    const json = JSON.parse(new TextDecoder().decode(chunks.get(JSON_CHUNK) ?? new Uint8Array()));
    if (!isMap(json)) throw new Error('no GLB file');
    this.#json = json;
    this.#bin = /** @type {Uint8Array} */ (chunks.get(BIN_CHUNK) ?? new Uint8Array());
  }

  /** @returns {MeshData} All primitives of its first mesh in one set of vertices. */
  mesh() {
    const primitives = listOf(listOf(this.#json, 'meshes')[0] ?? {}, 'primitives').filter(isMap);
    if (primitives.length === 0) throw new Error('a file without a mesh');
    const parts = primitives.map((primitive) => this.#primitive(primitive));
    const nVertices = parts.reduce((sum, part) => sum + part.n, 0);
    const indices =
      nVertices > 0xffff ? new Uint32Array(count(parts, 'indices')) : new Uint16Array(count(parts, 'indices'));
    const surfaces = [];
    let [base, start] = [0, 0];
    for (const part of parts) {
      part.indices.forEach((index, place) => {
        indices[start + place] = base + index;
      });
      surfaces.push({ start, count: part.indices.length, material: part.material });
      base += part.n;
      start += part.indices.length;
    }
    return {
      kind: 'mesh',
      positions: Float32Array.from(parts.flatMap(({ positions }) => [...positions])),
      normals: Float32Array.from(parts.flatMap(({ normals }) => [...normals])),
      uv: Float32Array.from(parts.flatMap(({ uv }) => [...uv])),
      colors: Uint8Array.from(parts.flatMap(({ colors }) => [...colors])),
      indices,
      surfaces,
      min: [0, 0, 0],
      max: [0, 0, 0],
    };
  }

  /** @param {Record<string, any>} primitive */
  #primitive(primitive) {
    const attributes = mapOf(primitive, 'attributes');
    const positions = this.#numbers(attributes.POSITION, 3);
    const n = positions.length / 3;
    const raw = this.#numbers(attributes.COLOR_0, 4);
    const colors =
      raw.length === 4 * n ? Uint8Array.from(raw, (value) => Math.round(255 * value)) : new Uint8Array(4 * n).fill(255);
    const uv = this.#numbers(attributes.TEXCOORD_0, 2);
    return {
      n,
      positions,
      normals: this.#numbers(attributes.NORMAL, 3, 3 * n),
      uv: uv.length === 2 * n ? uv : new Float32Array(2 * n),
      colors,
      indices:
        primitive.indices === undefined
          ? Uint32Array.from({ length: n }, (_, i) => i)
          : this.#numbers(primitive.indices, 1),
      material: this.#material(primitive.material),
    };
  }

  /** @param {unknown} index */
  #material(index) {
    const material = listOf(this.#json, 'materials')[Number(index)];
    if (!isMap(material)) return {};
    const factors = mapOf(material, 'pbrMetallicRoughness');
    return {
      name: textOf(material, 'name'),
      base_color: Array.isArray(factors.baseColorFactor) ? factors.baseColorFactor.map(Number) : [1, 1, 1, 1],
      metallic: numberOf(factors, 'metallicFactor', 1),
      roughness: numberOf(factors, 'roughnessFactor', 1),
    };
  }

  /**
   * @param {unknown} index Of an accessor; none gives zeros.
   * @param {number} width Numbers of each item; a missing fourth one is 1.
   * @param {number} [nWithout] How many numbers there are without an accessor.
   * @returns {Float32Array | Uint32Array} Normalised integers as 0 to 1.
   */
  #numbers(index, width, nWithout = 0) {
    const accessor = listOf(this.#json, 'accessors')[Number(index)];
    if (index === undefined || !isMap(accessor)) return new Float32Array(nWithout);
    const [bytes] = COMPONENTS[wholeOf(accessor, 'componentType')] ?? [0];
    const given = WIDTHS[textOf(accessor, 'type')] ?? 0;
    const bufferView = listOf(this.#json, 'bufferViews')[wholeOf(accessor, 'bufferView', -1)];
    const n = wholeOf(accessor, 'count');
    if (bytes === 0 || given === 0 || !isMap(bufferView)) throw new Error("an accessor that can't be read");
    const stride = wholeOf(bufferView, 'byteStride', bytes * given);
    const start = wholeOf(bufferView, 'byteOffset') + wholeOf(accessor, 'byteOffset');
    if (n > 0 && start + (n - 1) * stride + bytes * given > this.#bin.length) throw new Error('it is cut short');
    const view = new DataView(this.#bin.buffer, this.#bin.byteOffset, this.#bin.byteLength);
    const read = reader(view, wholeOf(accessor, 'componentType'), accessor.normalized === true);
    const isFloat = width > 1;
    const out = isFloat ? new Float32Array(n * width).fill(1) : new Uint32Array(n);
    for (let item = 0; item < n; item += 1) {
      for (let part = 0; part < Math.min(width, given); part += 1) {
        out[item * width + part] = read(start + item * stride + part * bytes);
      }
    }
    return out;
  }
}

/**
 * @param {DataView} view
 * @param {number} type
 * @param {boolean} isNormalized
 * @returns {(at: number) => number}
 */
function reader(view, type, isNormalized) {
  if (type === FLOAT) return (at) => view.getFloat32(at, true);
  if (type === 5121) return isNormalized ? (at) => view.getUint8(at) / 0xff : (at) => view.getUint8(at);
  if (type === 5123) return isNormalized ? (at) => view.getUint16(at, true) / 0xffff : (at) => view.getUint16(at, true);
  return (at) => view.getUint32(at, true);
}

/**
 * @template {string} Name
 * @param {Record<Name, {length: number}>[]} parts
 * @param {Name} name
 */
function count(parts, name) {
  return parts.reduce((sum, part) => sum + part[name].length, 0);
}
