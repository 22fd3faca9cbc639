import * as THREE from 'three';

/** Height of a row's picture in pixels, of which the letters take less. */
export const ROW_PX = 64;
/** Size of the font in pixels. */
export const FONT_PX = 48;

const BASELINE_PX = 46;
const MARGIN_PX = 4;

/**
 * One row of text, drawn once and shown letter by letter: each letter is a rectangle of its own, so that to show one
 * more costs nothing. Its origin is the left end of its upper edge; one unit is one pixel.
 */
export class TextRow {
  #canvas = document.createElement('canvas');
  #pen;
  #texture;
  #geometry = new THREE.BufferGeometry();
  #text = '';
  #width;

  /** @type {THREE.Mesh<THREE.BufferGeometry, THREE.MeshBasicMaterial>} */
  mesh;

  /**
   * @param {number} width Of the longest row, in pixels.
   * @param {THREE.Color} color
   */
  constructor(width, color) {
    this.#width = Math.ceil(width) + 2 * MARGIN_PX;
    this.#canvas.width = this.#width;
    this.#canvas.height = ROW_PX;
    // Opaque: how white a pixel is tells how much of the letters' colour is there, which leaves no dark edges.
    this.#pen = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d', { alpha: false }));
    this.#texture = new THREE.CanvasTexture(this.#canvas);
    this.#texture.minFilter = THREE.LinearMipmapLinearFilter;
    this.#texture.anisotropy = 4;
    const material = new THREE.MeshBasicMaterial({
      color,
      alphaMap: this.#texture,
      transparent: true,
      depthTest: false,
      depthWrite: false,
      fog: false,
      toneMapped: false,
    });
    this.mesh = new THREE.Mesh(this.#geometry, material);
    this.mesh.frustumCulled = false;
  }

  /**
   * Draws a text, unless it is there already.
   *
   * @param {string} text
   * @param {string} font As CSS has it.
   */
  draw(text, font) {
    if (text === this.#text) return;
    this.#text = text;
    const pen = this.#pen;
    pen.fillStyle = '#000';
    pen.fillRect(0, 0, this.#width, ROW_PX);
    pen.font = font;
    pen.fillStyle = '#fff';
    pen.fillText(text, MARGIN_PX, BASELINE_PX);
    this.#texture.needsUpdate = true;
    this.#cut([...text]);
  }

  /** @param {number} n How many letters can be seen. */
  reveal(n) {
    this.#geometry.setDrawRange(0, 6 * Math.max(0, Math.min(n, [...this.#text].length)));
  }

  /** Frees it. */
  dispose() {
    this.mesh.material.dispose();
    this.#texture.dispose();
    this.#geometry.dispose();
  }

  /** @param {string[]} letters */
  #cut(letters) {
    const [positions, uv, indices] = [[], [], []].map((list) => /** @type {number[]} */ (list));
    let before = '';
    let left = 0;
    for (const [place, letter] of letters.entries()) {
      before += letter;
      const isLast = place === letters.length - 1;
      const right = isLast ? this.#width : MARGIN_PX + this.#pen.measureText(before).width;
      for (const [x, y] of [
        [left, ROW_PX],
        [right, ROW_PX],
        [right, 0],
        [left, 0],
      ]) {
        positions.push(x - MARGIN_PX, -y, 0);
        uv.push(x / this.#width, 1 - y / ROW_PX);
      }
      indices.push(...[0, 1, 2, 0, 2, 3].map((corner) => 4 * place + corner));
      left = right;
    }
    this.#geometry.setAttribute('position', new THREE.Float32BufferAttribute(positions, 3));
    this.#geometry.setAttribute('uv', new THREE.Float32BufferAttribute(uv, 2));
    this.#geometry.setIndex(indices);
  }
}
