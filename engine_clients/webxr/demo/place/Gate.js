import * as THREE from 'three';
import { Sculpture } from './Sculpture.js';
import { ARCH } from './Walls.js';

const WING_M = 1.72;
const OPEN_RAD = 1.75;
const OPENS_IN_S = 2.2;

/** The two wings of the gate, which swing outwards. */
export class Gate extends THREE.Group {
  /** @type {THREE.Group[]} */
  #wings = [];
  #openness = 0;
  #wanted = 0;

  /** Whether it is open, or about to be. */
  get isOpen() {
    return this.#wanted === 1;
  }

  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'the gate';
    for (const side of [-1, 1]) {
      const wing = new THREE.Group();
      wing.position.set(ARCH.x + side * (ARCH.halfWidthM - 0.03), 0, ARCH.z - 0.28);
      wing.add(palette.cover('wood', boards(side)), palette.paint(iron(side), 'iron'));
      this.#wings.push(wing);
      this.add(wing);
    }
  }

  open() {
    this.#wanted = 1;
  }

  close() {
    this.#wanted = 0;
  }

  /**
   * @param {number} deltaS
   * @returns {boolean} Whether it moved.
   */
  update(deltaS) {
    if (this.#openness === this.#wanted) return false;
    const step = deltaS / OPENS_IN_S;
    this.#openness += Math.min(step, Math.max(-step, this.#wanted - this.#openness));
    if (Math.abs(this.#wanted - this.#openness) < 1e-4) this.#openness = this.#wanted;
    const eased = this.#openness ** 2 * (3 - 2 * this.#openness);
    this.#wings[0].rotation.y = OPEN_RAD * eased;
    this.#wings[1].rotation.y = -OPEN_RAD * eased;
    return true;
  }
}

/**
 * @param {number} side −1 hangs on the left, 1 on the right.
 * @returns {Sculpture}
 */
function boards(side) {
  const wing = new Sculpture();
  const width = ARCH.halfWidthM - 0.05;
  const n = 6;
  for (let board = 0; board < n; board += 1) {
    const x = -side * (board + 0.5) * (width / n);
    const height = WING_M - 0.05 * (board % 2);
    wing.beam([x, 0.06, 0], [x, height, 0], width / n - 0.012, 0.05);
  }
  const [near, far] = [-side * 0.04, -side * (width - 0.04)];
  return wing
    .beam([near, 0.34, 0.045], [far, 0.34, 0.045], 0.14, 0.04)
    .beam([near, 1.42, 0.045], [far, 1.42, 0.045], 0.14, 0.04)
    .beam([near, 0.4, 0.045], [far, 1.36, 0.045], 0.12, 0.035)
    .shade(({ y }) => 0.6 + 0.4 * Math.min(1, y / 0.6));
}

/**
 * @param {number} side
 * @returns {Sculpture} Hinges and the ring.
 */
function iron(side) {
  const dark = 0x2b2826;
  const hardware = new Sculpture();
  for (const y of [0.34, 1.42]) {
    hardware.add(new THREE.BoxGeometry(0.62, 0.06, 0.015), { at: [-side * 0.31, y, 0.072], color: dark });
    for (let nail = 0; nail < 4; nail += 1) {
      hardware.add(new THREE.SphereGeometry(0.016, 6, 4), {
        at: [-side * (0.08 + nail * 0.16), y, 0.08],
        color: 0x4a4643,
      });
    }
  }
  return hardware.add(new THREE.TorusGeometry(0.07, 0.012, 6, 14), {
    at: [-side * (ARCH.halfWidthM - 0.16), 1.0, 0.06],
    color: dark,
  });
}
