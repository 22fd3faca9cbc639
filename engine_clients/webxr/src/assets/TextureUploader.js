import * as THREE from 'three';
import { compressedFormat, plainFormat } from './textureFormats.js';

// So much of a mip chain goes to the graphics card in one step.
const STEP_BYTES = 1 << 17;
const MAX_ANISOTROPY = 4;

/**
 * Brings pictures to the graphics card within the frame budget: compressed ones whole, one a frame; others in strips
 * of rows.
 *
 * @typedef {import('../worker/pictures.js').Picture} Picture
 */
export class TextureUploader {
  #renderer;
  #budget;

  /**
   * @param {THREE.WebGLRenderer} renderer
   * @param {import('../FrameBudget.js').FrameBudget} budget
   */
  constructor(renderer, budget) {
    this.#renderer = renderer;
    this.#budget = budget;
  }

  /**
   * @param {Picture} picture
   * @returns {Promise<THREE.Texture>} Resolves when it is on the graphics card.
   */
  upload(picture) {
    const format = compressedFormat(picture.vkFormat);
    return new Promise((resolve) => {
      if (format !== null) this.#budget.addHeavy(() => resolve(this.#compressed(picture, format)));
      else this.#plain(picture, resolve);
    });
  }

  /**
   * @param {Picture} picture
   * @param {THREE.CompressedPixelFormat} format
   */
  #compressed({ levels, widthPx, heightPx, colorSpace }, format) {
    const mipmaps = levels.map(({ data, widthPx: width, heightPx: height }) => ({ data, width, height }));
    const texture = new THREE.CompressedTexture(mipmaps, widthPx, heightPx, format, THREE.UnsignedByteType);
    this.#prepare(texture, colorSpace, mipmaps.length > 1);
    this.#renderer.initTexture(texture);
    return texture;
  }

  /**
   * @param {Picture} picture
   * @param {(texture: THREE.Texture) => void} done
   */
  #plain(picture, done) {
    const { levels, strips, widthPx, heightPx, colorSpace, vkFormat } = picture;
    const texture = new THREE.DataTexture(null, widthPx, heightPx, plainFormat(vkFormat), THREE.UnsignedByteType);
    // Memory for all levels, without anything in it yet.
    const nLevels = levels.length || Math.floor(Math.log2(Math.max(widthPx, heightPx))) + 1;
    texture.mipmaps = Array.from({ length: nLevels }, (_, level) => ({
      width: Math.max(1, widthPx >> level),
      height: Math.max(1, heightPx >> level),
      data: new Uint8Array(),
    }));
    texture.source.dataReady = false;
    this.#prepare(texture, colorSpace, nLevels > 1);
    this.#budget.addHeavy(() => {
      this.#renderer.initTexture(texture);
      const steps = strips.length > 0 ? this.#stripSteps(texture, picture) : this.#levelSteps(texture, picture);
      this.#budget.add(() => {
        const step = steps.next();
        if (step.done) done(texture);
        return step.done === true;
      });
    });
  }

  /**
   * @param {THREE.Texture} texture
   * @param {Picture} picture
   * @returns {Generator<void, void, void>}
   */
  *#stripSteps(texture, { strips }) {
    const gl = this.#gl;
    for (const { top, bitmap } of strips) {
      this.#within(texture, () => gl.texSubImage2D(gl.TEXTURE_2D, 0, 0, top, gl.RGBA, gl.UNSIGNED_BYTE, bitmap));
      bitmap.close();
      yield;
    }
    this.#within(texture, () => gl.generateMipmap(gl.TEXTURE_2D));
  }

  /**
   * @param {THREE.Texture} texture
   * @param {Picture} picture
   * @returns {Generator<void, void, void>}
   */
  *#levelSteps(texture, { levels, vkFormat }) {
    const gl = this.#gl;
    const [format, pixelBytes] = /** @type {Record<number, [number, number]>} */ ({
      9: [gl.RED, 1],
      16: [gl.RG, 2],
      37: [gl.RGBA, 4],
    })[vkFormat];
    for (const [number, { widthPx, heightPx, data }] of levels.entries()) {
      const stripPx = Math.max(1, Math.floor(STEP_BYTES / (pixelBytes * widthPx)));
      for (let top = 0; top < heightPx; top += stripPx) {
        const rows = Math.min(stripPx, heightPx - top);
        const start = top * widthPx * pixelBytes;
        this.#within(texture, () =>
          gl.texSubImage2D(gl.TEXTURE_2D, number, 0, top, widthPx, rows, format, gl.UNSIGNED_BYTE, data, start),
        );
        // Small levels together are one step.
        if (heightPx > stripPx) yield;
      }
    }
  }

  get #gl() {
    return /** @type {WebGL2RenderingContext} */ (this.#renderer.getContext());
  }

  /**
   * @param {THREE.Texture} texture
   * @param {() => void} upload
   */
  #within(texture, upload) {
    const gl = this.#gl;
    const { state, properties } = this.#renderer;
    const { __webglTexture: name } = /** @type {{__webglTexture: WebGLTexture}} */ (properties.get(texture));
    state.bindTexture(gl.TEXTURE_2D, name);
    // As three left them for other textures they could turn rows over.
    setStore(this.#renderer, gl.UNPACK_FLIP_Y_WEBGL, false);
    setStore(this.#renderer, gl.UNPACK_PREMULTIPLY_ALPHA_WEBGL, false);
    setStore(this.#renderer, gl.UNPACK_COLORSPACE_CONVERSION_WEBGL, gl.NONE);
    setStore(this.#renderer, gl.UNPACK_ALIGNMENT, 1);
    upload();
    state.unbindTexture();
  }

  /**
   * @param {THREE.Texture} texture
   * @param {'srgb' | 'linear'} colorSpace
   * @param {boolean} hasMips
   */
  #prepare(texture, colorSpace, hasMips) {
    texture.colorSpace = colorSpace === 'srgb' ? THREE.SRGBColorSpace : THREE.NoColorSpace;
    texture.wrapS = texture.wrapT = THREE.RepeatWrapping;
    texture.magFilter = THREE.LinearFilter;
    texture.minFilter = hasMips ? THREE.LinearMipmapLinearFilter : THREE.LinearFilter;
    texture.anisotropy = Math.min(MAX_ANISOTROPY, this.#renderer.capabilities.getMaxAnisotropy());
    texture.generateMipmaps = false;
    texture.needsUpdate = true;
  }
}

/**
 * Sets how pixels are unpacked where three remembers it, which it does since its release 184.
 *
 * @param {THREE.WebGLRenderer} renderer
 * @param {number} name
 * @param {number | boolean} value
 */
function setStore(renderer, name, value) {
  const state = /** @type {{pixelStorei?: (name: number, value: number | boolean) => void}} */ (
    /** @type {unknown} */ (renderer.state)
  );
  if (state.pixelStorei) state.pixelStorei(name, value);
  else renderer.getContext().pixelStorei(name, value);
}
