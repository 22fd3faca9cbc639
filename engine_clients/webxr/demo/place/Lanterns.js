import * as THREE from 'three';
import { Halos } from './Halos.js';
import { Sculpture } from './Sculpture.js';

const IRON = 0x26221f;
/** Where they hang, and which way the wall is that holds them. @type {[number, number, number, number][]} */
const LANTERNS = [
  [-1.2, 2.25, -4.72, 0],
  [1.9, 2.25, -4.72, 0],
  [4.4, 2.15, -2.15, -Math.PI / 2],
  [-4.72, 1.6, 1.4, Math.PI / 2],
  [-1.8, 1.95, 4.72, Math.PI],
  [2.4, 1.95, 4.72, Math.PI],
];

/** The same, for walls that they shine on. */
export const LAMPS = LANTERNS.map(([x, y, z]) => new THREE.Vector3(x, y, z));

/** Iron lanterns on the walls. What they light is lighter by its vertex colours: lights would cost every pixel. */
export class Lanterns extends THREE.Group {
  #halos = new Halos(LAMPS, 0.9, 0xd8883a);

  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'lanterns';
    const [iron, lit] = [new Sculpture(), new Sculpture()];
    for (const [x, y, z, turn] of LANTERNS) lantern(iron, lit, x, y, z, turn);
    this.add(palette.paint(iron, 'lantern frames'), palette.light(lit, 'lantern glass'), this.#halos);
  }

  /** @param {number} nowS */
  update(nowS) {
    this.#halos.flicker(nowS);
  }
}

/**
 * @param {Sculpture} iron
 * @param {Sculpture} lit
 * @param {number} x
 * @param {number} y
 * @param {number} z
 * @param {number} turn
 */
function lantern(iron, lit, x, y, z, turn) {
  const [outX, outZ] = [Math.sin(turn), Math.cos(turn)];
  iron
    .beam([x - outX * 0.3, y + 0.26, z - outZ * 0.3], [x, y + 0.26, z], 0.025, 0.025, IRON)
    .beam(
      [x - outX * 0.28, y + 0.08, z - outZ * 0.28],
      [x - outX * 0.06, y + 0.25, z - outZ * 0.06],
      0.018,
      0.018,
      IRON,
    )
    .beam([x, y + 0.26, z], [x, y + 0.17, z], 0.012, 0.012, IRON)
    .add(new THREE.ConeGeometry(0.12, 0.1, 4, 1), {
      at: [x, y + 0.15, z],
      turn: [0, turn + Math.PI / 4, 0],
      color: IRON,
    })
    .add(new THREE.BoxGeometry(0.15, 0.025, 0.15), { at: [x, y - 0.13, z], turn: [0, turn, 0], color: IRON });
  for (const [cornerX, cornerZ] of [
    [-1, -1],
    [-1, 1],
    [1, -1],
    [1, 1],
  ]) {
    iron.beam(
      [x + cornerX * 0.062, y - 0.12, z + cornerZ * 0.062],
      [x + cornerX * 0.075, y + 0.11, z + cornerZ * 0.075],
      0.014,
      0.014,
      IRON,
    );
  }
  lit.add(new THREE.CylinderGeometry(0.085, 0.07, 0.21, 4, 1), {
    at: [x, y - 0.01, z],
    turn: [0, turn + Math.PI / 4, 0],
    color: new THREE.Color(1.7, 0.66, 0.13),
  });
}
