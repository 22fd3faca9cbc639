import * as THREE from 'three';

const WIDTH_PX = 1024;
const HEIGHT_PX = 640;
const MARGIN_PX = 36;
const GAP_PX = 14;
const BUTTON_PX = 70;
const COLORS = { words: '#ffffff1c', act: '#7fb2ff38', way: '#ffb45452' };
const FONT = 'Nunito, system-ui, "DejaVu Sans", sans-serif';

/**
 * @typedef {object} MenuButton
 * @property {string} text
 * @property {'words' | 'act' | 'way'} look
 * @property {() => void} press
 *
 * @typedef {object} Sheet
 * @property {string} title
 * @property {string} status
 * @property {number} hovered Place of a button in the list; −1 for none.
 * @property {MenuButton[]} buttons
 *
 * @typedef {{left: number, top: number, width: number, height: number}} Box
 */

/** The picture of a panel with buttons: words in two columns, and a row for what can be done. */
export class MenuPicture {
  #canvas = document.createElement('canvas');
  #pen;

  /** @type {THREE.CanvasTexture} */
  texture;
  /** Width by height. */
  aspect = WIDTH_PX / HEIGHT_PX;

  constructor() {
    this.#canvas.width = WIDTH_PX;
    this.#canvas.height = HEIGHT_PX;
    this.#pen = /** @type {CanvasRenderingContext2D} */ (this.#canvas.getContext('2d'));
    this.texture = new THREE.CanvasTexture(this.#canvas);
    this.texture.colorSpace = THREE.SRGBColorSpace;
    this.texture.anisotropy = 4;
  }

  /**
   * @param {THREE.Vector2} uv
   * @param {MenuButton[]} buttons
   * @returns {number} Place of the button there in the list; −1 for none.
   */
  find(uv, buttons) {
    const [x, y] = [uv.x * WIDTH_PX, (1 - uv.y) * HEIGHT_PX];
    return boxesOf(buttons).findIndex(
      ({ left, top, width, height }) => x >= left && x <= left + width && y >= top && y <= top + height,
    );
  }

  /** @param {Sheet} sheet */
  draw({ title, status, hovered, buttons }) {
    const pen = this.#pen;
    pen.clearRect(0, 0, WIDTH_PX, HEIGHT_PX);
    this.#box({ left: 0, top: 0, width: WIDTH_PX, height: HEIGHT_PX }, 34, '#1b1620ec');
    this.#text(title, '800 42px', '#ffd9a0', MARGIN_PX, 72, WIDTH_PX - 2 * MARGIN_PX);
    for (const [place, box] of boxesOf(buttons).entries()) {
      const { text, look } = buttons[place];
      this.#box(box, 20, place === hovered ? '#ffb454' : COLORS[look]);
      const color = place === hovered ? '#2b1a06' : '#f6efe4';
      this.#text(text, '650 32px', color, box.left + 22, box.top + box.height / 2 + 11, box.width - 36);
    }
    this.#text(status, '500 28px', '#c9bdb2', MARGIN_PX, HEIGHT_PX - 30, WIDTH_PX - 2 * MARGIN_PX);
    this.texture.needsUpdate = true;
  }

  /**
   * @param {Box} box
   * @param {number} radius
   * @param {string} color
   */
  #box({ left, top, width, height }, radius, color) {
    const pen = this.#pen;
    pen.fillStyle = color;
    pen.beginPath();
    pen.roundRect(left, top, width, height, radius);
    pen.fill();
  }

  /**
   * @param {string} text
   * @param {string} font
   * @param {string} color
   * @param {number} left
   * @param {number} baseline
   * @param {number} width What is longer is cut.
   */
  #text(text, font, color, left, baseline, width) {
    const pen = this.#pen;
    pen.font = `${font} ${FONT}`;
    pen.fillStyle = color;
    let letters = text;
    while (letters.length > 1 && pen.measureText(letters).width > width)
      letters = `${letters.replace(/…$/, '').slice(0, -1)}…`;
    pen.fillText(letters, left, baseline);
  }
}

/**
 * @param {MenuButton[]} buttons
 * @returns {Box[]}
 */
function boxesOf(buttons) {
  const rows = /** @type {MenuButton[][]} */ ([]);
  for (const [look, columns] of /** @type {const} */ ([
    ['words', 2],
    ['act', 3],
    ['way', 4],
  ])) {
    const some = buttons.filter((button) => button.look === look);
    for (let start = 0; start < some.length; start += columns) {
      const row = some.slice(start, start + columns);
      rows.push(row);
    }
  }
  const boxes = new Map(rows.flatMap((row, number) => row.map((button, place) => [button, boxOf(row, number, place)])));
  return buttons.map((button) => /** @type {Box} */ (boxes.get(button)));
}

/**
 * @param {MenuButton[]} row
 * @param {number} number
 * @param {number} place
 * @returns {Box}
 */
function boxOf(row, number, place) {
  const columns = row[0].look === 'words' ? 2 : row.length;
  const width = (WIDTH_PX - 2 * MARGIN_PX - (columns - 1) * GAP_PX) / columns;
  return {
    left: MARGIN_PX + place * (width + GAP_PX),
    top: 104 + number * (BUTTON_PX + GAP_PX),
    width,
    height: BUTTON_PX,
  };
}
