import * as THREE from 'three';
import { Emitter } from '../Emitter.js';
import { VRBridgeError } from '../VRBridgeError.js';
import { MeshLoader } from '../assets/MeshLoader.js';
import { hasPackedNormals, mapsOf } from '../assets/surface.js';

const PLACEHOLDER_M = 0.6;

let nMade = 0;

/**
 * @typedef {Record<string, any>} Message
 * @typedef {import('../VRBridgeRequest.js').VRBridgeRequest} VRBridgeRequest
 *
 * @typedef {object} MeshOptions
 * @property {number} [maxFaces] Most faces of the finest level: 50 to 20000, 1500 without.
 * @property {number} [lods] How many levels of detail: 1 to 4, 3 without.
 * @property {number} [sizeM] Longest side; without, the usual size of such a thing.
 * @property {number} [texturePx] Edge of the maps of its materials; without, the colours of its vertices alone.
 * @property {string} [style] What builds it: `generated`, `library`, `procedural` or a name that the server has.
 * @property {number} [seed] The same number makes the same thing.
 * @property {boolean} [hasCollider] It does without.
 * @property {boolean} [hasPlaceholder] Whether a faint box shows as long as nothing else is there; it does without.
 * @property {number} [lodBias] Larger values keep finer levels further away.
 * @property {THREE.Vector3} [position] Where it stands, from its parent. Given here it is known in time: what the player
 *   looks at is made first.
 * @property {'interactive' | 'normal' | 'background'} [priority]
 *
 * @typedef {object} MeshEvents
 * @property {{stage: string, fraction: number}} progressed
 * @property {{level: number}} levelShown A level can be seen; 0 is the finest.
 * @property {Message} completed Everything is there.
 * @property {VRBridgeError} failed It could not be made; what showed before stays.
 */

/**
 * A thing made from words, with levels of detail and a collider, that stands where it is put.
 *
 * The coarsest level shows first, finer ones replace it near the player. Its pivot is the centre of the floor below it;
 * its front looks along +Z.
 */
export class BridgeMesh extends THREE.LOD {
  #bridge;
  #options;
  /** @type {Emitter<MeshEvents>} */
  #emitter = new Emitter();
  /** @type {MeshLoader | null} */
  #loader = null;
  /** @type {Map<number, THREE.Mesh>} */
  #levelMeshes = new Map();
  /** Those of them that the thing has that was asked for last. @type {Set<number>} */
  #brought = new Set();
  #isColliderBrought = false;
  /** @type {THREE.Mesh | null} */
  #placeholder = null;
  #number = (nMade += 1);

  /** Its convex hull, for physics and rays; null as long as it is not there. @type {THREE.BufferGeometry | null} */
  collider = null;
  /** What the server said about it, once it is complete. @type {Message} */
  facts = {};
  /** The request that is open or was the last. @type {VRBridgeRequest | null} */
  request = null;
  /** Whether parts of it are on their way. */
  isGenerating = false;

  /**
   * @param {import('../VRBridge.js').VRBridge} bridge
   * @param {string} prompt What it is.
   * @param {MeshOptions} [options]
   */
  constructor(bridge, prompt, options = {}) {
    super();
    this.#bridge = bridge;
    this.#options = options;
    /** What it is. */
    this.prompt = prompt;
    if (options.position) this.position.copy(options.position);
    this.generate(prompt);
  }

  /** Resolves with it when everything is there, or rejects with a `VRBridgeError`. @returns {Promise<this>} */
  get ready() {
    return new Promise((resolve, reject) => {
      if (!this.isGenerating && this.request?.error) reject(this.request.error);
      else if (!this.isGenerating) resolve(this);
      else {
        this.on('completed', () => resolve(this));
        this.on('failed', reject);
      }
    });
  }

