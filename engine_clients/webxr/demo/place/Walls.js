import * as THREE from 'three';
import { Curtain, steps } from './Curtain.js';
import { LAMPS } from './Lanterns.js';
import { box, Sculpture } from './Sculpture.js';

/** The arch of the gate: where its middle is, half its width, and the height where the round begins. */
export const ARCH = { x: 0.35, z: -5, halfWidthM: 1.15, springM: 1.6 };
const NORTH_M = 2.7;
const GATEHOUSE_M = 3.75;
const GATEHOUSE_HALF_M = 1.8;
const WEST_M = 1.85;
const SOUTH_M = 2.2;
const DEPTH_M = 0.5;

/** What stands around the courtyard and what lies under it: ground, walls, the gatehouse. */
export class Walls extends THREE.Group {
  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'walls';
    this.add(
      palette.cover('ground', ground()),
      palette.cover('north-wall', northWall()),
      palette.cover('west-wall', sideWalls()),
      palette.cover('trim', trim()),
      palette.cover('roof', gatehouseRoof()),
    );
  }
}

/**
 * @param {number} x
 * @returns {number} Height of the arch there; 0 beside it.
 */
function archHeight(x) {
  const off = Math.abs(x - ARCH.x);
  return off < ARCH.halfWidthM ? ARCH.springM + Math.sqrt(ARCH.halfWidthM ** 2 - off ** 2) : 0;
}

/** @returns {Sculpture} */
function ground() {
  const shape = new THREE.PlaneGeometry(10.4, 10.6, 30, 30);
  return new Sculpture().add(shape, { at: [0, 0, -0.1], turn: [-Math.PI / 2, 0, 0] }).shade(({ x, z }) => {
    const toWall = Math.min(x + 5, 4.7 - x, 5 - z, Math.abs(x - ARCH.x) < 1.1 ? 9 : z + 5);
    const toForge = Math.hypot(Math.max(0, Math.abs(x + 3.8) - 0.9), Math.max(0, Math.abs(z + 4.4) - 0.6));
    return (0.5 + 0.5 * Math.min(1, Math.max(0, toWall) / 0.8) ** 0.7) * (0.6 + 0.4 * Math.min(1, toForge / 0.7));
  });
}

/** @returns {Sculpture} */
function northWall() {
  const { x, halfWidthM } = ARCH;
  const [left, right] = [x - GATEHOUSE_HALF_M, x + GATEHOUSE_HALF_M];
  const arch = steps(0, Math.PI, 20).map((angle) => x - halfWidthM * Math.cos(angle));
  const sheet = [
    ...steps(-5, left, 9),
    ...steps(left, x - halfWidthM, 3),
    ...arch,
    ...steps(x + halfWidthM, right, 3),
    ...steps(right, 5, 8),
  ];
  const columns = sheet.filter((at, place) => at !== sheet[place - 2]);
  const top = (/** @type {number} */ at) => (Math.abs(at - x) < GATEHOUSE_HALF_M ? GATEHOUSE_M : NORTH_M);
  const sides = [left, right].map((at, place) => ({
    shape: new THREE.PlaneGeometry(DEPTH_M, GATEHOUSE_M - NORTH_M),
    at: /** @type {[number, number, number]} */ ([at, (GATEHOUSE_M + NORTH_M) / 2, ARCH.z - DEPTH_M / 2]),
    turn: /** @type {[number, number, number]} */ ([0, place === 0 ? -Math.PI / 2 : Math.PI / 2, 0]),
  }));
  const wall = new Sculpture().add(new Curtain(columns, { bottom: archHeight, top, rows: 9 }), { at: [0, 0, ARCH.z] });
  for (const { shape, at, turn } of sides) wall.add(shape, { at, turn });
  // Seen from outside, and so that light doesn't come through.
  wall.add(
    new Curtain(columns.map((at) => -at).reverse(), {
      bottom: (at) => archHeight(-at),
      top: (at) => top(-at),
      rows: 1,
    }),
    {
      at: [0, 0, ARCH.z - DEPTH_M],
      turn: [0, Math.PI, 0],
    },
  );
  return wall
    .add(reveal(), { at: [0, 0, ARCH.z], isMapped: true })
    .shade(({ x: across, y, z }, normal) => {
      if (z < ARCH.z - 0.01) return 0.8;
      if (normal.z < 0.5) return 0.75;
      const foot = 0.55 + 0.45 * Math.min(1, y / 0.7) ** 0.6;
      const corner = 0.65 + 0.35 * Math.min(1, Math.max(0, Math.min(across + 5, 4.7 - across)) / 0.9) ** 0.6;
      const eaves = y > GATEHOUSE_M - 0.5 ? 0.75 : 1;
      return foot * corner * eaves;
    })
    .warm(LAMPS, 1.8, 3.5);
}

/** @returns {THREE.BufferGeometry} The inside of the arch, its texture as long as it is. */
function reveal() {
  const { x, halfWidthM, springM } = ARCH;
  const outline = [[x + halfWidthM, 0, -1, 0, 0]];
  for (const angle of steps(0, Math.PI, 16)) {
    const [cos, sin] = [Math.cos(angle), Math.sin(angle)];
    outline.push([x + halfWidthM * cos, springM + halfWidthM * sin, -cos, -sin, springM + halfWidthM * angle]);
  }
  outline.push([x - halfWidthM, 0, 1, 0, 2 * springM + Math.PI * halfWidthM]);
  const shape = new THREE.PlaneGeometry(1, 1, outline.length - 1, 1);
  const [places, normals, uv] = ['position', 'normal', 'uv'].map((name) => shape.getAttribute(name));
  for (let at = 0; at < places.count; at += 1) {
    const [px, py, nx, ny, along] = outline[at % outline.length];
    const depth = at < outline.length ? DEPTH_M : 0;
    places.setXYZ(at, px, py, -depth);
    normals.setXYZ(at, nx, ny, 0);
    uv.setXY(at, depth, along);
  }
  return shape;
}

