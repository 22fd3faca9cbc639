import * as THREE from 'three';
import { Sculpture } from './Sculpture.js';

const BULB_EVERY_M = 0.62;
const SOCKET = 0x2a2624;

/** A string of bulbs between two places: it hangs through, and sways in the wind. */
export class BulbString extends THREE.Group {
  #phase;
  /** Where the bulbs are, in its own axes; for their halos. @type {THREE.Vector3[]} */
  bulbs = [];

  /**
   * @param {import('./Palette.js').Palette} palette
   * @param {THREE.Vector3} from
   * @param {THREE.Vector3} to
   * @param {number} sagM How far it hangs through.
   */
  constructor(palette, from, to, sagM) {
    super();
    this.name = 'string of bulbs';
    const length = from.distanceTo(to);
    const level = new THREE.Vector3().subVectors(to, from);
    this.#phase = from.x + from.z;
    // Its x runs from one end to the other, so that a turn around x lets it swing.
    this.position.copy(from);
    this.quaternion.setFromUnitVectors(new THREE.Vector3(1, 0, 0), level.normalize());
    this.rotation.reorder('YZX');
    const [wire, lit] = [new Sculpture(), new Sculpture()];
    const height = (/** @type {number} */ x) => -4 * sagM * (x / length) * (1 - x / length);
    const n = Math.round(length / BULB_EVERY_M);
    for (let at = 0; at < n; at += 1) {
      const [x, next] = [(at / n) * length, ((at + 1) / n) * length];
      wire.beam([x, height(x), 0], [next, height(next), 0], 0.014, 0.014, SOCKET);
      if (at === 0) continue;
      wire.add(new THREE.CylinderGeometry(0.017, 0.02, 0.06, 6), { at: [x, height(x) - 0.035, 0], color: SOCKET });
      lit.add(new THREE.SphereGeometry(0.042, 6, 5), {
        at: [x, height(x) - 0.1, 0],
        size: [1, 1.25, 1],
        color: new THREE.Color(2.3, 1.25, 0.42),
      });
      this.bulbs.push(new THREE.Vector3(x, height(x) - 0.1, 0));
    }
    const cable = palette.paint(wire, 'cable');
    cable.castShadow = false;
    this.add(cable, palette.light(lit, 'bulbs'));
  }

  /** @param {number} nowS */
  update(nowS) {
    this.rotation.x = 0.07 * Math.sin(nowS * 0.9 + this.#phase) + 0.03 * Math.sin(nowS * 2.3 + 2 * this.#phase);
  }
}
