import * as THREE from 'three';

const REST_M = 3;

/**
 * @typedef {import('../things/Props.js').Prop} Prop
 */

/** One controller or hand in a session: its ray, where that ends, and what it carries. */
export class Hand {
  #line;
  #dot;
  #matrix = new THREE.Matrix4();

  /** Where its ray begins; moved by the session. @type {THREE.XRTargetRaySpace} */
  space;
  /** In the scene's space. */
  from = new THREE.Vector3();
  towards = new THREE.Vector3();
  ray = new THREE.Raycaster();
  /** @type {Prop | null} */
  carried = null;
  /** What the trigger or pinch that is held began on. @type {Prop | null} */
  held = null;
  heldS = 0;
  /** Whether there is such a hand. */
  isThere = false;

  /**
   * @param {THREE.WebXRManager} xr
   * @param {number} number
   * @param {THREE.Object3D} rig
   */
  constructor(xr, number, rig) {
    this.space = xr.getController(number);
    const look = { color: 0xffe2b8, transparent: true, opacity: 0.75, depthTest: false, fog: false, toneMapped: false };
    const ends = new THREE.BufferGeometry().setFromPoints([new THREE.Vector3(), new THREE.Vector3(0, 0, -1)]);
    this.#line = new THREE.Line(ends, new THREE.LineBasicMaterial(look));
    this.#dot = new THREE.Mesh(new THREE.SphereGeometry(0.012, 12, 8), new THREE.MeshBasicMaterial(look));
    this.#line.renderOrder = this.#dot.renderOrder = 1100;
    const grip = xr.getControllerGrip(number);
    grip.add(handle());
    this.space.add(this.#line, this.#dot);
    this.space.addEventListener('connected', () => (this.isThere = true));
    this.space.addEventListener('disconnected', () => {
      this.isThere = false;
      this.carried = this.held = null;
    });
    rig.add(this.space, grip);
  }

  /** Takes the pose of this frame. */
  aim() {
    this.space.updateWorldMatrix(true, false);
    this.#matrix.extractRotation(this.space.matrixWorld);
    this.from.setFromMatrixPosition(this.space.matrixWorld);
    this.towards.set(0, 0, -1).applyMatrix4(this.#matrix);
    this.ray.set(this.from, this.towards);
  }

  /** @param {THREE.Vector3 | null} point Where the ray ends. */
  show(point) {
    this.#line.visible = this.isThere;
    this.#dot.visible = this.isThere && point !== null;
    const lengthM = point === null ? REST_M : point.distanceTo(this.from);
    this.#line.scale.z = lengthM;
    this.#dot.position.z = -lengthM;
    // As large from near as from far.
    this.#dot.scale.setScalar(Math.max(0.5, lengthM / 2));
  }
}

/** What is held: drawn by the page, since pictures of real controllers lie on another host. */
function handle() {
  const look = new THREE.MeshStandardMaterial({ color: 0x8d8494, roughness: 0.5 });
  const mesh = new THREE.Mesh(new THREE.CapsuleGeometry(0.014, 0.075, 4, 10), look);
  mesh.rotation.x = -Math.PI / 3;
  return mesh;
}
