import * as THREE from 'three';
import { random } from './patterns.js';
import { Sculpture } from './Sculpture.js';

const IVY = [0x4c6a2b, 0x5e7a33, 0x3d5826, 0x738a3c].map((green) => new THREE.Color(green));
const GRASS = [0x7d8a45, 0x6a7a3a, 0x958f4d].map((green) => new THREE.Color(green));

/**
 * Ivy on a wall: where its root is, the turn of the wall, how high and how wide it grows, how many leaves.
 *
 * @type {[number, number, number, number, number, number][]}
 */
const PATCHES = [
  [-4.98, 0.3, Math.PI / 2, 1.95, 1.5, 460],
  [-4.98, -1.6, Math.PI / 2, 1.5, 0.8, 200],
  [3.75, -4.98, 0, 2.85, 0.85, 420],
  [-2.0, -4.98, 0, 1.9, 0.5, 170],
  [0.4, 4.98, Math.PI, 2.25, 1.7, 400],
  [3.9, 4.98, Math.PI, 1.8, 0.9, 180],
];

/** Ivy on the walls and grass at their feet. */
export class Greenery extends THREE.Group {
  /** @param {import('./Palette.js').Palette} palette */
  constructor(palette) {
    super();
    this.name = 'greenery';
    const plants = new Sculpture();
    PATCHES.forEach((patch, at) => ivy(plants, patch, at));
    grass(plants);
    const mesh = palette.paint(plants, 'ivy and grass');
    mesh.castShadow = false;
    this.add(mesh);
  }
}

/**
 * @param {Sculpture} plants
 * @param {[number, number, number, number, number, number]} patch
 * @param {number} seed
 */
function ivy(plants, [x, z, turn, high, wide, n], seed) {
  const [alongX, alongZ, outX, outZ] = [Math.cos(turn), -Math.sin(turn), Math.sin(turn), Math.cos(turn)];
  for (let leaf = 0; leaf < n; leaf += 1) {
    // Shoots that spread as they climb; fewer leaves reach the top.
    const rise = random(leaf, seed) ** 1.3;
    const shoot = (random(leaf, seed + 20) - 0.5) * 2;
    const spread = wide * (0.25 + 0.75 * Math.sin(Math.PI * Math.min(1, rise * 0.75 + 0.12)));
    const across = shoot * spread + 0.12 * Math.sin(rise * 9 + seed);
    const out = 0.02 + 0.09 * random(leaf, seed + 40);
    const edge = 0.062 + 0.04 * random(leaf, seed + 60);
    plants.add(new THREE.PlaneGeometry(edge, edge).rotateZ(Math.PI / 4), {
      at: [x + alongX * across + outX * out, 0.05 + rise * high, z + alongZ * across + outZ * out],
      turn: [-0.5 * random(leaf, 3), turn + 0.9 * (random(leaf, 5) - 0.5), random(leaf, 7) * 6],
      size: [0.8, 1.15, 1],
      color: IVY[Math.floor(random(leaf, 11) * 4)],
    });
  }
}

/** @param {Sculpture} plants */
function grass(plants) {
  for (let tuft = 0; tuft < 70; tuft += 1) {
    const [along, wall] = [random(tuft, 1) * 9.6 - 4.8, tuft % 4];
    const away = 4.96 - 0.16 * random(tuft, 2) ** 2;
    const [x, z] =
      wall === 0 ? [-away, along] : wall === 1 ? [along, away] : wall === 2 ? [along, -away] : [away - 0.42, along];
    const isInGate = wall === 2 && Math.abs(along - 0.35) < 1.3;
    const isAtDoor = wall === 3 && Math.abs(along + 2.95) < 0.9;
    if (isInGate || isAtDoor) continue;
    for (let blade = 0; blade < 7; blade += 1) {
      const high = 0.1 + 0.16 * random(tuft, blade + 3);
      const shape = new THREE.CircleGeometry(0.5, 3, Math.PI / 2);
      plants.add(shape, {
        at: [x + 0.12 * (random(tuft, blade) - 0.5), high * 0.25, z + 0.12 * (random(blade, tuft) - 0.5)],
        turn: [0, random(tuft, blade + 9) * 6.3, 0.5 * (random(blade, tuft + 4) - 0.5)],
        size: [0.035, high, 0.035],
        color: GRASS[(tuft + blade) % 3],
      });
    }
  }
}
