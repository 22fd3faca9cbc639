import * as THREE from 'three';
import { random } from './patterns.js';
import { Sculpture } from './Sculpture.js';

const BARK = 0x5b4334;
const GREENS = [0x6f7d38, 0x808a42, 0x5c6f31, 0x939148].map((green) => new THREE.Color(green));
/** Cypresses around the walls: place and height. Those in the west throw their long shadows into the courtyard. */
const CYPRESSES = [
  [-9, 4.6, 5.4],
  [-7.1, -6.9, 5.4],
  [-9.8, -9.5, 6],
  [4.6, -9.5, 4.9],
  [6.3, -11.5, 5.6],
  [-2.2, -13.5, 4.6],
  [-3.3, -17.5, 5.4],
  [2.9, -19, 4.8],
  [8.5, 8.6, 5.5],
  [-12, -5, 6.2],
];
/** Round trees: place, height of the crown's middle, its size. Their shade would fall on all that is to be seen. */
const ROUND = [
  [3.9, -14.5, 3.4, 1.5],
  [1.8, 9.4, 3.6, 1.7],
  [-2.6, 10.6, 3.3, 1.5],
  [-9.6, -1.2, 3.4, 1.5],
  [-10.4, 6.6, 3.7, 1.8],
  [9, -18, 3.6, 1.8],
  [-12, -22, 4, 2],
];
/** The tree in the courtyard's corner. */
export const LINDEN = { x: 3.4, z: 3.9 };

/** Cypresses and round trees outside, and the old linden in the corner. */
export class Grove extends THREE.Group {
  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'trees';
    const [tall, round] = [new Sculpture(), new Sculpture()];
    CYPRESSES.forEach(([x, z, high], at) => {
      const shape = bumpy(new THREE.SphereGeometry(1, 9, 10), 0.1);
      tall.beam([x, -0.2, z], [x, 0.8, z], 0.2, 0.2, BARK);
      tall.add(shape, { at: [x, high / 2 + 0.3, z], size: [0.6, high / 2, 0.6], color: [0x56652f, 0x4a5a2d][at % 2] });
    });
    ROUND.forEach(([x, z, high, size], at) => {
      round.beam([x, -0.2, z], [x, high, z], 0.26, 0.26, BARK);
      const middle = new THREE.Vector3(x, high, z);
      crown(round, middle, size, 7, at);
      leaves(round, middle, size * 1.22, 150, 2.1);
    });
    const far = palette.paint(round.shade(lightFromAbove), 'round trees');
    far.castShadow = false;
    this.add(palette.paint(tall.shade(lightFromAbove), 'cypresses'), far, palette.paint(linden(), 'linden'));
  }
}

/** @type {import('./Sculpture.js').Shade} */
function lightFromAbove({ y }, normal) {
  return (0.6 + 0.4 * Math.min(1, y / 4)) * (0.82 + 0.18 * normal.y);
}

/** @returns {Sculpture} */
function linden() {
  const { x, z } = LINDEN;
  const tree = new Sculpture();
  const trunk = new THREE.CylinderGeometry(0.13, 0.24, 2.2, 9, 3);
  tree.add(trunk, { at: [x, 1.05, z], turn: [0.03, 0, -0.04], color: BARK });
  for (let branch = 0; branch < 5; branch += 1) {
    const angle = branch * 1.9;
    tree.beam(
      [x, 1.9, z],
      [x + 0.75 * Math.cos(angle), 3.0 + 0.2 * (branch % 2), z + 0.75 * Math.sin(angle)],
      0.11,
      0.11,
      BARK,
    );
  }
  const middle = new THREE.Vector3(x, 3.45, z);
  crown(tree, middle, 1.05, 8, 3);
  leaves(tree, middle, 1.42, 900, 1);
  return tree.shade(({ y }) => 0.62 + 0.38 * Math.min(1, Math.max(0, y - (y < 2 ? 0 : 2)) / 2));
}

/**
 * @param {Sculpture} tree
 * @param {THREE.Vector3} middle
 * @param {number} size
 * @param {number} n How many tufts.
 * @param {number} seed
 */
function crown(tree, { x, y, z }, size, n, seed) {
  for (let tuft = 0; tuft < n; tuft += 1) {
    const [angle, rise] = [tuft * 2.4 + seed, ((tuft % 3) - 1) * 0.5];
    const away = size * (0.62 - 0.12 * rise);
    tree.add(bumpy(new THREE.SphereGeometry(size * (0.5 + 0.22 * random(seed, tuft)), 8, 6), 0.09), {
      at: [x + Math.cos(angle) * away, y + rise * size, z + Math.sin(angle) * away],
      turn: [tuft, seed, 0],
      color: GREENS[(tuft + seed) % 4],
    });
  }
  tree.add(bumpy(new THREE.SphereGeometry(size * 0.8, 8, 7), 0.07), {
    at: [x, y + size * 0.45, z],
    color: GREENS[seed % 4],
  });
}

/**
 * Single leaves around a crown, whose shadows are dappled.
 *
 * @param {Sculpture} tree
 * @param {THREE.Vector3} middle
 * @param {number} radius
 * @param {number} n
 * @param {number} size
 */
function leaves(tree, { x, y, z }, radius, n, size) {
  for (let leaf = 0; leaf < n; leaf += 1) {
    const rise = 1 - (2 * (leaf + 0.5)) / n;
    const angle = leaf * 2.39996;
    const around = Math.sqrt(1 - rise * rise);
    const away = radius * (0.8 + 0.3 * random(leaf, 2));
    const edge = size * (0.1 + 0.06 * random(leaf, 5));
    tree.add(new THREE.PlaneGeometry(edge, edge).rotateZ(Math.PI / 4), {
      at: [x + away * around * Math.cos(angle), y + away * 0.85 * rise, z + away * around * Math.sin(angle)],
      turn: [random(leaf, 1) - 0.9, Math.PI / 2 - angle + random(leaf, 8) - 0.5, random(leaf, 4) * 6],
      size: [0.75, 1.15, 1],
      color: GREENS[leaf % 4],
    });
  }
}

/**
 * @param {THREE.BufferGeometry} shape
 * @param {number} amount
 * @returns {THREE.BufferGeometry} The same, with bumps.
 */
function bumpy(shape, amount) {
  const places = shape.getAttribute('position');
  shape.computeBoundingSphere();
  const scale = 1 / (shape.boundingSphere?.radius ?? 1);
  for (let at = 0; at < places.count; at += 1) {
    const [x, y, z] = [places.getX(at), places.getY(at), places.getZ(at)];
    const swell =
      1 +
      amount *
        (Math.sin(scale * (x * 7 + z * 4)) + Math.sin(scale * (y * 9 + x * 3)) + Math.sin(scale * (z * 8 - y * 5)));
    places.setXYZ(at, x * swell, y * swell, z * swell);
  }
  shape.computeVertexNormals();
  return shape;
}
