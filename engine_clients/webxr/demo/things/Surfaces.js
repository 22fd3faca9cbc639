const SIZE_PX = 512;
const FINE_PX = 1024;
// Nothing mirrors the sky here: light from all sides alone would leave pure metal black.
const METALNESS = 0.6;

/**
 * @typedef {import('../place/Courtyard.js').Surface} Surface
 * @typedef {import('vrbridge').BridgeMaterial} BridgeMaterial
 * @typedef {import('three').MeshStandardMaterial} MeshStandardMaterial
 */

/** The materials of the courtyard's surfaces. */
export class Surfaces {
  #bridge;
  #log;
  /** @type {Map<Surface, BridgeMaterial>} */
  #made = new Map();

  /**
   * @param {import('vrbridge').VRBridge} bridge
   * @param {import('../telling/RequestLog.js').RequestLog} log Told when materials can be seen.
   */
  constructor(bridge, log) {
    this.#bridge = bridge;
    this.#log = log;
  }

  /** Surfaces with the materials that were asked for. @returns {Iterable<[Surface, BridgeMaterial]>} */
  get made() {
    return this.#made;
  }

  /**
   * Asks for what the courtyard begins with, the coarse set that is there sooner.
   *
   * @param {Surface} surface
   * @returns {BridgeMaterial}
   */
  begin(surface) {
    return this.#make(surface, surface.beginning, { sizePx: SIZE_PX, priority: 'normal', seed: surface.seed });
  }

  /**
   * Makes a surface of something else. What is there stays until that can be seen.
   *
   * @param {Surface} surface
   * @param {string} prompt
   */
  cover(surface, prompt) {
    const made = this.#made.get(surface);
    const options = { sizePx: FINE_PX, priority: /** @type {const} */ ('interactive'), seed: undefined };
    if (made === undefined) this.#make(surface, prompt, options);
    else made.generate(prompt, options);
  }

  /**
   * @param {Surface} surface
   * @param {string} prompt
   * @param {import('vrbridge').MaterialOptions} options
   * @returns {BridgeMaterial}
   */
  #make(surface, prompt, options) {
    const [mesh] = surface.meshes;
    const plain = /** @type {MeshStandardMaterial} */ (mesh.material);
    const material = this.#bridge.material(prompt, { metresPerUv: 1, object: mesh, ...options });
    material.vertexColors = plain.vertexColors;
    material.side = plain.side;
    material.metalness = METALNESS;
    // Until the first picture is there it has the colour that the surface had.
    material.color.copy(plain.color);
    const isShown = material.on('shown', () => {
      material.color.set(0xffffff);
      isShown();
    });
    material.on('shown', () => this.#log.seen(material.request));
    material.on('completed', () => this.#log.whole(material.request));
    material.on('failed', () => this.#log.stopped(material.request));
    for (const part of surface.meshes) part.material = material;
    this.#made.set(surface, material);
    return material;
  }
}
