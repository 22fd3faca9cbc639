import * as THREE from 'three';
import { listOf, numberOf, textOf } from '../wire/fields.js';
import { MapLoader } from './MapLoader.js';
import { mapsOf, prepare } from './surface.js';

/**
 * Turns the assets of a mesh request into meshes, a collider and the maps of their materials.
 *
 * @typedef {import('../VRBridgeAsset.js').VRBridgeAsset} VRBridgeAsset
 * @typedef {import('../worker/meshes.js').MeshData} MeshData
 * @typedef {import('../worker/meshes.js').SurfaceMaterial} SurfaceMaterial
 *
 * @typedef {object} Listeners
 * @property {(level: number, mesh: THREE.Mesh) => void} level A level can be shown; 0 is the finest.
 * @property {(geometry: THREE.BufferGeometry) => void} collider
 * @property {() => void} finished Everything that came was loaded.
 *
 * @typedef {object} Stage What is needed to make things ready to be shown.
 * @property {import('./TextureUploader.js').TextureUploader} uploader
 * @property {import('../FrameBudget.js').FrameBudget} budget
 * @property {(object: THREE.Object3D) => Promise<void>} compile Compiles what an object needs, beside the frames.
 * @property {boolean} isPacked Whether normal maps will have two channels.
 */
export class MeshLoader {
  #stage;
  #tell;
  #nLoading = 0;
  #isComplete = false;
  #round = 0;
  /** By name, shared by all levels, so that maps are bound once. @type {Map<string, THREE.MeshStandardMaterial>} */
  #materials = new Map();
  /** @type {Map<string, {loader: MapLoader, textured: THREE.MeshStandardMaterial}>} */
  #maps = new Map();
  /** @type {THREE.Mesh[]} */
  #meshes = [];

  /**
   * @param {Stage} stage
   * @param {Listeners} tell
   */
  constructor(stage, tell) {
    this.#stage = stage;
    this.#tell = tell;
  }

  /**
   * Takes a complete asset.
   *
   * @param {VRBridgeAsset} asset
   */
  take(asset) {
    if (/** @type {MeshData} */ (asset.content).kind === 'mesh') this.#takeMesh(asset);
    else this.#mapsOf(asset).loader.take(asset);
  }

  /**
   * Takes the levels of a map that are there already.
   *
   * @param {VRBridgeAsset} asset
   */
  takeCoarse(asset) {
    this.#mapsOf(asset).loader.takeCoarse(asset);
  }

  /** Says that everything has come. */
  complete() {
    this.#isComplete = true;
    // Maps that nobody wears end at once; it is over when all were counted.
    this.#nLoading += 1;
    for (const { loader } of this.#maps.values()) {
      this.#nLoading += 1;
      loader.complete();
    }
    this.#loaded(this.#round);
  }

  /** Forgets what came, since it comes once more or is not wanted any more. */
  restart() {
    this.#round += 1;
    for (const { loader } of this.#maps.values()) loader.restart();
    this.#maps.clear();
    this.#nLoading = 0;
    this.#isComplete = false;
  }

  /** @param {VRBridgeAsset} asset */
  #takeMesh(asset) {
    const round = this.#round;
    asset.hold();
    this.#nLoading += 1;
    this.#stage.budget.addHeavy(async () => {
      const data = /** @type {MeshData} */ (asset.content);
      const geometry = geometryOf(data);
      asset.release();
      if (asset.role === 'collider') {
        if (round === this.#round) this.#tell.collider(geometry);
      } else {
        const materials = data.surfaces.map(({ material }) => this.#material(material));
        const mesh = new THREE.Mesh(geometry, materials.length > 1 ? materials : materials[0]);
        await this.#stage.compile(mesh);
        if (round === this.#round) {
          this.#meshes.push(mesh);
          this.#tell.level(Number(asset.role.replace('lod', '')), mesh);
        }
      }
      this.#loaded(round);
    });
  }

  /** @param {SurfaceMaterial} facts */
  #material(facts) {
    const name = textOf(facts, 'name');
    let material = this.#materials.get(name);
    if (material === undefined) {
      material = new THREE.MeshStandardMaterial({ name, vertexColors: true });
      const factor = listOf(facts, 'base_color');
      if (factor.length === 4) material.color.setRGB(factor[0], factor[1], factor[2]);
      material.metalness = numberOf(facts, 'metallic');
      material.roughness = numberOf(facts, 'roughness', 1);
      this.#materials.set(name, material);
    }
    return material;
  }

  /** @param {VRBridgeAsset} asset */
  #mapsOf(asset) {
    const name = textOf(asset.meta, 'material');
    let maps = this.#maps.get(name);
    if (maps === undefined) {
      const textured = new THREE.MeshStandardMaterial({ name });
      prepare(textured, this.#stage.isPacked);
      const round = this.#round;
      const loader = new MapLoader(textured, this.#stage.uploader, {
        shown: () => {},
        swapped: () => this.#bind(name, round),
      });
      maps = { loader, textured };
      this.#maps.set(name, maps);
    }
    return maps;
  }

  /**
   * Puts complete maps on everything of a material, whose colours stood in for them.
   *
   * @param {string} name
   * @param {number} round
   */
  async #bind(name, round) {
    const maps = this.#maps.get(name);
    const plain = this.#materials.get(name);
    if (maps === undefined || plain === undefined) {
      this.#loaded(round);
      return;
    }
    const { loader, textured } = maps;
    const metres = loader.metresPerTile || 1;
    for (const map of Object.values(mapsOf(textured))) map.repeat.set(1 / metres, 1 / metres);
    const [first] = this.#meshes;
    if (first !== undefined) {
      // It is another shader; a stand-in that is never shown has it compiled before.
      await this.#stage.compile(new THREE.Mesh(first.geometry, textured));
      if (round !== this.#round) return;
    }
    for (const mesh of this.#meshes) {
      mesh.material = Array.isArray(mesh.material)
        ? mesh.material.map((material) => (material === plain ? textured : material))
        : mesh.material === plain
          ? textured
          : mesh.material;
    }
    this.#materials.set(name, textured);
    this.#loaded(round);
  }

  /** @param {number} round */
  #loaded(round) {
    if (round !== this.#round) return;
    this.#nLoading -= 1;
    this.#finishIfReady();
  }

  #finishIfReady() {
    if (!this.#isComplete || this.#nLoading > 0) return;
    this.#isComplete = false;
    this.#tell.finished();
  }
}

/**
 * @param {MeshData} data
 * @returns {THREE.BufferGeometry}
 */
function geometryOf({ positions, normals, uv, colors, indices, surfaces, min, max }) {
  const geometry = new THREE.BufferGeometry();
  geometry.setAttribute('position', new THREE.BufferAttribute(positions, 3));
  geometry.setAttribute('normal', new THREE.BufferAttribute(normals, 3));
  geometry.setAttribute('uv', new THREE.BufferAttribute(uv, 2));
  geometry.setAttribute('color', new THREE.BufferAttribute(colors, 4, true));
  geometry.setIndex(new THREE.BufferAttribute(indices, 1));
  if (surfaces.length > 1) surfaces.forEach(({ start, count }, place) => geometry.addGroup(start, count, place));
  geometry.boundingBox = new THREE.Box3(new THREE.Vector3(...min), new THREE.Vector3(...max));
  geometry.boundingSphere = geometry.boundingBox.getBoundingSphere(new THREE.Sphere());
  return geometry;
}
