import * as THREE from 'three';
import { element } from '../page.js';
import { Hand } from './Hand.js';

const DEAD = 0.2;
const SNAP = 0.7;
const SNAP_RAD = Math.PI / 6;
// Who has no button to squeeze carries by holding the pinch for so long.
const HOLD_S = 0.4;

/**
 * @typedef {import('./Finder.js').Finder} Finder
 * @typedef {import('./Finder.js').Found} Found
 * @typedef {import('./Walker.js').Walker} Walker
 * @typedef {import('../asking/WordMenu.js').WordMenu} WordMenu
 * @typedef {import('../things/Props.js').Prop} Prop
 */

/** Sessions in a headset: the buttons that begin them, rays of the hands, sticks to walk and turn. */
export class Headset {
  #renderer;
  #camera;
  #rig;
  #finder;
  #menu;
  #walker;
  /** @type {Hand[]} */
  #hands;
  #hasSnapped = false;
  #head = new THREE.Vector3();
  #heading = new THREE.Quaternion();
  /** Where the player stood on the flat page. */
  #before = { rig: new THREE.Vector3(), camera: new THREE.Vector3(), rotation: new THREE.Euler() };

  /** Called with what was chosen. @type {(found: Found) => void} */
  onChosen = () => {};
  /** Called with what is pointed at; null for nothing. @type {(found: Found | null) => void} */
  onPointed = () => {};
  /** Called while a thing is carried. @type {(prop: Prop, point: THREE.Vector3) => void} */
  onCarried = () => {};
  /** Called when a session begins, with whether the room can be seen, and with null when it ends.
   *  @type {(isPassthrough: boolean | null) => void} */
  onSession = () => {};
  /** Called with a session that has begun. @type {(session: XRSession) => void} */
  onBegun = () => {};
  /** Called with a sentence that says why not. @type {(reason: string) => void} */
  onFailed = () => {};

