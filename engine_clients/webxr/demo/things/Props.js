import * as THREE from 'three';

const TEXTURE_PX = 512;
const SMALL_M = 0.32;
// What is smaller belongs on tables.
const TABLE_M = 0.5;
const TURN_RAD = Math.PI / 4;

/**
 * @typedef {object} Place Where something can be put.
 * @property {string} name Such as `on the table`.
 * @property {THREE.Vector3} point
 * @property {boolean} isSmall Whether it has to fit on a table.
 *
 * @typedef {object} Prop A thing that was put down.
 * @property {import('vrbridge').BridgeMesh} mesh
 * @property {string} prompt
 * @property {boolean} isSmall
 */

/** The things that were put down. */
export class Props {
  #bridge;
  #root;
  #context;
  #log;
  #head = new THREE.Vector3();
  /** @type {Set<Prop>} */
  #props = new Set();

  /** Called when something has come, moved or gone. */
  onChanged = () => {};
  /** Called when one is gone. @type {(prop: Prop) => void} */
  onRemoved = () => {};

  /**
   * @param {import('vrbridge').VRBridge} bridge
   * @param {THREE.Object3D} root What they are put into.
   * @param {import('vrbridge').ContextSource} context Told of them, so that characters know of them.
   * @param {import('../telling/RequestLog.js').RequestLog} log Told when they can be seen.
   */
  constructor(bridge, root, context, log) {
    this.#log = log;
    this.#bridge = bridge;
    this.#root = root;
    this.#context = context;
  }

  /** @returns {Iterable<Prop>} */
  get all() {
    return this.#props;
  }

  /** Whether it is still there. @param {Prop} prop */
  has(prop) {
    return this.#props.has(prop);
  }

  /**
   * @param {THREE.Object3D} object
   * @returns {Prop | null} The one that it is a part of.
   */
  find(object) {
    for (const prop of this.#props) {
      /** @type {THREE.Object3D | null} */
      let part = object;
      while (part !== null && part !== prop.mesh) part = part.parent;
      if (part !== null) return prop;
    }
    return null;
  }

  /**
   * Asks for what stands there at the start.
   *
   * @param {import('../place/Courtyard.js').PropSpot} spot
   * @returns {Prop}
   */
  begin({ prompt, position, ...options }) {
    const place = { name: 'here', point: position, isSmall: (options.sizeM ?? 1) < TABLE_M };
    return this.#put(prompt, place, { ...options, priority: 'normal', seed: 1 });
  }

  /**
   * Asks for a thing, which turns its front to the player.
   *
   * @param {string} prompt
   * @param {Place} place
   * @returns {Prop} Gone again if nothing comes.
   */
  putDown(prompt, place) {
    const prop = this.#put(prompt, place);
    prop.mesh.on('failed', () => {
      if (this.has(prop) && prop.mesh.levels.length === 0) this.remove(prop);
    });
    return prop;
  }

  /**
   * @param {string} prompt
   * @param {Place} place
   * @param {{turnRad?: number, sizeM?: number, style?: string, priority?: 'interactive' | 'normal', seed?: number}} [options]
   * @returns {Prop}
   */
  #put(prompt, { point, isSmall }, { turnRad, sizeM, style, priority = 'interactive', seed } = {}) {
    const size = sizeM ?? (isSmall ? SMALL_M : undefined);
    const mesh = this.#bridge.mesh(prompt, {
      texturePx: TEXTURE_PX,
      sizeM: size,
      position: point,
      style,
      priority,
      seed,
    });
    const prop = { mesh, prompt, isSmall };
    mesh.name = prompt;
    this.#bridge.camera?.getWorldPosition(this.#head);
    mesh.rotation.y = turnRad ?? Math.atan2(this.#head.x - point.x, this.#head.z - point.z);
    mesh.on('levelShown', () => {
      this.#lightUp(mesh);
      this.#log.seen(mesh.request);
    });
    mesh.on('completed', () => {
      this.#lightUp(mesh);
      this.#log.whole(mesh.request);
    });
    mesh.on('failed', () => this.#log.stopped(mesh.request));
    this.#root.add(mesh);
    this.#props.add(prop);
    this.#context.add(mesh, { name: prompt });
    return prop;
  }

  /**
   * @param {Prop} prop
   * @param {string} prompt What stands there instead.
   */
  replace(prop, prompt) {
    prop.prompt = prompt;
    prop.mesh.name = prompt;
    this.#context.add(prop.mesh, { id: `thing-${prop.mesh.id}`, name: prompt });
    prop.mesh.generate(prompt, { priority: 'interactive', seed: undefined, style: undefined });
  }

  /** Asks for another one of the same. @param {Prop} prop */
  again(prop) {
    this.replace(prop, prop.prompt);
  }

  /** @param {Prop} prop */
  turn(prop) {
    prop.mesh.rotation.y += TURN_RAD;
    this.onChanged();
  }

  /**
   * @param {Prop} prop
   * @param {THREE.Vector3} point
   */
  move(prop, point) {
    prop.mesh.position.copy(point);
    this.onChanged();
  }

  /** @param {Prop} prop */
  remove(prop) {
    this.#props.delete(prop);
    this.#context.remove(prop.mesh);
    prop.mesh.dispose();
    this.onChanged();
    this.onRemoved(prop);
  }

  /** @param {THREE.Object3D} mesh */
  #lightUp(mesh) {
    mesh.traverse((part) => {
      part.castShadow = part.receiveShadow = part instanceof THREE.Mesh;
    });
    this.onChanged();
  }
}
