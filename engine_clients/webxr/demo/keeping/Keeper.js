import * as THREE from 'three';
import { element } from '../page.js';
import { download } from './files.js';
import { panorama } from './panorama.js';

/**
 * @typedef {import('../things/Surfaces.js').Surfaces} Surfaces
 * @typedef {import('../things/Props.js').Props} Props
 */

/** The buttons that keep what was made: a panorama, a GLB of the scene, the materials as PNGs. */
export class Keeper {
  #renderer;
  #scene;
  #camera;
  #surfaces;
  #props;

  /**
   * @param {object} parts
   * @param {THREE.WebGLRenderer} parts.renderer
   * @param {THREE.Scene} parts.scene
   * @param {THREE.Camera} parts.camera
   * @param {Surfaces} parts.surfaces
   * @param {Props} parts.props
   */
  constructor({ renderer, scene, camera, surfaces, props }) {
    this.#renderer = renderer;
    this.#scene = scene;
    this.#camera = camera;
    this.#surfaces = surfaces;
    this.#props = props;
    this.#on('keep-panorama', 'courtyard-panorama.png', () => this.#panorama());
    this.#on('keep-scene', 'courtyard.glb', () => this.#file());
    this.#on('keep-materials', 'courtyard-materials.zip', () => this.#materials());
  }

  /**
   * @param {string} id Of a button.
   * @param {string} name Of the file.
   * @param {() => Promise<Blob | null>} make
   */
  #on(id, name, make) {
    const button = /** @type {HTMLButtonElement} */ (element(id));
    button.addEventListener('click', async () => {
      button.disabled = true;
      element('kept').textContent = `Making ${name} …`;
      // The sentence is to be seen before the browser is busy.
      await new Promise((resolve) => setTimeout(resolve, 50));
      try {
        const blob = await make();
        if (blob !== null) download(blob, name);
        element('kept').textContent = blob === null ? 'There is no material yet.' : `Kept ${name}.`;
      } catch (error) {
        element('kept').textContent = `That did not work: ${error instanceof Error ? error.message : error}`;
      }
      button.disabled = false;
    });
  }

  #panorama() {
    return panorama(this.#renderer, this.#scene, this.#camera.getWorldPosition(new THREE.Vector3()));
  }

  // Exporters are loaded when they are needed: the page shows sooner without them.
  async #file() {
    const { sceneFile } = await import('./sceneFile.js');
    return sceneFile(this.#renderer, this.#scene);
  }

  async #materials() {
    const { materialFiles } = await import('./materialFiles.js');
    return materialFiles(this.#renderer, this.#named());
  }

  *#named() {
    for (const [, material] of this.#surfaces.made) yield { name: material.prompt, material };
    for (const { mesh, prompt } of this.#props.all) {
      const finest = mesh.level(0);
      for (const material of finest === null ? [] : [finest.material].flat())
        if (material instanceof THREE.MeshStandardMaterial) yield { name: `${prompt} ${material.name}`, material };
    }
  }
}
