import * as THREE from 'three';

const UP = new THREE.Vector3(0, 1, 0);
const WHITE = new THREE.Color(1, 1, 1);

/**
 * @typedef {object} Placing
 * @property {[number, number, number]} [at]
 * @property {[number, number, number]} [turn] Euler angles in radians.
 * @property {[number, number, number] | number} [size] Scale.
 * @property {THREE.ColorRepresentation} [color] Of its vertices.
 * @property {boolean} [isMapped] Keeps the texture coordinates that it has, in metres.
 *
 * @typedef {(place: THREE.Vector3, normal: THREE.Vector3) => number} Shade Light that reaches a place: 0 to 1.
 */

/** Puts shapes together into one geometry: one draw call, coloured by its vertices, texture coordinates in metres. */
export class Sculpture {
  /** @type {number[]} */
  #positions = [];
  /** @type {number[]} */
  #normals = [];
  /** @type {number[]} */
  #uvs = [];
  /** @type {number[]} */
  #colors = [];
  /** @type {number[]} */
  #triangles = [];

  #matrix = new THREE.Matrix4();
  #normalMatrix = new THREE.Matrix3();
  #place = new THREE.Vector3();
  #normal = new THREE.Vector3();
  #u = new THREE.Vector3();
  #v = new THREE.Vector3();
  #color = new THREE.Color();

  /**
   * @param {THREE.BufferGeometry} shape Is disposed of.
   * @param {Placing} [placing]
   * @returns {this}
   */
  add(shape, { at = [0, 0, 0], turn = [0, 0, 0], size = 1, color = WHITE, isMapped = false } = {}) {
    const scale = typeof size === 'number' ? new THREE.Vector3(size, size, size) : new THREE.Vector3(...size);
    const turned = new THREE.Quaternion().setFromEuler(new THREE.Euler(...turn));
    this.#matrix.compose(this.#place.fromArray(at), turned, scale);
    return this.#append(shape, color, isMapped);
  }

  /**
   * A beam from one place to another, its grain (the v of its texture) along it.
   *
   * @param {[number, number, number]} from
   * @param {[number, number, number]} to
   * @param {number} widthM
   * @param {number} [depthM]
   * @param {THREE.ColorRepresentation} [color]
   * @returns {this}
   */
  beam(from, to, widthM, depthM = widthM, color = WHITE) {
    const start = new THREE.Vector3(...from);
    const along = new THREE.Vector3(...to).sub(start);
    const length = along.length();
    const shape = box(widthM, length, depthM, from[0] + from[1] * 3 + from[2] * 7);
    const turned = new THREE.Quaternion().setFromUnitVectors(UP, along.clone().divideScalar(length));
    this.#matrix.compose(start.addScaledVector(along, 0.5), turned, new THREE.Vector3(1, 1, 1));
    return this.#append(shape, color, true);
  }

