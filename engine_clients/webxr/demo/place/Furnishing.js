import * as THREE from 'three';
import { random } from './patterns.js';
import { Sculpture } from './Sculpture.js';

const WOOD = [0x876548, 0x735640, 0x927355];
const [IRON, CLAY, SOIL] = [0x2f2c2a, 0xa8603f, 0x3c2c20];

/** Things that belong to the place and stay: firewood, benches, a cart's wheel, crates, pots with flowers. */
export class Furnishing extends THREE.Group {
  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'furnishing';
    const things = new Sculpture();
    firewood(things);
    bench(things, -1.6, 4.55, Math.PI);
    bench(things, 4.28, 0.95, -Math.PI / 2);
    wheel(things);
    crates(things);
    pots(things);
    // The pole that a string of bulbs hangs on.
    things.beam([-4.85, 0, 2.0], [-4.85, 3.65, 2.0], 0.11, 0.11, WOOD[1]);
    // What stands on the ground is darkest there.
    this.add(
      palette.paint(
        things.shade(({ y }) => 0.62 + 0.38 * Math.min(1, y / 0.4)),
        'furnishing',
      ),
    );
  }
}

/** @param {Sculpture} things */
function firewood(things) {
  for (let row = 0; row < 5; row += 1) {
    for (let log = 0; log < 11 - row; log += 1) {
      const radius = 0.075 + 0.015 * random(row, log);
      const place = /** @type {[number, number, number]} */ ([
        -4.72 + 0.05 * random(log, row),
        0.08 + row * 0.135,
        -2.35 + row * 0.08 + log * 0.155,
      ]);
      things
        .add(new THREE.CylinderGeometry(radius, radius, 0.5, 7, 1, true), {
          at: place,
          turn: [0, 0, Math.PI / 2],
          color: 0x5d4635,
        })
        .add(new THREE.CircleGeometry(radius, 7), {
          at: [place[0] + 0.25, place[1], place[2]],
          turn: [0, Math.PI / 2, 0],
          color: WOOD[(row + log) % 3],
        });
    }
  }
}

/**
 * @param {Sculpture} things
 * @param {number} x
 * @param {number} z
 * @param {number} turn
 */
function bench(things, x, z, turn) {
  const part = (
    /** @type {[number, number, number]} */ [width, height, depth],
    /** @type {[number, number, number]} */ at,
    shade = 0,
  ) => {
    const place = new THREE.Vector3(...at).applyAxisAngle(new THREE.Vector3(0, 1, 0), turn);
    things.add(new THREE.BoxGeometry(width, height, depth), {
      at: [place.x + x, place.y, place.z + z],
      turn: [0, turn, 0],
      color: WOOD[shade],
    });
  };
  part([1.5, 0.05, 0.17], [0, 0.45, 0.1], 0);
  part([1.5, 0.05, 0.17], [0, 0.45, -0.09], 2);
  part([1.5, 0.13, 0.04], [0, 0.72, -0.2], 0);
  for (const side of [-1, 1]) {
    part([0.08, 0.43, 0.34], [side * 0.6, 0.21, 0], 1);
    part([0.07, 0.45, 0.05], [side * 0.6, 0.6, -0.19], 1);
  }
}

/** @param {Sculpture} things The wheel of a cart that leans at the wall. */
function wheel(things) {
  const [x, y, z, lean] = [-4.78, 0.58, 2.75, 0.22];
  const turn = /** @type {[number, number, number]} */ ([0, Math.PI / 2, 0]);
  const out = (/** @type {number} */ height) => x + 0.02 - Math.tan(lean) * (height - 0.58) * 0.6;
  things
    .add(new THREE.TorusGeometry(0.52, 0.045, 5, 22), { at: [x, y, z], turn, color: WOOD[1] })
    .add(new THREE.TorusGeometry(0.565, 0.014, 4, 22), { at: [x, y, z], turn, color: IRON })
    .add(new THREE.CylinderGeometry(0.09, 0.09, 0.2, 9), { at: [x, y, z], turn: [0, 0, Math.PI / 2], color: WOOD[0] });
  for (let spoke = 0; spoke < 10; spoke += 1) {
    const angle = (spoke / 10) * 2 * Math.PI;
    const tip = [y + 0.5 * Math.sin(angle), z + 0.5 * Math.cos(angle)];
    things.beam([x, y, z], [out(tip[0]) - 0.02, tip[0], tip[1]], 0.035, 0.03, WOOD[2]);
  }
}

