import * as THREE from 'three';

const TURN_RAD_PER_PX = 0.004;
// A pointer that moved further than this was turned with, and does not choose.
const CLICK_PX = 6;

/** Looks around with the pointer, and chooses with a click. */
export class Gaze {
  #moved = 0;

  /** Called with a ray into the scene. @type {(ray: THREE.Raycaster) => void} */
  onChosen = () => {};

  /**
   * @param {HTMLElement} element
   * @param {THREE.Camera} camera
   */
  constructor(element, camera) {
    camera.rotation.order = 'YXZ';
    element.addEventListener('pointerdown', (event) => {
      this.#moved = 0;
      element.setPointerCapture(event.pointerId);
    });
    element.addEventListener('pointermove', ({ buttons, movementX, movementY }) => {
      if (buttons === 0) return;
      this.#moved += Math.abs(movementX) + Math.abs(movementY);
      camera.rotation.y += movementX * TURN_RAD_PER_PX;
      camera.rotation.x = THREE.MathUtils.clamp(camera.rotation.x + movementY * TURN_RAD_PER_PX, -1.4, 1.4);
    });
    element.addEventListener('pointerup', ({ offsetX, offsetY }) => {
      if (this.#moved > CLICK_PX) return;
      const { clientWidth, clientHeight } = element;
      const place = new THREE.Vector2((2 * offsetX) / clientWidth - 1, 1 - (2 * offsetY) / clientHeight);
      const ray = new THREE.Raycaster();
      ray.setFromCamera(place, camera);
      this.onChosen(ray);
    });
  }
}
