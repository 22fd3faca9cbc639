import * as THREE from 'three';
import { Emitter } from '../Emitter.js';

const RATE_HZ = 10;
const MAX_NEARBY = 16;
const AHEAD = new THREE.Vector3(0, 0, -1);

/**
 * @typedef {Record<string, any>} Message
 * @typedef {import('./Head.js').Head} Head
 * @typedef {import('./Head.js').Pose} Pose
 *
 * @typedef {object} ContextOptions
 * @property {string} [place] Name of the place, such as `village square`.
 * @property {Message} [state] Anything else that characters should know of, such as `{time: 'night'}`.
 * @property {number} [nearbyRadiusM] How near a thing has to be to be told of, 8 without.
 * @property {number} [focusDistanceM] How far the ray goes that finds what is looked at, 30 without.
 * @property {number} [leastMoveM] Changes of position below this are not told, 0.02 without.
 * @property {number} [leastTurnDegrees] Changes of direction below this are not told, 1 without.
 *
 * @typedef {object} Thing
 * @property {string} id
 * @property {string} name What characters call it.
 */

/**
 * Tells the bridge what the player sees and is: head, hands, what is looked at, what is near.
 *
 * Characters speak of it, and what the player looks at is made first. It is sent ten times a second at most, and only
 * if it has changed.
 */
export class ContextSource {
  #bridge;
  /** @type {Map<THREE.Object3D, Thing>} */
  #things = new Map();
  /** @type {Emitter<{focusChanged: string}>} */
  #emitter = new Emitter();
  #dueS = 0;
  /** @type {Message | null} */
  #sent = null;
  #ray = new THREE.Ray();
  #box = new THREE.Box3();
  #inverse = new THREE.Matrix4();
  #hit = new THREE.Vector3();

  /** What the player looks at; empty if at nothing that is known. */
  focus = '';

  /**
   * @param {{updateContext: (context: Message) => void}} bridge
   * @param {ContextOptions} [options]
   */
  constructor(bridge, options = {}) {
    this.#bridge = bridge;
    /** Name of the place. */
    this.place = options.place ?? '';
    /** Anything else that characters should know of. */
    this.state = options.state ?? {};
    this.nearbyRadiusM = options.nearbyRadiusM ?? 8;
    this.focusDistanceM = options.focusDistanceM ?? 30;
    this.leastMoveM = options.leastMoveM ?? 0.02;
    this.leastTurnDegrees = options.leastTurnDegrees ?? 1;
  }

  /**
   * @param {'focusChanged'} name The player looks at something else now.
   * @param {(id: string) => void} listener
   * @returns {() => void} Ends it.
   */
  on(name, listener) {
    return this.#emitter.on(name, listener);
  }

  /**
   * Has a thing be told of when it is near or looked at.
   *
   * @param {THREE.Object3D} object
   * @param {Partial<Thing>} [thing] Without, its name is that of the object.
   */
  add(object, { id, name } = {}) {
    const spoken = name ?? (object.name || 'thing');
    this.#things.set(object, { id: id ?? (object.name || `thing-${object.id}`), name: spoken });
  }

  /** @param {THREE.Object3D} object */
  remove(object) {
    this.#things.delete(object);
  }

  /** Has the next context be sent although nothing has changed. */
  resend() {
    this.#sent = null;
  }

  /**
   * Sends what has changed, if it is time; the bridge calls it once a frame.
   *
   * @param {Head} head
   * @param {number} nowS
   */
  update(head, nowS) {
    if (nowS < this.#dueS) return;
    this.#dueS = nowS + 1 / RATE_HZ;
    const context = this.collect(head);
    if (!this.#hasChanged(context)) return;
    this.#sent = context;
    this.#bridge.updateContext(context);
  }

  /**
   * @param {Head} head
   * @returns {Message} What is sent.
   */
  collect(head) {
    const gaze = AHEAD.clone().applyQuaternion(head.quaternion).normalize();
    this.#look(head.position, gaze);
    const hands = Object.entries(head.hands).map(([side, pose]) => [side, poseOf(pose)]);
    const nearby = this.#nearby(head.position);
    /** @type {Message} */
    const context = { head: poseOf(head), gaze: gaze.toArray() };
    if (hands.length > 0) context.hands = Object.fromEntries(hands);
    if (this.focus) context.focus = this.focus;
    if (this.place) context.place = this.place;
    if (nearby.length > 0) context.nearby = nearby;
    if (Object.keys(this.state).length > 0) context.state = structuredClone(this.state);
    return context;
  }

  /**
   * Finds what is looked at by the things' boxes: rays through all their triangles would cost the frame.
   *
   * @param {THREE.Vector3} from
   * @param {THREE.Vector3} towards
   */
  #look(from, towards) {
    let nearestM = this.focusDistanceM;
    let seen = '';
    for (const [object, { id }] of this.#things) {
      object.traverseVisible((part) => {
        const { geometry } = /** @type {Partial<THREE.Mesh>} */ (part);
        if (!geometry) return;
        if (geometry.boundingBox === null) geometry.computeBoundingBox();
        this.#box.copy(/** @type {THREE.Box3} */ (geometry.boundingBox));
        this.#inverse.copy(part.matrixWorld).invert();
        this.#ray.set(from, towards).applyMatrix4(this.#inverse);
        if (this.#ray.intersectBox(this.#box, this.#hit) === null) return;
        const distanceM = this.#hit.applyMatrix4(part.matrixWorld).distanceTo(from);
        if (distanceM >= nearestM) return;
        nearestM = distanceM;
        seen = id;
      });
    }
    if (seen !== this.focus) {
      this.focus = seen;
      this.#emitter.emit('focusChanged', seen);
    }
  }

  /** @param {THREE.Vector3} from */
  #nearby(from) {
    const found = Array.from(this.#things, ([object, { id, name }]) => {
      const position = new THREE.Vector3().setFromMatrixPosition(object.matrixWorld);
      return { id, name, position, distanceM: position.distanceTo(from) };
    });
    return found
      .filter(({ distanceM }) => distanceM <= this.nearbyRadiusM)
      .sort((a, b) => a.distanceM - b.distanceM)
      .slice(0, MAX_NEARBY)
      .map(({ id, name, position }) => ({ id, name, position: position.toArray() }));
  }

  /** @param {Message} now */
  #hasChanged(now) {
    const before = this.#sent;
    if (before === null || this.#hasMoved(now.head, before.head)) return true;
    const hands = [now.hands ?? {}, before.hands ?? {}];
    if (Object.keys(hands[0]).join() !== Object.keys(hands[1]).join()) return true;
    if (Object.keys(hands[0]).some((side) => this.#hasMoved(hands[0][side], hands[1][side]))) return true;
    const rest = ['focus', 'place', 'nearby', 'state'];
    return rest.some((key) => JSON.stringify(now[key]) !== JSON.stringify(before[key]));
  }

  /**
   * @param {Message} now
   * @param {Message} before
   */
  #hasMoved(now, before) {
    const movedM = Math.hypot(
      ...now.position.map((/** @type {number} */ value, /** @type {number} */ axis) => value - before.position[axis]),
    );
    const turn = new THREE.Quaternion(...now.orientation).angleTo(new THREE.Quaternion(...before.orientation));
    return movedM > this.leastMoveM || turn > THREE.MathUtils.degToRad(this.leastTurnDegrees);
  }
}

/** @param {Pose} pose */
function poseOf({ position, quaternion }) {
  return { position: position.toArray(), orientation: quaternion.toArray() };
}
