import * as THREE from 'three';

const SPEED_M_S = 2.2;
const TURN_RAD_S = 1.6;
const TURN_RAD_PER_PX = 0.0035;
const MAX_PITCH_RAD = 1.3;

/** What keys do, by where they are on the keyboard: right, ahead, and turns around y and x. */
const KEYS = /** @type {Record<string, [number, number, number, number]>} */ ({
  KeyW: [0, 1, 0, 0],
  KeyS: [0, -1, 0, 0],
  KeyA: [-1, 0, 0, 0],
  KeyD: [1, 0, 0, 0],
  KeyQ: [0, 0, 1, 0],
  KeyE: [0, 0, -1, 0],
  ArrowLeft: [0, 0, 1, 0],
  ArrowRight: [0, 0, -1, 0],
  ArrowUp: [0, 0, 0, 1],
  ArrowDown: [0, 0, 0, -1],
});

/** Walks and looks around: WASD and arrows while the view has the focus, dragging, and a stick for thumbs. */
export class Walker {
  #camera;
  #rig;
  #clamp;
  /** @type {Set<string>} */
  #held = new Set();
  #stick = new THREE.Vector2();
  #sideways = new THREE.Vector3();
  #ahead = new THREE.Vector3();
  #turn = new THREE.Quaternion();
  #head = new THREE.Vector3();

  /**
   * @param {HTMLElement} view What has the keyboard.
   * @param {THREE.PerspectiveCamera} camera
   * @param {THREE.Object3D} rig What the camera is in, and what walks.
   * @param {(position: THREE.Vector3) => void} clamp Keeps a position out of walls.
   */
  constructor(view, camera, rig, clamp) {
    this.#camera = camera;
    this.#rig = rig;
    this.#clamp = clamp;
    camera.rotation.order = 'YXZ';
    view.addEventListener('keydown', (event) => {
      if (!(event.code in KEYS) || event.ctrlKey || event.metaKey || event.altKey) return;
      this.#held.add(event.code);
      event.preventDefault();
    });
    view.addEventListener('keyup', ({ code }) => this.#held.delete(code));
    view.addEventListener('blur', () => this.#held.clear());
  }

  /**
   * @param {HTMLElement} stick Dragged with a thumb.
   * @param {HTMLElement} knob Shows how far.
   */
  useStick(stick, knob) {
    const move = (/** @type {PointerEvent} */ event) => {
      const { left, top, width, height } = stick.getBoundingClientRect();
      const radius = width / 2;
      this.#stick.set(event.clientX - left - radius, top + height / 2 - event.clientY).divideScalar(radius);
      if (this.#stick.length() > 1) this.#stick.normalize();
      knob.style.translate = `${this.#stick.x * radius * 0.6}px ${-this.#stick.y * radius * 0.6}px`;
    };
    const rest = () => {
      this.#stick.set(0, 0);
      knob.style.translate = '';
    };
    stick.addEventListener('pointerdown', (event) => {
      stick.setPointerCapture(event.pointerId);
      move(event);
    });
    stick.addEventListener('pointermove', (event) => {
      if (stick.hasPointerCapture(event.pointerId)) move(event);
    });
    for (const end of /** @type {const} */ (['pointerup', 'pointercancel'])) stick.addEventListener(end, rest);
  }

  /**
   * Looks around, as by dragging the view.
   *
   * @param {number} xPx
   * @param {number} yPx
   */
  drag(xPx, yPx) {
    this.#look(xPx * TURN_RAD_PER_PX, yPx * TURN_RAD_PER_PX);
  }

  /**
   * @param {number} right −1 to 1.
   * @param {number} ahead −1 to 1.
   * @param {number} deltaS
   * @param {THREE.Quaternion} heading Whose ahead it is.
   */
  walk(right, ahead, deltaS, heading) {
    this.#sideways.set(1, 0, 0).applyQuaternion(heading).setY(0).normalize();
    this.#ahead.set(-this.#sideways.z, 0, this.#sideways.x).negate();
    const stepM = SPEED_M_S * deltaS;
    this.#rig.position.addScaledVector(this.#sideways, right * stepM).addScaledVector(this.#ahead, ahead * stepM);
    this.settle();
  }

  /**
   * Takes the player to a point of the ground.
   *
   * @param {THREE.Vector3} point
   */
  go(point) {
    this.#camera.getWorldPosition(this.#head);
    this.#rig.position.x += point.x - this.#head.x;
    this.#rig.position.z += point.z - this.#head.z;
    this.settle();
  }

  /** Puts the player out of walls: in a headset the head may be elsewhere than where the session began. */
  settle() {
    this.#rig.updateWorldMatrix(true, true);
    this.#camera.getWorldPosition(this.#head);
    const { x, z } = this.#head;
    this.#clamp(this.#head);
    this.#rig.position.x += this.#head.x - x;
    this.#rig.position.z += this.#head.z - z;
  }

  /** @param {number} deltaS */
  update(deltaS) {
    const sum = [this.#stick.x, this.#stick.y, 0, 0];
    for (const code of this.#held) KEYS[code].forEach((value, place) => (sum[place] += value));
    const [right, ahead, turn, pitch] = sum;
    if (turn !== 0 || pitch !== 0) this.#look(turn * TURN_RAD_S * deltaS, pitch * TURN_RAD_S * deltaS);
    if (right !== 0 || ahead !== 0) this.walk(right, ahead, deltaS, this.#camera.getWorldQuaternion(this.#turn));
  }

  /**
   * @param {number} yRad
   * @param {number} xRad
   */
  #look(yRad, xRad) {
    const { rotation } = this.#camera;
    rotation.y += yRad;
    rotation.x = THREE.MathUtils.clamp(rotation.x + xRad, -MAX_PITCH_RAD, MAX_PITCH_RAD);
  }
}