  /** Its box in its own space; empty as long as nothing shows. */
  get bounds() {
    const finest = [...this.#levelMeshes].sort(([a], [b]) => a - b)[0]?.[1];
    return finest?.geometry.boundingBox?.clone() ?? new THREE.Box3();
  }

  /**
   * @template {keyof MeshEvents} Name
   * @param {Name} name
   * @param {(event: MeshEvents[Name]) => void} listener
   * @returns {() => void} Ends it.
   */
  on(name, listener) {
    return this.#emitter.on(name, listener);
  }

  /**
   * @param {number} number 0 is the finest.
   * @returns {THREE.Mesh | null} Null if it is not there.
   */
  level(number) {
    return this.#levelMeshes.get(number) ?? null;
  }

  /**
   * Makes it anew, instead of what is still being made.
   *
   * @param {string} prompt
   * @param {MeshOptions} [options] Those that change.
   * @returns {VRBridgeRequest}
   */
  generate(prompt, options = {}) {
    this.cancel();
    this.prompt = prompt;
    this.#options = { ...this.#options, ...options };
    this.#showPlaceholder();
    this.#brought.clear();
    this.#isColliderBrought = false;
    const { uploader, budget, textureFormats } = this.#bridge;
    const stage = {
      uploader,
      budget,
      compile: (/** @type {THREE.Object3D} */ object) => this.#compile(object),
      isPacked: hasPackedNormals(textureFormats),
    };
    const loader = new MeshLoader(stage, {
      level: (number, mesh) => this.#show(number, mesh),
      collider: (geometry) => {
        this.collider?.dispose();
        this.collider = geometry;
        this.#isColliderBrought = true;
      },
      finished: () => this.#finished(loader),
    });
    const { priority } = this.#options;
    const anchor = { position: this.getWorldPosition(new THREE.Vector3()).toArray() };
    const request = this.#bridge.request('mesh', this.#params(), {
      slot: `mesh-${this.#number}`,
      priority,
      anchor,
      isDecoded: true,
    });
    this.#loader = loader;
    this.request = request;
    this.isGenerating = true;
    request.on('progressed', (event) => this.#emitter.emit('progressed', event));
    request.on('coarse', (asset) => loader.takeCoarse(asset));
    request.on('asset', (asset) => loader.take(asset));
    request.on('restarted', () => loader.restart());
    request.on('completed', () => loader.complete());
    request.on('unreadable', (error) => this.#emitter.emit('failed', error));
    request.on('failed', (error) => {
      if (this.request !== request) return;
      loader.restart();
      this.isGenerating = false;
      this.#hidePlaceholder();
      this.#emitter.emit('failed', error);
    });
    return request;
  }

  /** Stops what is being made. */
  cancel() {
    this.#loader?.restart();
    this.#loader = null;
    const isComing = this.isGenerating && this.request?.isEnded === true;
    this.request?.cancel();
    this.isGenerating = false;
    this.#hidePlaceholder();
    // Its request has ended well, and tells no more.
    if (isComing) this.#emitter.emit('failed', stopped());
  }

  /** Frees it, and takes it out of the scene. */
  dispose() {
    this.cancel();
    for (const mesh of this.#levelMeshes.values()) {
      mesh.geometry.dispose();
      for (const material of [mesh.material].flat()) {
        const maps = mapsOf(/** @type {THREE.MeshStandardMaterial} */ (material));
        for (const texture of Object.values(maps)) texture.dispose();
        material.dispose();
      }
    }
    this.collider?.dispose();
    this.removeFromParent();
  }

  /** @returns {any} A plain LOD that shares its levels: a second one would ask for them again. */
  clone() {
    return new THREE.LOD().copy(this);
  }

  #params() {
    const { maxFaces = 1500, lods = 3, sizeM, texturePx, style, seed, hasCollider = true } = this.#options;
    return {
      prompt: this.prompt,
      max_faces: maxFaces,
      lods,
      size_m: sizeM,
      texture_px: texturePx,
      style,
      seed,
      collider: hasCollider,
    };
  }

  /**
   * @param {number} number
   * @param {THREE.Mesh} mesh
   */
  #show(number, mesh) {
    this.#hidePlaceholder();
    const before = this.#levelMeshes.get(number);
    before?.removeFromParent();
    before?.geometry.dispose();
    this.#levelMeshes.set(number, mesh);
    this.#brought.add(number);
    this.#shareDistances();
    this.#emitter.emit('levelShown', { level: number });
  }

  /** Gives each level that is there its range of distances; together they cover all. */
  #shareDistances() {
    const sizeM = this.bounds.getSize(new THREE.Vector3());
    const longestM = Math.max(sizeM.x, sizeM.y, sizeM.z);
    this.levels.length = 0;
    let beginM = 0;
    for (const [number, mesh] of [...this.#levelMeshes].sort(([a], [b]) => a - b)) {
      this.addLevel(mesh, beginM);
      // Three times the distance is a ninth of the pixels.
      beginM = (this.#options.lodBias ?? 1) * longestM * 4 * 3 ** number;
    }
  }

  /** @param {MeshLoader} loader */
  #finished(loader) {
    if (this.#loader !== loader) return;
    this.#dropOlder();
    this.#loader = null;
    this.isGenerating = false;
    this.facts = this.request?.result ?? {};
    this.#emitter.emit('completed', this.facts);
  }

  /** Frees what the thing of before had and the present one has not, unless there is nothing of it to see. */
  #dropOlder() {
    if (this.#brought.size === 0) return;
    for (const [number, mesh] of this.#levelMeshes) {
      if (!this.#brought.has(number)) {
        mesh.removeFromParent();
        mesh.geometry.dispose();
        this.#levelMeshes.delete(number);
      }
    }
    if (!this.#isColliderBrought) {
      this.collider?.dispose();
      this.collider = null;
    }
    this.#shareDistances();
  }

  /**
   * Compiles the shaders that an object needs under the lights of the scene that this is in.
   *
   * @param {THREE.Object3D} object
   */
  async #compile(object) {
    /** @type {THREE.Object3D} */
    let top = this;
    while (top.parent !== null) top = top.parent;
    const { camera, renderer } = this.#bridge;
    if (camera === null || !(top instanceof THREE.Scene)) return;
    // Without the extension three would complain of it, and know no more of when they are ready.
    if (renderer.extensions.has('KHR_parallel_shader_compile')) await renderer.compileAsync(object, camera, top);
    else renderer.compile(object, camera, top);
  }

  #showPlaceholder() {
    if (this.#options.hasPlaceholder === false || this.#levelMeshes.size > 0) return;
    const sideM = this.#options.sizeM ?? PLACEHOLDER_M;
    const look = { color: 0x99ccff, transparent: true, opacity: 0.18, depthWrite: false };
    this.#placeholder = new THREE.Mesh(new THREE.BoxGeometry(sideM, sideM, sideM), new THREE.MeshBasicMaterial(look));
    this.#placeholder.position.y = sideM / 2;
    this.add(this.#placeholder);
  }

  #hidePlaceholder() {
    if (this.#placeholder === null) return;
    this.#placeholder.removeFromParent();
    this.#placeholder.geometry.dispose();
    /** @type {THREE.Material} */ (this.#placeholder.material).dispose();
    this.#placeholder = null;
  }
}

function stopped() {
  return new VRBridgeError({ code: 'cancelled', message: 'It was stopped before all of it was in the scene.' });
}
