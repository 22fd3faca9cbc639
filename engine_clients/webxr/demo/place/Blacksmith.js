import * as THREE from 'three';
import { forearm, head, jaw, legs, torso, upperArm } from './blacksmithParts.js';

const HIPS_M = 0.865;
const HEAD_LIMIT_RAD = 1.1;
const TURN_RAD_PER_S = 1.5;
/** He goes to the anvil once in each round, turns to it, and strikes. */
const ROUND_S = 11;
const TURN_S = 0.9;
const BLOW_S = 0.85;
const N_BLOWS = 3;
/** How far from him the anvil may be, and the side of him where blows fall. */
const REACH_M = 1;
const BLOW_RAD = -0.47;
/** The first round begins late: whoever comes is looked at first. */
const FIRST_S = 6;

/** The blacksmith: 1.75 m, feet at his origin, facing +Z. He breathes, hammers now and then, and looks at who is there. */
export class Blacksmith extends THREE.Group {
  #torso = new THREE.Group();
  #head = new THREE.Group();
  #jaw = new THREE.Group();
  /** Right, then left. @type {{shoulder: THREE.Group, elbow: THREE.Group}[]} */
  #arms = [];
  #listener = new THREE.Vector3();
  #lastS = 0;
  #talk = 0;
  #work = 0;
  #isTalking = false;
  #restRad = 0;

  /** The anvil that he works at, if there is one, in his parent's coordinates. @type {THREE.Vector3 | null} */
  anvil = null;

  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'the blacksmith';
    this.#torso.position.y = HIPS_M;
    this.#head.position.set(0, 0.615, 0.012);
    this.#jaw.position.set(0, 0.045, 0.02);
    this.#torso.add(palette.paint(torso()), this.#head);
    this.#head.add(palette.paint(head()), this.#jaw);
    this.#jaw.add(palette.paint(jaw()));
    for (const side of [-1, 1]) this.#arms.push(this.#arm(palette, side));
    this.add(palette.paint(legs()), this.#torso);
  }

  /** @param {number} yawRad Where he looks when nothing calls him. */
  face(yawRad) {
    this.#restRad = yawRad;
    this.rotation.y = yawRad;
  }

  /** @param {boolean} isTalking */
  setTalking(isTalking) {
    this.#isTalking = isTalking;
  }

  /**
   * @param {number} nowS
   * @param {THREE.Vector3} headPosition Of who listens, in the scene's coordinates.
   */
  update(nowS, headPosition) {
    const deltaS = Math.min(0.1, Math.max(0, nowS - this.#lastS));
    this.#lastS = nowS;
    this.#talk += Math.min(deltaS * 3, Math.max(-deltaS * 3, (this.#isTalking ? 1 : 0) - this.#talk));
    const roundS = (nowS + ROUND_S - FIRST_S) % ROUND_S;
    const isAtWork = !this.#isTalking && roundS < TURN_S + BLOW_S * N_BLOWS && this.#reachesAnvil();
    this.#work += Math.min(deltaS * 2.5, Math.max(-deltaS * 2.5, (isAtWork ? 1 : 0) - this.#work));
    this.#turn(deltaS, isAtWork, headPosition);
    this.#breathe(nowS);
    this.#look(nowS, deltaS);
    this.#moveArms(nowS, (roundS - TURN_S) / BLOW_S);
  }

  /**
   * @param {import('./Palette.js').Palette} palette
   * @param {number} side −1 is his right, which holds the hammer.
   */
  #arm(palette, side) {
    const [shoulder, elbow] = [new THREE.Group(), new THREE.Group()];
    shoulder.position.set(side * 0.3, 0.45, 0);
    elbow.position.y = -0.28;
    shoulder.add(palette.paint(upperArm()), elbow);
    elbow.add(palette.paint(forearm(side === -1)));
    this.#torso.add(shoulder);
    return { shoulder, elbow };
  }

  /** @param {number} nowS */
  #breathe(nowS) {
    const breath = Math.sin(nowS * 1.7);
    this.#torso.position.y = HIPS_M + 0.005 * breath;
    this.#torso.scale.z = 1 + 0.012 * breath;
    this.#torso.rotation.z = 0.014 * Math.sin(nowS * 0.6);
    this.#torso.rotation.x = 0.03 + 0.1 * this.#work;
  }

