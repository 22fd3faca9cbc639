import * as THREE from 'three';

const VERTEX = /* glsl */ `
varying vec2 vUv;
varying float vSheet;
void main() {
  vUv = uv;
  vSheet = position.x * 3.1 + position.z * 5.3;
  gl_Position = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
}`;

const FRAGMENT = /* glsl */ `
uniform float nowS;
varying vec2 vUv;
varying float vSheet;
float hash(vec2 p) {
  return fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5453);
}
float noise(vec2 p) {
  vec2 cell = floor(p);
  vec2 f = fract(p);
  f = f * f * (3.0 - 2.0 * f);
  return mix(mix(hash(cell), hash(cell + vec2(1, 0)), f.x), mix(hash(cell + vec2(0, 1)), hash(cell + vec2(1, 1)), f.x), f.y);
}
void main() {
  float rise = nowS * 1.9;
  float flicker = noise(vec2(vUv.x * 5.0 + vSheet, vUv.y * 2.6 - rise)) * 0.65 + noise(vec2(vUv.x * 11.0, vUv.y * 5.0 - rise * 1.7)) * 0.35;
  float across = abs(vUv.x - 0.5) * 2.0;
  float body = 1.0 - across * across - vUv.y * 1.15;
  float heat = smoothstep(0.0, 0.75, body + (flicker - 0.5) * 1.1) * smoothstep(0.0, 0.08, vUv.y) * (1.0 - smoothstep(0.7, 1.0, across));
  vec3 color = mix(vec3(0.9, 0.12, 0.02), vec3(1.6, 0.75, 0.16), heat);
  gl_FragColor = vec4(color * heat, 1.0);
  #include <colorspace_fragment>
}`;

/** Flames, and their light. */
export class Fire extends THREE.Group {
  #flames = new THREE.ShaderMaterial({
    vertexShader: VERTEX,
    fragmentShader: FRAGMENT,
    uniforms: { nowS: { value: 0 } },
    blending: THREE.AdditiveBlending,
    depthWrite: false,
    side: THREE.DoubleSide,
    transparent: true,
  });
  /** Its light, without shadows: the hood hides little of what it reaches. */
  light = new THREE.PointLight(0xff8a3a, 0, 7, 1.7);

  constructor() {
    super();
    this.name = 'fire';
    const sheets = [0, 1.1, 2.1].map((turn) => new THREE.PlaneGeometry(0.8, 0.75).translate(0, 0.3, 0).rotateY(turn));
    for (const sheet of sheets) this.add(new THREE.Mesh(sheet, this.#flames));
  }

  /** @param {number} nowS */
  update(nowS) {
    this.#flames.uniforms.nowS.value = nowS;
    this.light.intensity =
      14 * (1 + 0.16 * Math.sin(nowS * 11.3) * Math.sin(nowS * 3.7) + 0.08 * Math.sin(nowS * 23.1));
  }
}
