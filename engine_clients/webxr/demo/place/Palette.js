import * as THREE from 'three';
import { pattern } from './patterns.js';

/**
 * @typedef {import('./Sculpture.js').Sculpture} Sculpture
 * @typedef {'wall' | 'floor' | 'table' | 'roof' | 'wood' | 'metal'} Kind
 *
 * @typedef {object} Surface What a material can be asked for.
 * @property {string} id
 * @property {string} name What players and characters call it.
 * @property {Kind} kind
 * @property {THREE.Mesh[]} meshes All share one material; texture coordinates in metres, u to the right, v up.
 * @property {string} beginning What it is made of at the start.
 * @property {number} seed With it, the beginning looks the same each time.
 * @property {boolean} isEssential Whether its material is asked for at the start; else it is left plain.
 */

/**
 * Each: kind, name, what it is made of and the seed that made it well, whether it is asked for at the start, and its looks
 * until then: colour, pattern and the length that one tile of it covers.
 *
 * @type {Record<string, [Kind, string, string, number, boolean, number, string, number]>}
 */
const SURFACES = {
  ground: ['floor', 'the ground', 'sandstone cobblestone', 1700319283, true, 0xb3a28a, 'stones', 1],
  'north-wall': ['wall', 'the wall ahead', 'old sandstone bricks', 979787518, true, 0xd8b88c, 'courses', 1.6],
  house: ['wall', 'the front of the house', 'cream plaster', 1584859401, true, 0xe6d8be, 'plaster', 2],
  wood: ['wood', 'the beams and doors', 'old brown wood', 496680410, true, 0x7a5638, 'boards', 1],
  roof: ['roof', 'the roofs', 'terracotta roof tiles', 150964815, true, 0xb5593c, 'courses', 1.2],
  'west-wall': ['wall', 'the wall on the left', 'mossy stone wall', 1573349342, true, 0x9a9684, 'stones', 1.8],
  forge: ['wall', 'the forge', 'red brick wall', 548826927, true, 0xa9563f, 'courses', 1.2],
  table: ['table', 'the table', 'weathered oak planks', 925933635, true, 0xa8794b, 'boards', 1],
  trim: ['wall', 'the cut stone', 'sandstone', 57985674, false, 0xc9b79c, 'plaster', 1],
  hood: ['metal', 'the hood over the fire', 'hammered copper', 1447829888, false, 0x9a5c3c, 'plaster', 1],
  'sample-wall': ['wall', 'the piece of wall', 'old sandstone bricks', 979787518, false, 0xd8b88c, 'courses', 1.6],
};

/** The materials of the place: one for each surface, one for all that is painted, one for all that glows. */
export class Palette {
  /** @type {Map<string, Surface>} */
  #surfaces = new Map();
  /** @type {Map<string, THREE.MeshStandardMaterial>} */
  #plain = new Map();

  /** Of what has its colours in its vertices. Its white map lets it share the surfaces' shader. */
  painted = new THREE.MeshStandardMaterial({ map: pattern('white'), vertexColors: true, roughness: 0.85 });
  /** Of flames' beds, bulbs and windows. */
  glow = new THREE.MeshBasicMaterial({ vertexColors: true, fog: false });

  /** @returns {Surface[]} Those that have a mesh; what is seen most comes first. */
  get surfaces() {
    return Object.keys(SURFACES).flatMap((id) => this.#surfaces.get(id) ?? []);
  }

  /**
   * @param {string} id A surface.
   * @param {Sculpture} sculpture
   * @returns {THREE.Mesh} Another mesh of that surface.
   */
  cover(id, sculpture) {
    const mesh = sculpture.toMesh(this.#material(id), id);
    this.#surface(id).meshes.push(mesh);
    return mesh;
  }

  /**
   * @param {Sculpture} sculpture
   * @param {string} [name]
   * @returns {THREE.Mesh}
   */
  paint(sculpture, name) {
    return sculpture.toMesh(this.painted, name);
  }

  /**
   * @param {Sculpture} sculpture
   * @param {string} [name]
   * @returns {THREE.Mesh} It throws no shadow, and none falls on it.
   */
  light(sculpture, name) {
    const mesh = sculpture.toMesh(this.glow, name);
    mesh.castShadow = false;
    mesh.receiveShadow = false;
    return mesh;
  }

  /** @param {string} id */
  #surface(id) {
    const before = this.#surfaces.get(id);
    if (before !== undefined) return before;
    const [kind, name, beginning, seed, isEssential] = SURFACES[id];
    /** @type {Surface} */
    const surface = { id, kind, name, beginning, seed, isEssential, meshes: [] };
    this.#surfaces.set(id, surface);
    return surface;
  }

  /** @param {string} id */
  #material(id) {
    const before = this.#plain.get(id);
    if (before !== undefined) return before;
    const [kind, , , , , color, look, metresPerTile] = SURFACES[id];
    const map = pattern(look).clone();
    map.repeat.setScalar(1 / metresPerTile);
    const roughness = kind === 'metal' ? 0.5 : 0.9;
    const material = new THREE.MeshStandardMaterial({ color, map, roughness, vertexColors: true });
    this.#plain.set(id, material);
    return material;
  }
}
