import { Box3, MeshStandardMaterial, Vector3 } from 'three';
import { Emitter } from '../Emitter.js';
import { VRBridgeError } from '../VRBridgeError.js';
import { MapLoader } from '../assets/MapLoader.js';
import { hasPackedNormals, mapsOf, prepare } from '../assets/surface.js';

let nMade = 0;

/**
 * @typedef {Record<string, any>} Message
 * @typedef {import('../VRBridgeRequest.js').VRBridgeRequest} VRBridgeRequest
 *
 * @typedef {object} MaterialOptions
 * @property {number} [sizePx] Edge of each map: a power of two from 64 to 2048, 512 without.
 * @property {number} [seed] The same number makes the same material.
 * @property {string} [style] Words that join the prompt, such as `dark and mossy`, or a network that the server has.
 * @property {string} [format] Instead of the best one that this machine shows.
 * @property {number} [metresPerTile] Length that one tile covers; without, what the server says.
 * @property {number | [number, number]} [metresPerUv] Length that one unit of the mesh's texture coordinates covers: 1
 *   for coordinates in metres; for three's planes and boxes the length of their sides.
 * @property {Uint8Array} [image] A JPEG, PNG or WebP file that becomes the material; the prompt is not used then.
 * @property {import('three').Object3D} [object] What it is for: with it the server knows where that is, and what the
 *   player looks at is made first.
 * @property {'interactive' | 'normal' | 'background'} [priority]
 *
 * @typedef {object} MaterialEvents
 * @property {{stage: string, fraction: number}} progressed
 * @property {{widthPx: number}} shown A coarser picture of it shows.
 * @property {Message} completed All maps are in place.
 * @property {VRBridgeError} failed It could not be made; what showed before stays.
 */

/**
 * A material made from words. A small preview shows first, then coarser levels as they arrive, and all maps are swapped
 * in together once the set is complete: base colour, normal, and occlusion, roughness and metallic in one.
 */
export class BridgeMaterial extends MeshStandardMaterial {
  #bridge;
  /** @type {MaterialOptions} */
  #options;
  /** @type {Emitter<MaterialEvents>} */
  #emitter = new Emitter();
  /** @type {MapLoader | null} */
  #loader = null;
  #number = (nMade += 1);

  /** The request that is open or was the last. @type {VRBridgeRequest | null} */
  request = null;
  /** What the server said about it, once it is complete: `origin model seed confidence nearest`. @type {Message} */
  facts = {};
  /** Whether maps are on their way. */
  isGenerating = false;

  /**
   * @param {import('../VRBridge.js').VRBridge} bridge
   * @param {string} prompt What the surface is made of.
   * @param {MaterialOptions} [options]
   */
  constructor(bridge, prompt, options = {}) {
    super();
    this.#bridge = bridge;
    this.#options = options;
    /** What the surface is made of. */
    this.prompt = prompt;
    prepare(this, hasPackedNormals(bridge.textureFormats));
    this.generate(prompt);
  }

  /** @returns {Promise<this>} Resolves when all maps are in place; rejects with a `VRBridgeError`. */
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

  /**
   * @template {keyof MaterialEvents} Name
   * @param {Name} name
   * @param {(event: MaterialEvents[Name]) => void} listener
   * @returns {() => void} Ends it.
   */
  on(name, listener) {
    return this.#emitter.on(name, listener);
  }

  /**
   * Makes it anew, instead of what is still being made.
   *
   * @param {string} prompt
   * @param {MaterialOptions} [options] Those that change.
   * @returns {VRBridgeRequest}
   */
  generate(prompt, options = {}) {
    this.cancel();
    this.prompt = prompt;
    this.#options = { ...this.#options, ...options };
    const loader = new MapLoader(this, this.#bridge.uploader, {
      shown: (widthPx) => {
        this.#lay();
        this.#emitter.emit('shown', { widthPx });
      },
      swapped: () => this.#swapped(loader),
    });
    const { image, object, priority } = this.#options;
    const request = this.#bridge.request(image ? 'material' : 'texture', this.#params(), {
      // A newer prompt of the same material makes the older one pointless.
      slot: `material-${this.#number}`,
      priority,
      anchor: object && { position: new Box3().setFromObject(object).getCenter(new Vector3()).toArray() },
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
      loader.abandon();
      this.isGenerating = false;
      this.#emitter.emit('failed', error);
    });
    return request;
  }

  /** Stops what is being made. */
  cancel() {
    this.#loader?.abandon();
    this.#loader = null;
    const isComing = this.isGenerating && this.request?.isEnded === true;
    this.request?.cancel();
    this.isGenerating = false;
    // Its request has ended well, and tells no more.
    if (isComing) this.#emitter.emit('failed', stopped());
  }

  /** Frees it and its maps. */
  dispose() {
    this.cancel();
    for (const texture of Object.values(mapsOf(this))) texture.dispose();
    super.dispose();
  }

  /** @returns {any} A plain material with the same maps: a second one would ask for them again. */
  clone() {
    return new MeshStandardMaterial().copy(this);
  }

  #params() {
    const { image, sizePx = 512, seed, style, format, metresPerTile } = this.#options;
    return image
      ? { image, size_px: sizePx, format, metres_per_tile: metresPerTile }
      : { prompt: this.prompt, size_px: sizePx, seed, style, format };
  }

  /** @param {MapLoader} loader */
  #swapped(loader) {
    if (this.#loader !== loader) return;
    this.#lay();
    this.#loader = null;
    this.isGenerating = false;
    this.facts = this.request?.result ?? {};
    this.#emitter.emit('completed', this.facts);
  }

  /** Lays the maps on in metres. */
  #lay() {
    const { metresPerUv = 1, metresPerTile = this.#loader?.metresPerTile || 1 } = this.#options;
    const [u, v] = typeof metresPerUv === 'number' ? [metresPerUv, metresPerUv] : metresPerUv;
    for (const map of [this.map, this.normalMap, this.roughnessMap]) {
      // v runs up on three's shapes, and down our pictures.
      if (map !== null && Object.values(mapsOf(this)).includes(map))
        map.repeat.set(u / metresPerTile, -v / metresPerTile);
    }
  }
}

function stopped() {
  return new VRBridgeError({ code: 'cancelled', message: 'It was stopped before all of it was in the scene.' });
}
