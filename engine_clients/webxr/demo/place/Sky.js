import * as THREE from 'three';

/** Where the sun stands, seen from the courtyard: low, over the wall on the left and a little behind the player. */
export const TO_SUN = new THREE.Vector3(-0.8, 0.42, 0.44).normalize();

const VERTEX = /* glsl */ `
varying vec3 vDirection;
void main() {
  vDirection = position;
  vec4 place = projectionMatrix * modelViewMatrix * vec4(position, 1.0);
  // Behind everything, however far the camera sees.
  gl_Position = place.xyww;
}`;

const FRAGMENT = /* glsl */ `
uniform vec3 toSun;
varying vec3 vDirection;

float hash(vec2 p) {
  return fract(sin(dot(p, vec2(127.1, 311.7))) * 43758.5453);
}
float noise(vec2 p) {
  vec2 cell = floor(p);
  vec2 f = fract(p);
  f = f * f * (3.0 - 2.0 * f);
  return mix(mix(hash(cell), hash(cell + vec2(1, 0)), f.x), mix(hash(cell + vec2(0, 1)), hash(cell + vec2(1, 1)), f.x), f.y);
}
float cloud(vec2 p) {
  return 0.5 * noise(p) + 0.28 * noise(p * 2.1 + 3.7) + 0.14 * noise(p * 4.3 + 1.3) + 0.08 * noise(p * 8.7);
}
void main() {
  vec3 direction = normalize(vDirection);
  float height = direction.y;
  float near = dot(direction, toSun) * 0.5 + 0.5;
  // 1 above the sun, 0 opposite: the glow reaches far around.
  float side = smoothstep(-1.05, 0.1, dot(normalize(direction.xz + 1e-4), normalize(toSun.xz)));
  vec3 zenith = vec3(0.075, 0.15, 0.36);
  vec3 middle = mix(vec3(0.40, 0.25, 0.38), vec3(0.85, 0.42, 0.22), side);
  vec3 horizon = mix(vec3(0.90, 0.46, 0.27), vec3(1.0, 0.66, 0.25), side);
  vec3 color = mix(horizon, middle, smoothstep(0.05, 0.40, height));
  color = mix(color, zenith, smoothstep(0.16, 0.75, height));
  if (height > 0.01) {
    vec2 plane = direction.xz / (height + 0.2) * vec2(0.9, 1.7) + vec2(4.0, 7.0);
    float density = cloud(plane);
    float cover = smoothstep(0.45, 0.66, density) * smoothstep(0.1, 0.26, height) * (1.0 - smoothstep(0.6, 0.95, height));
    // Lit from below on the sun's side, violet where they are thick.
    float thick = smoothstep(0.42, 0.8, noise(plane + normalize(toSun.xz) * 0.35) * 0.5 + density * 0.5);
    vec3 lit = mix(vec3(0.95, 0.40, 0.26), vec3(1.0, 0.70, 0.34), side * near);
    vec3 dark = mix(vec3(0.24, 0.19, 0.32), vec3(0.55, 0.30, 0.26), side);
    color = mix(color, mix(lit, dark, thick), cover * 0.9);
  }
  color += vec3(1.0, 0.52, 0.16) * (0.5 * pow(near, 60.0) + 0.3 * pow(near, 10.0));
  color += vec3(14.0, 10.0, 5.5) * smoothstep(0.99935, 0.9996, dot(direction, toSun));
  // Below the horizon: the ground's warm light, for what mirrors it.
  color = mix(color, vec3(0.30, 0.22, 0.17), smoothstep(-0.02, -0.25, height));
  gl_FragColor = vec4(color, 1.0);
  #include <colorspace_fragment>
}`;

/** The evening sky: a dome around everything, whose colours and clouds a shader makes. */
export class Sky extends THREE.Mesh {
  constructor() {
    const look = new THREE.ShaderMaterial({
      vertexShader: VERTEX,
      fragmentShader: FRAGMENT,
      uniforms: { toSun: { value: TO_SUN } },
      side: THREE.BackSide,
      depthWrite: false,
      fog: false,
      toneMapped: false,
    });
    super(new THREE.SphereGeometry(50, 20, 14), look);
    this.name = 'sky';
    this.frustumCulled = false;
    // After all that hides it: what is behind walls costs nothing.
    this.renderOrder = 1;
  }
}
