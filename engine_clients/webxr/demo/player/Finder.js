import * as THREE from 'three';
import { TALK } from '../asking/targets.js';

const REACH_M = 30;
const UP = 0.7;

/**
 * @typedef {import('../asking/targets.js').Target} Target
 * @typedef {import('../place/Courtyard.js').Courtyard} Courtyard
 * @typedef {import('../things/Props.js').Props} Props
 * @typedef {import('../things/Props.js').Place} Place
 *
 * @typedef {object} Found What a ray points at.
 * @property {Target} target What words would be for there.
 * @property {string} name
 * @property {THREE.Object3D[]} objects What it is.
 * @property {THREE.Vector3} point
 * @property {Place | null} place Where a thing could stand there.
 */

/** Finds what a ray points at, for mice, fingers, keyboards and hands alike. */
export class Finder {
  #courtyard;
  #props;
  #ray = new THREE.Raycaster();
  #normal = new THREE.Vector3();
  #floor = new THREE.Plane(new THREE.Vector3(0, 1, 0));

  /** Whether there is a floor that can't be seen, as in the player's own room. */
  hasFloor = false;

  /**
   * @param {Courtyard} courtyard
   * @param {Props} props
   */
  constructor(courtyard, props) {
    this.#courtyard = courtyard;
    this.#props = props;
    this.#ray.far = REACH_M;
  }

  /**
   * @param {THREE.Vector2} place From −1 to 1, over the view.
   * @param {THREE.Camera} camera
   * @param {THREE.Object3D} [without]
   */
  through(place, camera, without) {
    this.#ray.setFromCamera(place, camera);
    return this.#find(without);
  }

  /**
   * @param {THREE.Vector3} from
   * @param {THREE.Vector3} towards Of length 1.
   * @param {THREE.Object3D} [without]
   */
  along(from, towards, without) {
    this.#ray.set(from, towards);
    return this.#find(without);
  }

  /**
   * @param {THREE.Object3D} [without] Is pointed through.
   * @returns {Found | null}
   */
  #find(without) {
    const { smith, surfaces } = this.#courtyard;
    /** @type {THREE.Object3D[]} */
    const objects = [smith, ...surfaces.flatMap(({ meshes }) => meshes)];
    for (const { mesh } of this.#props.all) if (mesh !== without) objects.push(mesh);
    const hits = this.#ray.intersectObjects(objects.filter(isSeen), true);
    const hit = hits.find(({ object }) => isSeen(object));
    return hit === undefined ? this.#findFloor() : this.#name(hit);
  }

  /** @returns {Found | null} */
  #findFloor() {
    const point = this.hasFloor ? this.#ray.ray.intersectPlane(this.#floor, new THREE.Vector3()) : null;
    if (point === null || point.distanceTo(this.#ray.ray.origin) > REACH_M) return null;
    const place = { name: 'here', point: point.clone(), isSmall: false };
    return { target: { kind: 'prop', place }, name: 'the floor', objects: [], point, place };
  }

  /**
   * @param {THREE.Intersection} hit
   * @returns {Found}
   */
  #name({ object, point, normal }) {
    const { smith, surfaces } = this.#courtyard;
    const prop = this.#props.find(object);
    if (prop !== null)
      return { target: { kind: 'thing', prop }, name: prop.prompt, objects: [prop.mesh], point, place: null };
    const surface = surfaces.find(({ meshes }) => meshes.some((mesh) => mesh === object));
    if (surface === undefined) return { target: TALK, name: 'the blacksmith', objects: [smith], point, place: null };
    const isUp = this.#normal.copy(normal ?? UPWARDS).transformDirection(object.matrixWorld).y > UP;
    const isSmall = surface.kind === 'table';
    const takesThings = isUp && (isSmall || surface.kind === 'floor');
    const place = takesThings ? { name: isSmall ? 'on the table' : 'here', point: point.clone(), isSmall } : null;
    const target = /** @type {Target} */ (place === null ? { kind: 'surface', surface } : { kind: 'prop', place });
    return { target, name: surface.name, objects: surface.meshes, point, place };
  }
}

const UPWARDS = new THREE.Vector3(0, 1, 0);

/** @param {THREE.Object3D} object */
function isSeen(object) {
  /** @type {THREE.Object3D | null} */
  let part = object;
  while (part !== null && part.visible) part = part.parent;
  return part === null;
}
