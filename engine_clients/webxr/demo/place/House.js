import * as THREE from 'three';
import { Curtain, steps } from './Curtain.js';
import { LAMPS } from './Lanterns.js';
import { Sculpture } from './Sculpture.js';

/** The ground floor's front, the upper floor's in front of it, and the eaves. */
export const FRONT_X = 4.7;
const UPPER_X = 4.35;
const JETTY_M = 2.75;
const EAVES_M = 5.05;
const RIDGE = { x: 7.4, y: 8.0 };
/** Its ends, seen from the front: the left one is the north. */
const [LEFT, RIGHT] = [-5.3, 5.3];
const DOOR_Z = -2.95;

/** Windows: middle along the front, height of the sill, width, height, floor. @type {[number, number, number, number, number][]} */
const WINDOWS = [
  [-4.42, 1.0, 0.7, 1.05, 0],
  [-1.2, 1.0, 0.95, 1.05, 0],
  [1.2, 1.0, 0.95, 1.05, 0],
  [3.6, 1.0, 0.95, 1.05, 0],
  [-4.25, 3.35, 0.8, 1.0, 1],
  [-2.1, 3.35, 0.8, 1.0, 1],
  [0.05, 3.35, 0.8, 1.0, 1],
  [2.2, 3.35, 0.8, 1.0, 1],
  [4.35, 3.35, 0.8, 1.0, 1],
];
const SHUTTER = 0x4d6b5a;
const LEAVES = [0x4d6a2c, 0x5f7d33, 0x3f5a2a];
const BLOSSOMS = [0xd8443a, 0xe8a13c, 0xe0657f, 0xf2e2c0];

/**
 * The house on the right: stone foot, plaster, an upper floor of timber that leans out, lit windows, a tiled roof.
 * Its parts are made as seen from the front, x to the right, and turned into place.
 */
export class House extends THREE.Group {
  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'house';
    this.rotation.y = -Math.PI / 2;
    this.position.x = FRONT_X;
    this.add(
      palette.cover('house', plaster()),
      palette.cover('wood', timber()),
      palette.cover('roof', roof()),
      palette.cover('trim', stone()),
      palette.paint(details(), 'shutters'),
      palette.light(panes(), 'panes'),
    );
  }
}

/** How far the upper floor leans out. */
const OUT_M = FRONT_X - UPPER_X;
/** Lanterns in the house's own axes. */
const LIT_BY = LAMPS.map(({ x, y, z }) => new THREE.Vector3(z, y, FRONT_X - x));

/** @returns {Sculpture} */
function plaster() {
  return new Sculpture()
    .add(new Curtain(steps(LEFT, RIGHT, 20), { bottom: () => 0.4, top: () => JETTY_M, rows: 6 }))
    .add(new Curtain(steps(LEFT, RIGHT, 20), { bottom: () => JETTY_M, top: () => EAVES_M, rows: 6 }), {
      at: [0, 0, OUT_M],
    })
    .add(new THREE.PlaneGeometry(RIGHT - LEFT, OUT_M), { at: [0, JETTY_M, OUT_M / 2], turn: [Math.PI / 2, 0, 0] })
    .shade(({ y }, normal) => {
      if (normal.y < -0.5) return 0.5;
      const jetty = y <= JETTY_M ? 0.6 + 0.4 * Math.min(1, (JETTY_M - y) / 0.5) : 1;
      const eaves = 0.6 + 0.4 * Math.min(1, (EAVES_M - y) / 0.6);
      return jetty * Math.max(0.6, eaves) * (0.8 + 0.2 * Math.min(1, y / 1.2));
    })
    .warm(LIT_BY, 1.8, 1.2);
}

