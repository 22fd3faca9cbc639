import * as THREE from 'three';
import { random } from './patterns.js';

const VERTEX = /* glsl */ `
uniform float nowS;
uniform float sizeM;
uniform float lifeS;
uniform float perPixel;
uniform float growth;
uniform float maxSize;
uniform vec3 drift;
uniform vec3 spread;
attribute float phase;
varying float vAge;
void main() {
  vAge = fract(nowS / lifeS + phase);
  vec3 wind = vec3(sin(nowS * 0.7 + phase * 40.0), sin(nowS * 0.9 + phase * 70.0), cos(nowS * 0.6 + phase * 90.0));
  vec3 place = position + drift * vAge + wind * spread * (0.3 + vAge);
  vec4 seen = modelViewMatrix * vec4(place, 1.0);
  gl_Position = projectionMatrix * seen;
  // Those before one's eyes stay small.
  float size = sizeM * (1.0 + growth * vAge);
  gl_PointSize = clamp(size * projectionMatrix[1][1] * perPixel / -seen.z, 1.5, perPixel * maxSize);
}`;

const FRAGMENT = /* glsl */ `
uniform vec3 color;
varying float vAge;
void main() {
  float round = smoothstep(0.5, 0.1, length(gl_PointCoord - 0.5));
  gl_FragColor = vec4(color * round * smoothstep(0.0, 0.15, vAge) * (1.0 - smoothstep(0.6, 1.0, vAge)), 1.0);
  #include <colorspace_fragment>
}`;

/**
 * @typedef {object} MoteOptions
 * @property {number} n How many.
 * @property {[number, number, number]} from Corner of the room that they begin in.
 * @property {[number, number, number]} to The opposite corner.
 * @property {[number, number, number]} drift Way that each goes in its life, in metres.
 * @property {[number, number, number]} spread How far the wind carries it aside.
 * @property {number} sizeM
 * @property {number} lifeS
 * @property {THREE.Color} color
 * @property {number} [growth] How much larger it is at its end.
 * @property {number} [maxSize] How much of half the picture's height one may cover.
 */

/** Sparks, dust or smoke: points that rise and drift by themselves, all on the graphics card. */
export class Motes extends THREE.Points {
  #uniforms;

  /** @param {MoteOptions} options */
  constructor({ n, from, to, drift, spread, sizeM, lifeS, color, growth = 0, maxSize = 0.012 }) {
    const uniforms = {
      nowS: { value: 0 },
      sizeM: { value: sizeM },
      lifeS: { value: lifeS },
      perPixel: { value: 400 },
      growth: { value: growth },
      maxSize: { value: maxSize },
      drift: { value: new THREE.Vector3(...drift) },
      spread: { value: new THREE.Vector3(...spread) },
      color: { value: color },
    };
    const look = new THREE.ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms,
      blending: THREE.AdditiveBlending,
      depthWrite: false,
      transparent: true,
    });
    const places = Array.from({ length: n * 3 }, (_, at) => {
      const axis = at % 3;
      return from[axis] + (to[axis] - from[axis]) * random(at, 7 + axis);
    });
    const shape = new THREE.BufferGeometry();
    shape.setAttribute('position', new THREE.Float32BufferAttribute(places, 3));
    shape.setAttribute(
      'phase',
      new THREE.Float32BufferAttribute(
        Array.from({ length: n }, (_, at) => random(at, 3)),
        1,
      ),
    );
    super(shape, look);
    this.#uniforms = uniforms;
    this.name = 'motes';
    this.frustumCulled = false;
    this.onBeforeRender = (/** @type {THREE.WebGLRenderer} */ renderer) => {
      uniforms.perPixel.value = renderer.getDrawingBufferSize(SIZE).y / 2;
    };
  }

  /** @param {number} nowS */
  update(nowS) {
    this.#uniforms.nowS.value = nowS;
  }
}

const SIZE = new THREE.Vector2();
