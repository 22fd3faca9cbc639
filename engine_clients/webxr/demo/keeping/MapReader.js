import * as THREE from 'three';
import { FullScreen } from './FullScreen.js';

const FRAGMENT = `
uniform sampler2D map;
uniform bool isPacked;
uniform bool isSrgb;
varying vec2 vUv;
void main() {
  vec4 texel = vec4(texture2D(map, vUv).rgb, 1.0);
  if (isPacked) {
    vec2 slope = 2.0 * texel.xy - 1.0;
    texel.z = 0.5 + 0.5 * sqrt(max(0.0, 1.0 - dot(slope, slope)));
  }
  gl_FragColor = isSrgb ? sRGBTransferOETF(texel) : texel;
}`;

/** Reads maps back from the graphics card, whose compressed formats pictures have to be made of again. */
export class MapReader {
  #uniforms = { map: { value: null }, isPacked: { value: false }, isSrgb: { value: false } };
  #screen;

  /** @param {THREE.WebGLRenderer} renderer */
  constructor(renderer) {
    this.#screen = new FullScreen(renderer, FRAGMENT, this.#uniforms);
  }

  /**
   * @param {THREE.Texture} texture
   * @returns {HTMLCanvasElement} Its first row is the picture's top one.
   */
  read(texture) {
    const { width, height } = texture.image;
    Object.assign(this.#uniforms.map, { value: texture });
    this.#uniforms.isPacked.value = texture.format === THREE.RED_GREEN_RGTC2_Format;
    this.#uniforms.isSrgb.value = texture.colorSpace === THREE.SRGBColorSpace;
    return this.#screen.draw(width, height);
  }

  dispose() {
    this.#screen.dispose();
  }
}