/** @returns {Sculpture} The frame of the upper floor, posts, windows' frames, the door. */
function timber() {
  const frame = new Sculpture();
  const z = OUT_M + 0.02;
  for (const y of [JETTY_M + 0.09, 3.22, 4.48, EAVES_M - 0.1]) frame.beam([LEFT, y, z], [RIGHT, y, z], 0.17, 0.09);
  const posts = [-5.2, -3.2, -1.05, 1.1, 3.25, 5.2];
  for (const x of posts) frame.beam([x, JETTY_M, z + 0.01], [x, EAVES_M, z + 0.01], 0.18, 0.09);
  for (const [x] of WINDOWS.filter(([, , , , floor]) => floor === 1)) {
    for (const side of [-1, 1]) {
      frame.beam([x + side * 0.52, 3.2, z], [x + side * 0.52, 4.5, z], 0.12, 0.085);
      frame.beam([x + side * 0.62, JETTY_M + 0.1, z - 0.005], [x + side * 0.2, 3.2, z - 0.005], 0.11, 0.08);
    }
  }
  // Ends of the joists that carry the upper floor.
  for (const x of steps(LEFT + 0.2, RIGHT - 0.2, 16))
    frame.beam([x, JETTY_M - 0.09, -0.1], [x, JETTY_M - 0.09, z + 0.08], 0.14, 0.16);
  for (const x of [-5.1, -0.15, 2.4, 5.1]) frame.beam([x, 0.4, 0.02], [x, JETTY_M, 0.02], 0.18, 0.1);
  for (const [x, sill, width, height, floor] of WINDOWS) window(frame, x, sill, width, height, floor ? OUT_M : 0);
  door(frame);
  return frame.shade(({ y }) => (y < JETTY_M ? 0.7 + 0.3 * Math.min(1, y / 0.5) : 1)).warm(LIT_BY, 1.5, 1.5);
}

/**
 * @param {Sculpture} frame
 * @param {number} x
 * @param {number} sill
 * @param {number} width
 * @param {number} height
 * @param {number} z
 */
function window(frame, x, sill, width, height, z) {
  const [top, half] = [sill + height, width / 2];
  frame
    .beam([x - half, sill, z + 0.04], [x - half, top, z + 0.04], 0.08, 0.12)
    .beam([x + half, sill, z + 0.04], [x + half, top, z + 0.04], 0.08, 0.12)
    .beam([x - half - 0.08, top, z + 0.05], [x + half + 0.08, top, z + 0.05], 0.1, 0.14)
    .beam([x - half - 0.1, sill, z + 0.08], [x + half + 0.1, sill, z + 0.08], 0.08, 0.22)
    .beam([x, sill, z + 0.035], [x, top, z + 0.035], 0.045, 0.05)
    .beam([x - half, sill + height * 0.62, z + 0.035], [x + half, sill + height * 0.62, z + 0.035], 0.04, 0.05);
}

/** @param {Sculpture} frame */
function door(frame) {
  const [half, top] = [0.52, 2.1];
  for (let board = 0; board < 5; board += 1) {
    const x = DOOR_Z - half + (board + 0.5) * ((2 * half) / 5);
    frame.beam([x, 0.16, 0.02], [x, top, 0.02], (2 * half) / 5 - 0.01, 0.06);
  }
  for (const side of [-1, 1])
    frame.beam(
      [DOOR_Z + side * (half + 0.08), 0.1, 0.05],
      [DOOR_Z + side * (half + 0.08), top + 0.1, 0.05],
      0.15,
      0.16,
    );
  frame
    .beam([DOOR_Z - half - 0.2, top + 0.08, 0.06], [DOOR_Z + half + 0.2, top + 0.08, 0.06], 0.16, 0.18)
    .beam([DOOR_Z - half + 0.05, 0.5, 0.065], [DOOR_Z + half - 0.05, 0.5, 0.065], 0.12, 0.03)
    .beam([DOOR_Z - half + 0.05, 1.75, 0.065], [DOOR_Z + half - 0.05, 1.75, 0.065], 0.12, 0.03);
}

/** @returns {Sculpture} */
function roof() {
  const [run, rise] = [RIDGE.x - UPPER_X + 0.5, RIDGE.y - EAVES_M + 0.45];
  const slope = Math.hypot(run, rise);
  const tiles = new Sculpture().add(new THREE.BoxGeometry(RIGHT - LEFT + 0.5, slope, 0.1, 12, 4, 1), {
    at: [0, EAVES_M - 0.45 + rise / 2, OUT_M + 0.5 - run / 2],
    turn: [-Math.atan2(run, rise), 0, 0],
  });
  // A dormer's two slopes.
  for (const side of [-1, 1]) {
    tiles.add(new THREE.BoxGeometry(0.07, 0.95, 1.8), {
      at: [-2.1 + side * 0.33, 6.55, -0.6],
      turn: [0, 0, side * 0.75],
    });
  }
  return tiles.shade(({ y }) => 0.75 + 0.25 * Math.min(1, Math.max(0, y - EAVES_M + 0.4) / 1.5));
}

