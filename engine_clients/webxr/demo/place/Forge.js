import * as THREE from 'three';
import { Fire } from './Fire.js';
import { Sculpture } from './Sculpture.js';

/** Where its fire burns, in the courtyard. */
export const FIRE = new THREE.Vector3(-3.75, 0.92, -4.35);
const POSTS = { left: -4.85, right: -2.55, front: -2.75, back: -4.9 };
const EAVES_M = 2.45;
const RIDGE_M = 3.65;
const MIDDLE_X = (POSTS.left + POSTS.right) / 2;

/** The smithy: a tiled roof on posts over a brick hearth with fire, hood, chimney, tools and a trough of water. */
export class Forge extends THREE.Group {
  #fire = new Fire();
  /** The fire's, in the courtyard's axes; not a part of the forge. */
  light = this.#fire.light;

  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'forge';
    this.#fire.position.copy(FIRE);
    this.light.position.set(FIRE.x + 0.15, FIRE.y + 0.35, FIRE.z + 0.55);
    this.add(
      palette.cover('forge', bricks()),
      palette.cover('hood', hood()),
      palette.cover('wood', timber()),
      palette.cover('roof', roof()),
      palette.paint(tools(), 'tools'),
      palette.light(coals(), 'coals'),
      this.#fire,
    );
  }

  /** @param {number} nowS */
  update(nowS) {
    this.#fire.update(nowS);
  }
}

/** @returns {Sculpture} */
function bricks() {
  const { x, z } = FIRE;
  const [width, depth, high] = [1.5, 1.15, 0.9];
  const front = z + depth / 2;
  return new Sculpture()
    .add(new THREE.BoxGeometry(width, high - 0.1, depth, 6, 5, 4), { at: [x, (high - 0.1) / 2, z - 0.02] })
    .add(new THREE.BoxGeometry(width, 0.16, 0.2), { at: [x, high - 0.06, front - 0.1] })
    .add(new THREE.BoxGeometry(0.2, 0.16, depth), { at: [x - width / 2 + 0.1, high - 0.06, z] })
    .add(new THREE.BoxGeometry(0.2, 0.16, depth), { at: [x + width / 2 - 0.1, high - 0.06, z] })
    .add(new THREE.BoxGeometry(1.3, 1.9, 0.25, 4, 4, 1), { at: [x, 1.75, -4.88] })
    .add(new THREE.BoxGeometry(0.62, 2.9, 0.5), { at: [x, 4.0, -4.75] })
    .add(new THREE.BoxGeometry(0.76, 0.16, 0.64), { at: [x, 5.4, -4.75] })
    .shade(({ y }) => (y < 1 ? 0.55 + 0.45 * Math.min(1, y / 0.5) : y > 2.6 ? 1 : 0.75));
}

/** @returns {Sculpture} */
function hood() {
  const { x, z } = FIRE;
  // A cylinder with four sides is a pyramid cut off.
  const shape = new THREE.CylinderGeometry(0.36, 0.98, 0.95, 4, 3, true, Math.PI / 4).toNonIndexed();
  shape.computeVertexNormals();
  return new Sculpture()
    .add(shape, { at: [x, 2.2, z - 0.12], size: [1, 1, 0.78] })
    .add(new THREE.BoxGeometry(1.42, 0.09, 0.05), { at: [x, 1.72, z + 0.43] })
    .shade(({ y }) => 0.6 + 0.4 * Math.min(1, (y - 1.6) / 0.8));
}

/** @returns {Sculpture} */
function timber() {
  const frame = new Sculpture();
  const { left, right, front, back } = POSTS;
  for (const x of [left, right]) {
    frame.beam([x, 0.1, front], [x, EAVES_M, front], 0.18);
    frame.beam([x, EAVES_M, back], [x, EAVES_M, front + 0.3], 0.17);
    frame.beam([x, EAVES_M - 0.65, front], [x + (x === left ? 0.6 : -0.6), EAVES_M - 0.05, front], 0.1);
    // Rafters of the gable.
    frame.beam(
      [x + (x < MIDDLE_X ? -0.3 : 0.3), EAVES_M - 0.2, front + 0.28],
      [MIDDLE_X, RIDGE_M - 0.02, front + 0.28],
      0.15,
      0.1,
    );
  }
  frame
    .beam([left - 0.2, EAVES_M, front], [right + 0.2, EAVES_M, front], 0.19)
    .beam([MIDDLE_X, EAVES_M, front], [MIDDLE_X, RIDGE_M - 0.1, front], 0.16)
    .beam([MIDDLE_X, RIDGE_M - 0.08, back], [MIDDLE_X, RIDGE_M - 0.08, front + 0.34], 0.14)
    .beam([MIDDLE_X - 0.6, EAVES_M + 0.05, front], [MIDDLE_X - 0.05, EAVES_M + 0.62, front], 0.1)
    .beam([MIDDLE_X + 0.6, EAVES_M + 0.05, front], [MIDDLE_X + 0.05, EAVES_M + 0.62, front], 0.1)
    // A rack for tools at the wall, and the block that holds the bellows.
    .beam([-2.95, 1.65, -4.92], [-2.45, 1.65, -4.92], 0.1, 0.06);
  return frame.shade(({ y }) => 0.65 + 0.35 * Math.min(1, y / 0.5));
}