/** @returns {Sculpture} The walls on the left and behind, both faces. */
function sideWalls() {
  const walls = new Sculpture();
  const upTo = (/** @type {number} */ heightM, rows = 7) => ({ top: () => heightM, rows });
  walls
    .add(new Curtain(steps(-5, 5, 20), upTo(WEST_M)), { at: [-5, 0, 0], turn: [0, Math.PI / 2, 0] })
    .add(new Curtain([-5.5, 5.5], upTo(WEST_M, 1)), { at: [-5 - DEPTH_M, 0, 0], turn: [0, -Math.PI / 2, 0] })
    .add(new Curtain(steps(-5, 5, 20), upTo(SOUTH_M)), { at: [0, 0, 5], turn: [0, Math.PI, 0] })
    .add(new Curtain([-5.5, 5.5], upTo(SOUTH_M, 1)), { at: [0, 0, 5 + DEPTH_M] });
  walls.shade(({ x, y, z }) => {
    const foot = 0.5 + 0.5 * Math.min(1, y / 0.6) ** 0.6;
    const corner = Math.min(Math.max(x + 5, Math.abs(z) < 4.99 ? 5 - Math.abs(z) : 0), Math.max(5 - x, 0.2));
    return foot * (0.65 + 0.35 * Math.min(1, Math.max(0, corner) / 0.8) ** 0.6);
  });
  return walls.warm(LAMPS, 2.2, 5);
}

/** @returns {Sculpture} Copings, the stones of the arch, the threshold. */
function trim() {
  const stones = new Sculpture();
  const { x, z, halfWidthM, springM } = ARCH;
  const coping = (/** @type {number} */ from, /** @type {number} */ to, /** @type {number} */ y) =>
    stones.add(new THREE.BoxGeometry(to - from, 0.12, DEPTH_M + 0.16), {
      at: [(from + to) / 2, y + 0.06, z - DEPTH_M / 2],
    });
  coping(-5.2, x - GATEHOUSE_HALF_M, NORTH_M);
  coping(x + GATEHOUSE_HALF_M, 4.75, NORTH_M);
  stones
    .add(new THREE.BoxGeometry(DEPTH_M + 0.16, 0.12, 10.4), { at: [-5 - DEPTH_M / 2, WEST_M + 0.06, 0] })
    .add(new THREE.BoxGeometry(10.4, 0.12, DEPTH_M + 0.16), { at: [0, SOUTH_M + 0.06, 5 + DEPTH_M / 2] })
    .add(new THREE.BoxGeometry(2 * halfWidthM, 0.08, DEPTH_M + 0.3), { at: [x, 0, z - DEPTH_M / 2] });
  for (const side of [-1, 1]) {
    for (let row = 0; row < 5; row += 1) {
      const wide = row % 2 ? 0.34 : 0.26;
      stones.add(new THREE.BoxGeometry(wide, 0.3, 0.14), {
        at: [x + side * (halfWidthM + wide / 2), 0.16 + row * 0.32, z + 0.02],
        color: tone(row + side),
      });
    }
    stones.add(new THREE.BoxGeometry(0.5, 0.5, 0.5), {
      at: [x + side * (halfWidthM + 0.34), 0.2, z + 0.16],
      color: 0xe8e0d4,
    });
  }
  const n = 13;
  for (let at = 0; at < n; at += 1) {
    const angle = ((at + 0.5) / n) * Math.PI;
    const isKey = at === (n - 1) / 2;
    const long = isKey ? 0.46 : 0.34;
    const radius = halfWidthM + long / 2;
    stones.add(new THREE.BoxGeometry(long, (Math.PI * halfWidthM * 1.06) / n, isKey ? 0.22 : 0.14), {
      at: [x + radius * Math.cos(angle), springM + radius * Math.sin(angle), z + 0.02],
      turn: [0, 0, angle],
      color: tone(at),
    });
  }
  return stones.shade(({ y }) => 0.7 + 0.3 * Math.min(1, y / 0.5)).warm(LAMPS, 1.6, 1.2);
}

/**
 * @param {number} n
 * @returns {THREE.Color} Stones differ a little.
 */
function tone(n) {
  const light = 0.86 + 0.14 * Math.abs(Math.sin(n * 12.9));
  return new THREE.Color(light, light, light);
}

/** @returns {Sculpture} */
function gatehouseRoof() {
  const { x, z } = ARCH;
  const [half, deep, rise] = [GATEHOUSE_HALF_M + 0.22, DEPTH_M / 2 + 0.42, 0.85];
  const slope = Math.hypot(deep, rise);
  const roof = new Sculpture();
  for (const side of [1, -1]) {
    roof.add(box(2 * half, slope, 0.07), {
      at: [x, GATEHOUSE_M + rise / 2 - 0.05, z - DEPTH_M / 2 + (side * deep) / 2],
      turn: [-side * Math.atan2(deep, rise), 0, 0],
    });
  }
  return roof
    .add(new THREE.BoxGeometry(2 * half, 0.12, 0.2), { at: [x, GATEHOUSE_M + rise, z - DEPTH_M / 2] })
    .shade(({ y }) => 0.7 + 0.3 * Math.min(1, (y - GATEHOUSE_M) / 0.5));
}
