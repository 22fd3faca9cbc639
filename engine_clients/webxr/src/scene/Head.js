import * as THREE from 'three';

const ONE = new THREE.Vector3(1, 1, 1);

/**
 * Where the player's head and hands are in this frame, in the scene's coordinates.
 *
 * @typedef {{position: THREE.Vector3, quaternion: THREE.Quaternion}} Pose
 */
export class Head {
  #matrix = new THREE.Matrix4();
  #scale = new THREE.Vector3();

  position = new THREE.Vector3();
  quaternion = new THREE.Quaternion();
  /** Those that are tracked. @type {Partial<Record<'left' | 'right', Pose>>} */
  hands = {};

  /** World matrix of the head. */
  get matrix() {
    return this.#matrix.compose(this.position, this.quaternion, ONE);
  }

  /**
   * Looks at the headset if there is a session, else at the camera.
   *
   * @param {THREE.Camera} camera
   * @param {THREE.WebGLRenderer | null} renderer
   */
  update(camera, renderer) {
    this.hands = {};
    const xr = renderer?.xr.isPresenting ? renderer.xr : null;
    const frame = xr?.getFrame();
    const space = xr?.getReferenceSpace();
    const pose = frame && space ? frame.getViewerPose(space) : null;
    camera.updateWorldMatrix(true, false);
    if (!frame || !space || !pose) {
      camera.matrixWorld.decompose(this.position, this.quaternion, this.#scale);
      return;
    }
    // The session's space is where the camera's parent is.
    this.#place(this, pose.transform.matrix, camera.parent);
    for (const { handedness, gripSpace, hand } of xr?.getSession()?.inputSources ?? []) {
      const grip = gripSpace ?? hand?.get('wrist');
      const found = grip ? frame.getPose(grip, space) : null;
      if (!found || handedness === 'none') continue;
      const at = { position: new THREE.Vector3(), quaternion: new THREE.Quaternion() };
      this.#place(at, found.transform.matrix, camera.parent);
      this.hands[handedness] = at;
    }
  }

  /**
   * @param {Pose} pose
   * @param {Float32Array} matrix In the session's space.
   * @param {THREE.Object3D | null} rig
   */
  #place(pose, matrix, rig) {
    this.#matrix.fromArray(matrix);
    if (rig !== null) this.#matrix.premultiply(rig.matrixWorld);
    this.#matrix.decompose(pose.position, pose.quaternion, this.#scale);
  }
}