  #reachesAnvil() {
    if (this.anvil === null) return false;
    return Math.hypot(this.anvil.x - this.position.x, this.anvil.z - this.position.z) < REACH_M;
  }

  /**
   * The body turns to the anvil, to whom he talks with or who walks around him, and else back to where it stood.
   *
   * @param {number} deltaS
   * @param {boolean} isAtWork
   * @param {THREE.Vector3} headPosition
   */
  #turn(deltaS, isAtWork, headPosition) {
    this.worldToLocal(this.#listener.copy(headPosition));
    const toListener = Math.atan2(this.#listener.x, this.#listener.z);
    let left = this.#restRad - this.rotation.y;
    if (isAtWork && this.anvil !== null) {
      const { x, z } = this.anvil;
      left = Math.atan2(x - this.position.x, z - this.position.z) - BLOW_RAD - this.rotation.y;
    } else if (this.#isTalking || Math.abs(toListener) > HEAD_LIMIT_RAD) {
      left = toListener;
      this.#restRad = this.rotation.y + 0.7 * toListener;
    }
    left = Math.atan2(Math.sin(left), Math.cos(left));
    this.rotation.y += Math.sign(left) * Math.min(Math.abs(left) * 4, TURN_RAD_PER_S) * deltaS;
  }

  /**
   * @param {number} nowS
   * @param {number} deltaS
   */
  #look(nowS, deltaS) {
    const wanted = Math.atan2(this.#listener.x, this.#listener.z);
    const ease = Math.min(1, 4 * deltaS);
    const yaw = Math.min(HEAD_LIMIT_RAD, Math.max(-HEAD_LIMIT_RAD, wanted)) * (1 - 0.8 * this.#work);
    const rise = Math.atan2(this.#listener.y - 1.62, Math.hypot(this.#listener.x, this.#listener.z));
    const pitch = -Math.min(0.4, Math.max(-0.5, rise)) + 0.28 * this.#work + 0.05 * this.#talk * Math.sin(nowS * 5.3);
    this.#head.rotation.y += (yaw - 0.4 * this.#work - this.#head.rotation.y) * ease;
    this.#head.rotation.x += (pitch - this.#head.rotation.x) * ease;
    this.#head.rotation.z = 0.04 * this.#talk * Math.sin(nowS * 2.1);
    this.#jaw.rotation.x = 0.22 * this.#talk * Math.abs(Math.sin(nowS * 9) * Math.sin(nowS * 3.7 + 0.4));
  }

  /**
   * @param {number} nowS
   * @param {number} blow How many blows have fallen in this round; below 0 before the first.
   */
  #moveArms(nowS, blow) {
    const right = this.#arms[0];
    const left = this.#arms[1];
    const part = blow > 0 && blow < N_BLOWS ? blow % 1 : 1;
    // Up slowly, down at once, and a little rest on the iron.
    const lift =
      this.#work * (part < 0.55 ? Math.sin((part / 0.55) * 0.5 * Math.PI) : Math.max(0, 1 - (part - 0.55) / 0.14));
    const gesture = this.#talk * (0.55 + 0.45 * Math.sin(nowS * 2.3));
    right.shoulder.rotation.set(-0.22 - 0.2 * this.#work - 1.5 * lift, 0, -0.16 - 0.1 * this.#work);
    right.elbow.rotation.x = -1.05 + 0.65 * this.#work - 1.0 * lift;
    left.shoulder.rotation.set(-0.12 - 0.35 * gesture - 0.4 * this.#work, 0, 0.2 + 0.12 * gesture);
    left.elbow.rotation.x = -0.35 - 0.85 * gesture - 0.5 * this.#work;
    left.elbow.rotation.z = -0.25 * gesture * Math.sin(nowS * 1.9);
  }
}
