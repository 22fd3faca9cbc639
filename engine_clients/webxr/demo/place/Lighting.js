import * as THREE from 'three';
import { TO_SUN } from './Sky.js';

/** The sun, which alone throws shadows, and the sky's cool light in them. */
export class Lighting extends THREE.Group {
  constructor() {
    super();
    this.name = 'lighting';
    const sun = new THREE.DirectionalLight(0xffc080, 6.2);
    sun.position.copy(TO_SUN).multiplyScalar(20);
    sun.castShadow = true;
    sun.shadow.mapSize.set(2048, 2048);
    sun.shadow.bias = -0.0004;
    sun.shadow.normalBias = 0.025;
    sun.shadow.radius = 2.5;
    Object.assign(sun.shadow.camera, { left: -8, right: 8, bottom: -4.5, top: 7.5, near: 6, far: 34 });
    this.add(sun, sun.target, new THREE.HemisphereLight(0xb9c3ea, 0xa07f60, 2));
  }
}
