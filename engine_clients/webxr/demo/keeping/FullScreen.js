import * as THREE from 'three';

const VERTEX = `
varying vec2 vUv;
void main() {
  vUv = uv;
  gl_Position = vec4(position.xy, 0.0, 1.0);
}`;

/** Draws a picture with a fragment shader, and reads its pixels. */
export class FullScreen {
  #renderer;
  #scene = new THREE.Scene();
  #camera = new THREE.OrthographicCamera(-1, 1, 1, -1, 0, 1);
  #material;

  /**
   * @param {THREE.WebGLRenderer} renderer
   * @param {string} fragment With `vUv` from the lower left corner.
   * @param {Record<string, THREE.IUniform>} uniforms
   */
  constructor(renderer, fragment, uniforms) {
    this.#renderer = renderer;
    this.#material = new THREE.ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: fragment,
      uniforms,
      depthTest: false,
      depthWrite: false,
      toneMapped: false,
    });
    const quad = new THREE.Mesh(new THREE.PlaneGeometry(2, 2), this.#material);
    quad.frustumCulled = false;
    this.#scene.add(quad);
  }

  /**
   * @param {number} width
   * @param {number} height
   * @returns {HTMLCanvasElement} Its first row is where `vUv.y` is smallest.
   */
  draw(width, height) {
    const renderer = this.#renderer;
    const target = new THREE.WebGLRenderTarget(width, height, { depthBuffer: false });
    const before = renderer.getRenderTarget();
    const wasEnabled = renderer.xr.enabled;
    // In a session three would draw it for its eyes.
    renderer.xr.enabled = false;
    renderer.setRenderTarget(target);
    renderer.render(this.#scene, this.#camera);
    renderer.setRenderTarget(before);
    renderer.xr.enabled = wasEnabled;
    const pixels = new Uint8ClampedArray(width * height * 4);
    renderer.readRenderTargetPixels(target, 0, 0, width, height, pixels);
    target.dispose();
    const canvas = document.createElement('canvas');
    canvas.width = width;
    canvas.height = height;
    const pen = /** @type {CanvasRenderingContext2D} */ (canvas.getContext('2d'));
    pen.putImageData(new ImageData(pixels, width, height), 0, 0);
    return canvas;
  }

  dispose() {
    this.#material.dispose();
  }
}
