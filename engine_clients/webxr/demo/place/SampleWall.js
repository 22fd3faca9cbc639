import * as THREE from 'three';
import { Curtain, steps } from './Curtain.js';
import { Sculpture } from './Sculpture.js';

const [WIDTH_M, HEIGHT_M, DEPTH_M] = [1.4, 1.5, 0.22];

/** A piece of wall that stands free: what materials are asked for where the room itself is the scene. */
export class SampleWall extends THREE.Group {
  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'sample wall';
    // Its upper edge is broken off like a ruin's.
    const top = (/** @type {number} */ x) => HEIGHT_M - 0.16 * Math.floor(Math.abs(x + 0.1) * 3.2);
    const ends = [-WIDTH_M / 2, WIDTH_M / 2];
    const columns = steps(ends[0], ends[1], 16);
    const wall = new Sculpture()
      .add(new Curtain(columns, { top, rows: 6 }), { at: [0, 0, DEPTH_M / 2] })
      .add(new Curtain(columns, { top: (x) => top(-x), rows: 6 }), { at: [0, 0, -DEPTH_M / 2], turn: [0, Math.PI, 0] });
    ends.forEach((x, at) => {
      const height = top(x);
      wall.add(new THREE.PlaneGeometry(DEPTH_M, height), {
        at: [x, height / 2, 0],
        turn: [0, at ? Math.PI / 2 : -Math.PI / 2, 0],
      });
    });
    for (let column = 0; column + 1 < columns.length; column += 1) {
      const [from, to] = [columns[column], columns[column + 1]];
      const [low, high] = [top(from), top(to)];
      const run = Math.hypot(to - from, high - low);
      wall.add(new THREE.PlaneGeometry(run, DEPTH_M), {
        at: [(from + to) / 2, (low + high) / 2, 0],
        turn: [-Math.PI / 2, Math.atan2(low - high, to - from), 0],
      });
    }
    wall.shade(({ y }) => 0.6 + 0.4 * Math.min(1, y / 0.4));
    this.add(palette.cover('sample-wall', wall));
  }
}
