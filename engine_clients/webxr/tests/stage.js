import * as THREE from 'three';
import { VRBridge } from '../vrbridge.js';
import { config } from './runner.js';

/** A wall on the left, room for a prop on the right, light, a camera, and a loop that draws them. */
export class Stage {
  renderer = new THREE.WebGLRenderer({ antialias: true, alpha: true });
  scene = new THREE.Scene();
  camera = new THREE.PerspectiveCamera(75, 800 / 450, 0.05, 50);
  wall = new THREE.Mesh(new THREE.PlaneGeometry(1.6, 1.8), new THREE.MeshStandardMaterial({ color: 0xcccccc }));
  bridge = new VRBridge(this.renderer);
  /** What the client took of each frame. @type {number[]} */
  spentMs = [];
  /** Stands still while false. */
  isRunning = true;

  constructor({ isTransparent = false } = {}) {
    this.renderer.setSize(800, 450);
    document.body.append(this.renderer.domElement);
    this.scene.background = isTransparent ? null : new THREE.Color(0x4d5766);
    const sun = new THREE.DirectionalLight(0xffffff, 2);
    sun.position.set(-1, 1.5, 2);
    this.scene.add(new THREE.HemisphereLight(0xffffff, 0x888888, 1.5), sun);
    this.wall.position.set(-0.85, 1.5, -2);
    this.camera.position.set(0, 1.5, 0.4);
    this.scene.add(this.wall, this.camera);
    this.renderer.xr.enabled = true;
    this.renderer.setAnimationLoop(() => {
      if (!this.isRunning) return;
      this.bridge.update(this.camera);
      this.spentMs.push(this.bridge.budget.spentMs);
      this.renderer.render(this.scene, this.camera);
    });
  }

  /**
   * @param {Record<string, any>} [receive]
   * @param {string} [way] Name of an address in the harness's settings.
   */
  async connect(receive = {}, way = 'server') {
    await this.bridge.connect({ url: config[way], token: config.token, receive, timeoutS: 40 });
    return this.bridge;
  }

  dispose() {
    this.renderer.setAnimationLoop(null);
    this.bridge.dispose();
    this.renderer.dispose();
    this.renderer.forceContextLoss();
    this.renderer.domElement.remove();
  }
}

/**
 * @param {import('./runner.js').Checks} t
 * @param {ConstructorParameters<typeof Stage>[0]} [options]
 */
export function stageFor(t, options) {
  const stage = new Stage(options);
  t.atEnd(() => stage.dispose());
  return stage;
}
