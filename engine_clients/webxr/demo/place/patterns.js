import * as THREE from 'three';

const EDGE_PX = 128;
/** Stones per edge. */
const N_STONES = 6;

/**
 * How bright a place of a pattern is: 0 to 1, for places from 0 to 1 across and up.
 *
 * @typedef {(u: number, v: number) => number} Pattern
 */

/** What surfaces show until their material is there: grey patterns that tile, which tints colour. @type {Record<string, Pattern>} */
const PATTERNS = {
  courses: (u, v) => {
    const row = Math.floor(v * 8);
    const x = u * 4 + (row % 2) * 0.5;
    const brick = Math.floor(x) % 4;
    const edge = Math.min((x % 1) * 0.25, (1 - (x % 1)) * 0.25, (v * 8 - row) * 0.125, (1 + row - v * 8) * 0.125);
    return (0.72 + 0.28 * random(brick, row)) * smooth(edge / 0.012) * 0.5 + 0.5 * (0.72 + 0.28 * random(brick, row));
  },
  stones: (u, v) => {
    const [near, next, tone] = stoneAt(u, v);
    return (0.6 + 0.4 * tone) * (0.55 + 0.45 * smooth((next - near) * 2.2));
  },
  boards: (u, v) => {
    const board = Math.floor(u * 6);
    const x = u * 6 - board;
    const grain = noise(u * 64, v * 4, 64, 4) * 0.25;
    return (0.65 + 0.25 * random(board, 3) + grain) * (0.6 + 0.4 * smooth(Math.min(x, 1 - x) / 0.06));
  },
  white: () => 1,
  plaster: (u, v) => 0.82 + 0.12 * noise(u * 6, v * 6, 6, 6) + 0.06 * noise(u * 32, v * 32, 32, 32),
};

/** @type {Map<string, THREE.DataTexture>} */
const made = new Map();

/**
 * @param {keyof typeof PATTERNS} name
 * @returns {THREE.DataTexture} The same one each time.
 */
export function pattern(name) {
  const before = made.get(name);
  if (before !== undefined) return before;
  const pixels = new Uint8Array(EDGE_PX * EDGE_PX * 4);
  for (let at = 0; at < EDGE_PX * EDGE_PX; at += 1) {
    const light = PATTERNS[name]((at % EDGE_PX) / EDGE_PX, Math.floor(at / EDGE_PX) / EDGE_PX);
    pixels.fill(Math.round(255 * Math.min(1, light)), at * 4, at * 4 + 3);
    pixels[at * 4 + 3] = 255;
  }
  const texture = new THREE.DataTexture(pixels, EDGE_PX, EDGE_PX);
  texture.wrapS = THREE.RepeatWrapping;
  texture.wrapT = THREE.RepeatWrapping;
  texture.magFilter = THREE.LinearFilter;
  texture.minFilter = THREE.LinearMipmapLinearFilter;
  texture.generateMipmaps = true;
  texture.anisotropy = 4;
  texture.colorSpace = THREE.SRGBColorSpace;
  texture.needsUpdate = true;
  made.set(name, texture);
  return texture;
}

/**
 * @param {number} x
 * @param {number} y
 * @returns {number} 0 to 1, the same for the same place.
 */
export function random(x, y) {
  const mixed = Math.sin(x * 127.1 + y * 311.7) * 43758.5453;
  return mixed - Math.floor(mixed);
}

/**
 * @param {number} x
 * @returns {number}
 */
function smooth(x) {
  const inside = Math.min(1, Math.max(0, x));
  return inside * inside * (3 - 2 * inside);
}

/**
 * Value noise that repeats.
 *
 * @param {number} x
 * @param {number} y
 * @param {number} width Where it repeats.
 * @param {number} height
 * @returns {number} 0 to 1.
 */
function noise(x, y, width, height) {
  const [left, low] = [Math.floor(x), Math.floor(y)];
  const [a, b] = [smooth(x - left), smooth(y - low)];
  const value = (/** @type {number} */ i, /** @type {number} */ j) => random((left + i) % width, (low + j) % height);
  return (value(0, 0) * (1 - a) + value(1, 0) * a) * (1 - b) + (value(0, 1) * (1 - a) + value(1, 1) * a) * b;
}

/** Middles of the stones, a row after the other, and how bright each is. @type {[number, number, number][]} */
const STONES = Array.from({ length: N_STONES ** 2 }, (_, at) => {
  const [x, y] = [at % N_STONES, Math.floor(at / N_STONES)];
  return [0.15 + 0.7 * random(x, y), 0.15 + 0.7 * random(y + 9, x), random(x + 5, y + 3)];
});

/**
 * @param {number} u
 * @param {number} v
 * @returns {[number, number, number]} Distance to the nearest and to the next stone's middle, and the stone's tone.
 */
function stoneAt(u, v) {
  let [near, next, tone] = [9, 9, 0];
  const [column, row] = [Math.floor(u * N_STONES), Math.floor(v * N_STONES)];
  for (let j = row - 1; j <= row + 1; j += 1) {
    for (let i = column - 1; i <= column + 1; i += 1) {
      const stone = STONES[((j + N_STONES) % N_STONES) * N_STONES + ((i + N_STONES) % N_STONES)];
      const [x, y] = [i + stone[0] - u * N_STONES, j + stone[1] - v * N_STONES];
      const distance = Math.sqrt(x * x + y * y);
      if (distance < near) [near, next, tone] = [distance, near, stone[2]];
      else if (distance < next) next = distance;
    }
  }
  return [near, next, tone];
}