/** @returns {Sculpture} */
function roof() {
  const [half, rise] = [MIDDLE_X - POSTS.left + 0.38, RIDGE_M - EAVES_M + 0.28];
  const slope = Math.hypot(half, rise);
  const depth = POSTS.front - POSTS.back + 0.42;
  const tiles = new Sculpture();
  for (const side of [-1, 1]) {
    tiles.add(new THREE.BoxGeometry(0.08, slope, depth), {
      at: [MIDDLE_X + (side * half) / 2, RIDGE_M - rise / 2 + 0.06, (POSTS.front + POSTS.back) / 2 + 0.16],
      turn: [0, 0, side * Math.atan2(half, rise)],
    });
  }
  return tiles.add(new THREE.BoxGeometry(0.2, 0.1, depth), {
    at: [MIDDLE_X, RIDGE_M + 0.08, (POSTS.front + POSTS.back) / 2 + 0.16],
  });
}

/** @returns {Sculpture} Tongs and hammers on the rack, a trough, bellows, a bar in the fire. */
function tools() {
  const iron = 0x35322f;
  const kit = new Sculpture();
  for (let tool = 0; tool < 4; tool += 1) {
    const x = -2.88 + tool * 0.13;
    kit.beam([x, 1.62, -4.86], [x, 1.15 - 0.06 * (tool % 2), -4.86], 0.022, 0.022, tool % 2 ? 0x6b4a2c : iron);
    if (tool % 2) kit.add(new THREE.BoxGeometry(0.12, 0.06, 0.06), { at: [x, 1.12, -4.86], color: iron });
  }
  kit
    .add(new THREE.BoxGeometry(0.42, 0.5, 0.95), { at: [-4.55, 0.25, -3.3], color: 0x5d4129 })
    .add(new THREE.BoxGeometry(0.44, 0.05, 0.97), { at: [-4.55, 0.14, -3.3], color: iron })
    .add(new THREE.BoxGeometry(0.44, 0.05, 0.97), { at: [-4.55, 0.4, -3.3], color: iron })
    .add(new THREE.BoxGeometry(0.32, 0.02, 0.85), { at: [-4.55, 0.505, -3.3], color: 0x24343c })
    .beam([FIRE.x + 0.1, FIRE.y + 0.04, FIRE.z + 0.1], [FIRE.x + 0.9, FIRE.y + 0.12, FIRE.z + 0.35], 0.03, 0.03, iron);
  for (const [x, y, z] of [
    [-4.75, 0.1, -2.72],
    [-2.65, 0.1, -2.72],
  ]) {
    kit.add(new THREE.BoxGeometry(0.3, 0.2, 0.3), {
      at: [x - (x > MIDDLE_X ? -0.1 : 0.1), y, z - 0.03],
      color: 0x7d7264,
    });
  }
  // The sign of the trade, under the gable.
  for (const side of [-1, 1])
    kit.beam([MIDDLE_X + side * 0.24, 2.38, -2.72], [MIDDLE_X + side * 0.24, 2.24, -2.72], 0.02, 0.02, iron);
  kit.add(new THREE.BoxGeometry(0.72, 0.42, 0.045), { at: [MIDDLE_X, 2.04, -2.72], color: 0x8a6440 });
  for (const [width, height, x, y] of [
    [0.4, 0.075, 0, 2.12],
    [0.12, 0.05, -0.24, 2.13],
    [0.13, 0.08, 0, 2.04],
    [0.26, 0.05, 0, 1.97],
  ]) {
    kit.add(new THREE.BoxGeometry(width, height, 0.02), { at: [MIDDLE_X + x, y - 0.01, -2.69], color: iron });
  }
  return kit;
}

/** @returns {Sculpture} */
function coals() {
  const bed = new Sculpture();
  for (let coal = 0; coal < 42; coal += 1) {
    const [away, angle] = [Math.sqrt((coal + 0.5) / 42), coal * 2.4];
    const heat = 1 - away * 0.85 + 0.25 * Math.sin(coal * 5.7);
    const color = new THREE.Color(0.25 + 2.2 * heat, 0.05 + 0.75 * heat ** 2, 0.02 + 0.15 * heat ** 3);
    bed.add(new THREE.IcosahedronGeometry(0.06 + 0.02 * Math.sin(coal), 0), {
      at: [
        FIRE.x + 0.5 * away * Math.cos(angle),
        FIRE.y - 0.09 + 0.07 * (1 - away),
        FIRE.z + 0.34 * away * Math.sin(angle),
      ],
      turn: [coal, coal * 2, 0],
      color,
    });
  }
  return bed;
}