/** @param {Sculpture} things */
function crates(things) {
  for (const [x, y, z, edge, turn] of [
    [-4.2, 0, 4.2, 0.62, 0.12],
    [-4.3, 0, 3.5, 0.5, -0.2],
    [-4.2, 0.62, 4.15, 0.42, 0.5],
  ]) {
    things.add(new THREE.BoxGeometry(edge - 0.04, edge - 0.04, edge - 0.04), {
      at: [x, y + edge / 2, z],
      turn: [0, turn, 0],
      color: WOOD[1],
    });
    for (const [high, color] of [
      [0.1, 0],
      [0.5, 2],
      [0.9, 0],
    ]) {
      things.add(new THREE.BoxGeometry(edge, edge * 0.2, edge), {
        at: [x, y + edge * high, z],
        turn: [0, turn, 0],
        color: WOOD[color],
      });
    }
  }
  // A sack of meal beside them.
  things
    .add(new THREE.SphereGeometry(0.27, 12, 9), { at: [-3.5, 0.24, 4.4], size: [1, 1.05, 0.85], color: 0xb59c72 })
    .add(new THREE.CylinderGeometry(0.12, 0.06, 0.14, 9), { at: [-3.5, 0.54, 4.4], color: 0xa68d64 })
    .add(new THREE.TorusGeometry(0.07, 0.016, 5, 10), {
      at: [-3.5, 0.49, 4.4],
      turn: [Math.PI / 2, 0, 0],
      color: 0x6b5334,
    });
}

/** @param {Sculpture} things */
function pots(things) {
  const blossoms = [0xd9503c, 0xe6a440, 0xd7687f];
  [
    [4.3, -3.85, 0.2],
    [4.34, -2.12, 0.16],
    [-0.98, -4.5, 0.19],
    [1.72, -4.5, 0.19],
  ].forEach(([x, z, radius], pot) => {
    things
      .add(new THREE.CylinderGeometry(radius, radius * 0.7, radius * 1.7, 12, 1, true), {
        at: [x, radius * 0.85, z],
        color: CLAY,
      })
      .add(new THREE.TorusGeometry(radius, 0.025, 6, 14), {
        at: [x, radius * 1.7, z],
        turn: [Math.PI / 2, 0, 0],
        color: CLAY,
      })
      .add(new THREE.CircleGeometry(radius, 12), {
        at: [x, radius * 1.62, z],
        turn: [-Math.PI / 2, 0, 0],
        color: SOIL,
      });
    for (let leaf = 0; leaf < 16; leaf += 1) {
      const [angle, away] = [leaf * 2.4, radius * Math.sqrt((leaf + 0.5) / 16)];
      const at = /** @type {[number, number, number]} */ ([
        x + away * Math.cos(angle),
        radius * 1.75 + 0.1 + 0.12 * random(leaf, pot) * (1 - away / radius),
        z + away * Math.sin(angle),
      ]);
      things.add(new THREE.OctahedronGeometry(0.095), {
        at,
        turn: [leaf, pot, 0],
        color: leaf % 2 ? 0x55752f : 0x668438,
      });
      if (leaf % 2) {
        const place = /** @type {[number, number, number]} */ ([at[0] * 1.004 - x * 0.004, at[1] + 0.08, at[2]]);
        things.add(new THREE.OctahedronGeometry(0.05), {
          at: place,
          turn: [pot, leaf, 0],
          color: blossoms[(leaf + pot) % 3],
        });
      }
    }
  });
}