  /**
   * @param {object} parts
   * @param {THREE.WebGLRenderer} parts.renderer
   * @param {THREE.Camera} parts.camera
   * @param {THREE.Object3D} parts.rig What the camera is in.
   * @param {Finder} parts.finder
   * @param {WordMenu} parts.menu
   * @param {Walker} parts.walker
   */
  constructor({ renderer, camera, rig, finder, menu, walker }) {
    this.#renderer = renderer;
    this.#camera = camera;
    this.#rig = rig;
    this.#finder = finder;
    this.#menu = menu;
    this.#walker = walker;
    renderer.xr.enabled = true;
    this.#hands = [0, 1].map((number) => new Hand(renderer.xr, number, rig));
    for (const hand of this.#hands) {
      hand.space.addEventListener('select', () => this.#select(hand));
      hand.space.addEventListener('selectstart', () => {
        hand.held = this.#thingAt(hand);
        hand.heldS = 0;
      });
      hand.space.addEventListener('selectend', () => (hand.held = hand.carried = null));
      hand.space.addEventListener('squeezestart', () => (hand.carried = this.#thingAt(hand)));
      hand.space.addEventListener('squeezeend', () => (hand.carried = null));
    }
    void this.#offer('vr', 'immersive-vr');
    void this.#offer('ar', 'immersive-ar');
  }

  /** The session, if there is one. */
  get session() {
    return this.#renderer.xr.getSession();
  }

  /** @param {number} deltaS */
  update(deltaS) {
    if (!this.#renderer.xr.isPresenting) return;
    this.#camera.getWorldPosition(this.#head);
    this.#camera.getWorldQuaternion(this.#heading);
    this.#move(deltaS);
    let [pointed, onMenu] = [/** @type {Found | null} */ (null), /** @type {THREE.Intersection | null} */ (null)];
    for (const hand of this.#hands) {
      hand.aim();
      if (hand.held !== null) hand.heldS += deltaS;
      if (hand.heldS > HOLD_S) hand.carried ??= hand.held;
      const hit = hand.isThere ? this.#menu.hit(hand.ray) : null;
      onMenu ??= hit;
      const found =
        hit === null && hand.isThere ? this.#finder.along(hand.from, hand.towards, hand.carried?.mesh) : null;
      if (hand.carried !== null && found?.place) this.onCarried(hand.carried, found.place.point);
      pointed ??= found;
      hand.show(hit?.point ?? found?.point ?? null);
    }
    this.#menu.hover(onMenu);
    this.onPointed(pointed);
  }

  /** Opens the menu before the player's eyes. */
  openMenu() {
    this.#menu.open(this.#head, this.#heading);
  }

  /** @param {Hand} hand */
  #select(hand) {
    hand.aim();
    // That was to carry.
    if (hand.carried !== null) return;
    const hit = this.#menu.hit(hand.ray);
    if (hit !== null) {
      this.#menu.press(hit);
      return;
    }
    const found = this.#finder.along(hand.from, hand.towards);
    if (found === null) return;
    this.onChosen(found);
    this.openMenu();
  }

  /** @param {Hand} hand */
  #thingAt(hand) {
    hand.aim();
    if (this.#menu.hit(hand.ray) !== null) return null;
    const target = this.#finder.along(hand.from, hand.towards)?.target;
    return target?.kind === 'thing' ? target.prop : null;
  }

  /** @param {number} deltaS */
  #move(deltaS) {
    for (const { handedness, gamepad } of this.session?.inputSources ?? []) {
      const [, , x = 0, y = 0] = gamepad?.axes ?? [];
      if (handedness === 'right') this.#snap(x);
      else if (Math.hypot(x, y) > DEAD) this.#walker.walk(x, -y, deltaS, this.#heading);
    }
  }

  /** @param {number} x Of a stick. */
  #snap(x) {
    const isFar = Math.abs(x) > SNAP;
    if (isFar && !this.#hasSnapped) {
      // Around the head, not around where the session began.
      const pivot = this.#head.clone().sub(this.#rig.position).setY(0);
      this.#rig.rotateY(-Math.sign(x) * SNAP_RAD);
      this.#rig.position.add(pivot).sub(pivot.applyAxisAngle(new THREE.Vector3(0, 1, 0), -Math.sign(x) * SNAP_RAD));
      this.#walker.settle();
    }
    this.#hasSnapped = isFar;
  }

  /**
   * @param {string} id Of a button.
   * @param {XRSessionMode} mode
   */
  async #offer(id, mode) {
    const isSupported = (await navigator.xr?.isSessionSupported(mode).catch(() => false)) ?? false;
    if (!isSupported) return;
    const button = element(id);
    button.hidden = false;
    element('headset').hidden = true;
    button.addEventListener('click', () => {
      this.#begin(mode).catch((error) => this.onFailed(`The headset did not start: ${error.message ?? error}`));
    });
  }

  /** @param {XRSessionMode} mode */
  async #begin(mode) {
    if (this.session) {
      await this.session.end();
      return;
    }
    const session = await /** @type {XRSystem} */ (navigator.xr).requestSession(mode, {
      requiredFeatures: ['local-floor'],
      optionalFeatures: ['hand-tracking'],
    });
    const { rig, camera, rotation } = this.#before;
    rig.copy(this.#rig.position);
    camera.copy(this.#camera.position);
    rotation.copy(this.#camera.rotation);
    session.addEventListener('end', () => this.#ended());
    this.onSession(mode === 'immersive-ar');
    try {
      await this.#renderer.xr.setSession(session);
    } catch (error) {
      await session.end();
      throw error;
    }
    this.onBegun(session);
  }

  #ended() {
    const { rig, camera, rotation } = this.#before;
    this.#menu.close();
    this.#rig.position.copy(rig);
    this.#rig.rotation.set(0, 0, 0);
    this.#camera.position.copy(camera);
    this.#camera.rotation.copy(rotation);
    this.onSession(null);
    this.onPointed(null);
  }
}
