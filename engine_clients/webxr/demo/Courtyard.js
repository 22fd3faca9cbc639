import * as THREE from 'three';

const SKY = { top: 0x2b3a67, middle: 0xd9785a, horizon: 0xffc27a };
const SIDE_M = 9;
const WALL_M = 2.6;

/**
 * The place as it is before anything was asked for: ground, four walls, a well's place, a smith, and a low sun.
 *
 * @typedef {{mesh: THREE.Mesh, name: string, metresPerUv: [number, number]}} Surface
 */
export class Courtyard {
  scene = new THREE.Scene();
  /** What materials can be asked for. @type {Surface[]} */
  surfaces = [];
  smith = new THREE.Group();

  constructor() {
    this.#light();
    this.#surface('the ground', SIDE_M, SIDE_M, [0, 0, 0], [-Math.PI / 2, 0]);
    this.#surface('the wall ahead', SIDE_M, WALL_M, [0, WALL_M / 2, -SIDE_M / 2], [0, 0]);
    this.#surface('the wall on the left', SIDE_M, WALL_M, [-SIDE_M / 2, WALL_M / 2, 0], [0, Math.PI / 2]);
    this.#surface('the wall on the right', SIDE_M, WALL_M, [SIDE_M / 2, WALL_M / 2, 0], [0, -Math.PI / 2]);
    this.#makeSmith();
  }

  #light() {
    const sky = new THREE.Mesh(
      new THREE.SphereGeometry(40, 32, 16),
      new THREE.MeshBasicMaterial({ side: THREE.BackSide, vertexColors: true, fog: false }),
    );
    const places = sky.geometry.getAttribute('position');
    const colors = [];
    for (let place = 0; place < places.count; place += 1) {
      const height = Math.max(0, places.getY(place) / 40);
      const color = new THREE.Color(SKY.horizon).lerp(new THREE.Color(SKY.middle), Math.min(1, 4 * height));
      colors.push(...color.lerp(new THREE.Color(SKY.top), Math.min(1, 1.6 * height)).toArray());
    }
    sky.geometry.setAttribute('color', new THREE.Float32BufferAttribute(colors, 3));
    const sun = new THREE.DirectionalLight(0xffb070, 3);
    sun.position.set(6, 4, 5);
    this.scene.add(sky, new THREE.HemisphereLight(0xbfb4e0, 0x6b4a35, 1.6), sun);
    this.scene.fog = new THREE.Fog(0xd9987a, 12, 60);
  }

  /**
   * @param {string} name
   * @param {number} width
   * @param {number} height
   * @param {[number, number, number]} position
   * @param {[number, number]} turn Around x and y.
   */
  #surface(name, width, height, position, [x, y]) {
    const look = new THREE.MeshStandardMaterial({ color: 0xb9a48c, roughness: 0.95 });
    const mesh = new THREE.Mesh(new THREE.PlaneGeometry(width, height), look);
    mesh.name = name;
    mesh.position.fromArray(position);
    mesh.rotation.set(x, y, 0);
    this.scene.add(mesh);
    this.surfaces.push({ mesh, name, metresPerUv: [width, height] });
  }

  #makeSmith() {
    const apron = new THREE.MeshStandardMaterial({ color: 0x5b4334, roughness: 0.9 });
    const skin = new THREE.MeshStandardMaterial({ color: 0xc98f6b, roughness: 0.7 });
    const body = new THREE.Mesh(new THREE.CapsuleGeometry(0.24, 0.85, 6, 16), apron);
    const head = new THREE.Mesh(new THREE.SphereGeometry(0.14, 20, 14), skin);
    body.position.y = 0.67;
    head.position.y = 1.52;
    this.smith.name = 'the blacksmith';
    this.smith.position.set(1.1, 0, -2.6);
    this.smith.add(body, head);
    this.scene.add(this.smith);
  }
}
