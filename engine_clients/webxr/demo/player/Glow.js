import * as THREE from 'three';

const GLOW = new THREE.Color(0x2a1c08);

/** Lets what is pointed at glow a little. */
export class Glow {
  /** @type {Map<THREE.MeshStandardMaterial, THREE.Color>} */
  #before = new Map();
  /** @type {THREE.Object3D[]} */
  #objects = [];

  /** @param {THREE.Object3D[]} objects None for an end of it. */
  on(objects) {
    if (objects.length === this.#objects.length && objects.every((object, place) => object === this.#objects[place]))
      return;
    for (const [material, color] of this.#before) material.emissive.copy(color);
    this.#before.clear();
    this.#objects = objects;
    for (const object of objects) object.traverse((part) => this.#light(part));
  }

  /** @param {THREE.Object3D} part */
  #light(part) {
    if (!(part instanceof THREE.Mesh)) return;
    for (const material of [part.material].flat()) {
      if (!(material instanceof THREE.MeshStandardMaterial) || this.#before.has(material)) continue;
      this.#before.set(material, material.emissive.clone());
      material.emissive.add(GLOW);
    }
  }
}
