import * as THREE from 'three';
import { element } from './page.js';
import { Courtyard } from './place/Courtyard.js';

// A little longer than it takes to fade.
const VEIL_MS = 800;
const MAX_DELTA_S = 0.25;
// More pixels than this can't be told apart, and cost phones their battery.
const MAX_PIXEL_RATIO = 2;
const NARROW_TURN_RAD = 0.09;
const MIN_PIXEL_RATIO = 0.5;
// Frames that take longer are too long to look around in; shorter ones have time left for more pixels.
const LONG_MS = 45;
const SHORT_MS = 18;
const ADAPT_EVERY_MS = 3000;
// The lower edge of the page is for words: the scene's middle is above it.
const RAISED = 0.1;
const FOV_DEGREES = 64;
// Upright phones see as far to the sides as the screen is narrow.
const LEAST_SIDEWAYS_DEGREES = 44;

/** The canvas: renderer, scene, and the camera in a rig that walks. */
export class View {
  #nowMs = 0;
  #hasShown = false;
  #adaptedMs = 0;
  #pixelRatio = Math.min(MAX_PIXEL_RATIO, devicePixelRatio);

  scene = new THREE.Scene();
  camera = new THREE.PerspectiveCamera(FOV_DEGREES, 1, 0.05, 200);
  rig = new THREE.Group();
  /** Where the player's eyes are. */
  head = new THREE.Vector3();
  /** @type {THREE.WebGLRenderer} */
  renderer;
  /** Called once the first frame is there. */
  onShown = () => {};

  /**
   * @param {HTMLElement} canvas
   * @param {Courtyard} courtyard
   */
  constructor(canvas, courtyard) {
    this.renderer = new THREE.WebGLRenderer({
      canvas,
      antialias: true,
      alpha: true,
      powerPreference: 'high-performance',
    });
    const { renderer, scene, camera, rig } = this;
    renderer.toneMapping = THREE.ACESFilmicToneMapping;
    renderer.shadowMap.enabled = true;
    renderer.shadowMap.type = THREE.PCFShadowMap;
    // What casts shadows stands still: they are drawn again when something has come or gone.
    renderer.shadowMap.autoUpdate = false;
    camera.position.set(0, 1.6, 0);
    rig.position.copy(Courtyard.START);
    // Upright screens are too narrow for the gate and the smith beside it.
    if (innerWidth < innerHeight) camera.rotation.y = NARROW_TURN_RAD;
    rig.add(camera);
    scene.add(rig, courtyard.root);
    this.redrawShadows();
    addEventListener('resize', () => this.#fit());
    // A page that was resized during a session has its old size until then.
    renderer.xr.addEventListener('sessionend', () => this.#fit());
    canvas.addEventListener('webglcontextrestored', () => this.redrawShadows());
    this.#fit();
  }

  redrawShadows() {
    this.renderer.shadowMap.needsUpdate = true;
  }

  /** @param {boolean} isOn Whether the player's room is seen instead of the sky. */
  setPassthrough(isOn) {
    if (isOn) this.rig.position.copy(Courtyard.PASSTHROUGH_START);
    this.redrawShadows();
  }

  /**
   * Draws fewer pixels where frames take too long, and more again where there is time.
   *
   * @param {number} nowMs
   * @param {{medianMs: number}} clock
   */
  adapt(nowMs, { medianMs }) {
    if (nowMs < this.#adaptedMs + ADAPT_EVERY_MS) return;
    this.#adaptedMs = nowMs;
    const most = Math.min(MAX_PIXEL_RATIO, devicePixelRatio);
    const factor = medianMs > LONG_MS ? 0.8 : medianMs < SHORT_MS ? 1.25 : 1;
    const ratio = Math.min(most, Math.max(Math.min(MIN_PIXEL_RATIO, most), this.#pixelRatio * factor));
    if (ratio === this.#pixelRatio) return;
    this.#pixelRatio = ratio;
    this.#fit();
  }

  /** @param {(nowMs: number, deltaS: number) => void} step Called before each frame is drawn. */
  start(step) {
    this.renderer.setAnimationLoop((nowMs) => {
      const deltaS = Math.min(MAX_DELTA_S, Math.max(0, (nowMs - this.#nowMs) / 1000));
      this.#nowMs = nowMs;
      this.camera.getWorldPosition(this.head);
      step(nowMs, deltaS);
      this.renderer.render(this.scene, this.camera);
      if (!this.#hasShown) this.#lift();
    });
  }

  #lift() {
    this.#hasShown = true;
    performance.mark('interactive');
    const veil = element('veil');
    veil.classList.add('lifted');
    setTimeout(() => (veil.hidden = true), VEIL_MS);
    this.onShown();
  }

  #fit() {
    const { renderer, camera } = this;
    if (renderer.xr.isPresenting) return;
    renderer.setPixelRatio(this.#pixelRatio);
    renderer.setSize(innerWidth, innerHeight);
    camera.aspect = innerWidth / innerHeight;
    const half = THREE.MathUtils.degToRad(LEAST_SIDEWAYS_DEGREES / 2);
    const upright = 2 * THREE.MathUtils.radToDeg(Math.atan(Math.tan(half) / camera.aspect));
    camera.fov = Math.min(95, Math.max(FOV_DEGREES, upright));
    camera.setViewOffset(innerWidth, innerHeight, 0, RAISED * innerHeight, innerWidth, innerHeight);
    camera.updateProjectionMatrix();
  }
}
