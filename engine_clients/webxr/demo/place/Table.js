import * as THREE from 'three';
import { Sculpture } from './Sculpture.js';

const [WIDTH_M, DEPTH_M] = [1.6, 0.8];
/** Height of its top. */
export const TABLE_M = 0.8;

/** A table in reach of the player, for things to be put on. */
export class Table extends THREE.Group {
  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'table';
    this.add(palette.cover('table', top()), palette.cover('wood', legs()));
  }
}

/** @returns {Sculpture} */
function top() {
  return new Sculpture().add(new THREE.BoxGeometry(WIDTH_M, 0.06, DEPTH_M), { at: [0, TABLE_M - 0.03, 0] });
}

/** @returns {Sculpture} */
function legs() {
  const [x, z, y] = [WIDTH_M / 2 - 0.14, DEPTH_M / 2 - 0.12, TABLE_M - 0.06];
  const frame = new Sculpture();
  for (const side of [-1, 1]) {
    frame
      .beam([side * (x + 0.05), 0, z], [side * x, y, z], 0.09)
      .beam([side * (x + 0.05), 0, -z], [side * x, y, -z], 0.09)
      .beam([side * x, 0.2, -z], [side * x, 0.2, z], 0.07, 0.06)
      .beam([-x, y - 0.05, side * z], [x, y - 0.05, side * z], 0.1, 0.05);
  }
  return frame.beam([-x, 0.2, 0], [x, 0.2, 0], 0.07, 0.06).shade(({ y: high }) => 0.6 + 0.4 * Math.min(1, high / 0.5));
}