/** @returns {Sculpture} The foot, the doorstep, the chimney. */
function stone() {
  const stones = new Sculpture();
  stones
    .add(new THREE.BoxGeometry(RIGHT - LEFT, 0.55, 0.16, 20, 2, 1), { at: [0, 0.275, 0] })
    .add(new THREE.BoxGeometry(1.5, 0.16, 0.5), { at: [DOOR_Z, 0.08, 0.25] })
    .add(new THREE.BoxGeometry(0.7, 3.2, 0.7), { at: [-4.0, 7.4, -1.9], color: 0xd8a58c })
    .add(new THREE.BoxGeometry(0.84, 0.14, 0.84), { at: [-4.0, 8.95, -1.9] });
  return stones.shade(({ y }) => 0.6 + 0.4 * Math.min(1, y / 0.5));
}

/** @returns {Sculpture} Shutters, flower boxes, the door's iron, the dormer's front. */
function details() {
  const parts = new Sculpture();
  for (const [x, sill, width, height, floor] of WINDOWS) {
    const z = floor ? OUT_M : 0;
    for (const side of [-1, 1]) {
      const at = x + side * (width / 2 + 0.24);
      if (floor === 1) continue;
      parts.add(new THREE.BoxGeometry(0.38, height, 0.04), { at: [at, sill + height / 2, z + 0.05], color: SHUTTER });
      for (const y of [0.2, 0.8]) {
        parts.add(new THREE.BoxGeometry(0.34, 0.06, 0.03), { at: [at, sill + height * y, z + 0.075], color: 0x3f5a4b });
      }
    }
    flowers(parts, x, sill - 0.02, width, z + 0.2);
  }
  parts
    .add(new THREE.SphereGeometry(0.035, 10, 8), { at: [DOOR_Z + 0.38, 1.1, 0.09], color: 0xb08a46 })
    .add(new THREE.BoxGeometry(0.95, 0.9, 0.06), { at: [-2.1, 6.05, 0.16], color: 0xd9cbb2 });
  for (const y of [0.5, 1.75])
    parts.add(new THREE.BoxGeometry(0.7, 0.05, 0.02), { at: [DOOR_Z - 0.12, y, 0.09], color: 0x2b2826 });
  return parts;
}

/**
 * @param {Sculpture} parts
 * @param {number} x
 * @param {number} y
 * @param {number} width
 * @param {number} z
 */
function flowers(parts, x, y, width, z) {
  parts.add(new THREE.BoxGeometry(width, 0.16, 0.18), { at: [x, y - 0.02, z], color: 0x6b4630 });
  const n = Math.round(width * 14);
  for (let bush = 0; bush < n; bush += 1) {
    const across = x - width / 2 + ((bush + 0.5) / n) * width;
    const lift = 0.09 + 0.05 * Math.abs(Math.sin(bush * 7.3 + x * 3));
    parts.add(new THREE.OctahedronGeometry(0.085), {
      at: [across, y + lift, z + 0.03 * Math.sin(bush * 3.1)],
      turn: [bush, x, 0],
      color: LEAVES[bush % LEAVES.length],
    });
    parts.add(new THREE.OctahedronGeometry(0.045), {
      at: [across + 0.02, y + lift + 0.06, z + 0.045 + 0.03 * Math.cos(bush * 5.1)],
      turn: [0, bush, x],
      color: BLOSSOMS[(bush + Math.round(Math.abs(x) * 3)) % BLOSSOMS.length],
    });
  }
}

/** @returns {Sculpture} Windows' glass, brightest where the lamp inside is. */
function panes() {
  const glass = new Sculpture();
  for (const [x, sill, width, height, floor] of WINDOWS) {
    const shape = new THREE.PlaneGeometry(width, height, 4, 5);
    glass.add(shape, {
      at: [x, sill + height / 2, (floor ? OUT_M : 0) + 0.02],
      color: new THREE.Color(1.15, 0.4, 0.06),
    });
  }
  for (const [x, sill, width, height, floor] of WINDOWS) {
    for (const side of [-1, 1]) {
      glass.add(new THREE.PlaneGeometry(width * 0.2, height, 1, 4), {
        at: [x + side * width * 0.39, sill + height / 2, (floor ? OUT_M : 0) + 0.026],
        color: new THREE.Color(0.62, 0.13, 0.03),
      });
    }
  }
  glass.add(new THREE.PlaneGeometry(0.55, 0.5, 2, 2), {
    at: [-2.1, 6.1, 0.2],
    color: new THREE.Color(1.2, 0.5, 0.11),
  });
  return glass.shade(({ x, y }) => {
    const near = WINDOWS.reduce((least, [middle, sill]) => {
      return Math.min(least, Math.hypot((x - middle) * 1.2, y - sill - 0.45));
    }, 0.7);
    return 1.1 - 0.95 * near;
  });
}