  /**
   * Darkens what is there so far.
   *
   * @param {Shade} shade
   * @returns {this}
   */
  shade(shade) {
    for (let at = 0; at < this.#positions.length; at += 3) {
      const light = shade(this.#place.fromArray(this.#positions, at), this.#normal.fromArray(this.#normals, at));
      // What lies in corners is lit by what is around, which is warm: red fades last.
      this.#colors[at] *= light ** 0.85;
      this.#colors[at + 1] *= light;
      this.#colors[at + 2] *= light ** 1.1;
    }
    return this;
  }

  /**
   * Light of lamps on what is there so far, where it is too weak to be worth a light of its own.
   *
   * @param {THREE.Vector3[]} lamps
   * @param {number} radiusM How far it reaches.
   * @param {number} strength
   * @returns {this}
   */
  warm(lamps, radiusM, strength) {
    for (let at = 0; at < this.#positions.length; at += 3) {
      this.#place.fromArray(this.#positions, at);
      const away = lamps.reduce((least, lamp) => Math.min(least, lamp.distanceTo(this.#place)), radiusM);
      const light = strength * (1 - away / radiusM) ** 2;
      this.#colors[at] *= 1 + light;
      this.#colors[at + 1] *= 1 + 0.52 * light;
      this.#colors[at + 2] *= 1 + 0.16 * light;
    }
    return this;
  }

  /** @returns {THREE.BufferGeometry} */
  toGeometry() {
    const geometry = new THREE.BufferGeometry();
    geometry.setAttribute('position', new THREE.Float32BufferAttribute(this.#positions, 3));
    geometry.setAttribute('normal', new THREE.Float32BufferAttribute(this.#normals, 3));
    geometry.setAttribute('uv', new THREE.Float32BufferAttribute(this.#uvs, 2));
    geometry.setAttribute('color', new THREE.Float32BufferAttribute(this.#colors, 3));
    geometry.setIndex(this.#triangles);
    return geometry;
  }

  /**
   * @param {THREE.Material} material
   * @param {string} [name]
   * @returns {THREE.Mesh}
   */
  toMesh(material, name = '') {
    const mesh = new THREE.Mesh(this.toGeometry(), material);
    mesh.name = name;
    mesh.castShadow = true;
    mesh.receiveShadow = true;
    return mesh;
  }

  /**
   * @param {THREE.BufferGeometry} shape
   * @param {THREE.ColorRepresentation} color
   * @param {boolean} isMapped
   * @returns {this}
   */
  #append(shape, color, isMapped) {
    const first = this.#positions.length / 3;
    const [places, normals, uvs] = ['position', 'normal', 'uv'].map((name) => shape.getAttribute(name));
    this.#normalMatrix.getNormalMatrix(this.#matrix);
    this.#color.set(color);
    for (let at = 0; at < places.count; at += 1) {
      this.#place.fromBufferAttribute(places, at).applyMatrix4(this.#matrix);
      this.#normal.fromBufferAttribute(normals, at).applyMatrix3(this.#normalMatrix).normalize();
      this.#positions.push(this.#place.x, this.#place.y, this.#place.z);
      this.#normals.push(this.#normal.x, this.#normal.y, this.#normal.z);
      this.#colors.push(this.#color.r, this.#color.g, this.#color.b);
      if (isMapped) this.#uvs.push(uvs.getX(at), uvs.getY(at));
      else this.#project();
    }
    const index = shape.getIndex();
    const count = index?.count ?? places.count;
    for (let at = 0; at < count; at += 1) this.#triangles.push(first + (index ? index.getX(at) : at));
    shape.dispose();
    return this;
  }

  /** Texture coordinates by place: u to the right, v up, so that they go on across all that lies in one plane. */
  #project() {
    if (Math.abs(this.#normal.y) > 0.95) {
      this.#uvs.push(this.#place.x, -this.#place.z * Math.sign(this.#normal.y));
      return;
    }
    this.#u.crossVectors(UP, this.#normal).normalize();
    this.#v.crossVectors(this.#normal, this.#u);
    this.#uvs.push(this.#place.dot(this.#u), this.#place.dot(this.#v));
  }
}

/**
 * A box whose texture runs up along its y, in metres, beginning somewhere else for each offset.
 *
 * @param {number} width
 * @param {number} height
 * @param {number} depth
 * @param {number} [offset]
 * @returns {THREE.BufferGeometry}
 */
export function box(width, height, depth, offset = 0) {
  const shape = new THREE.BoxGeometry(width, height, depth);
  const uv = shape.getAttribute('uv');
  // Faces of three's boxes: ±x, ±y, ±z, four corners each.
  const sizes = [depth, depth, width, width, width, width];
  for (let at = 0; at < uv.count; at += 1) {
    const side = Math.floor(at / 4);
    const rise = side === 2 || side === 3 ? depth : height;
    uv.setXY(at, uv.getX(at) * sizes[side] + offset * 0.37, uv.getY(at) * rise + offset * 0.61);
  }
  return shape;
}
