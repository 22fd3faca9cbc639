import * as THREE from 'three';
import { FullScreen } from './FullScreen.js';
import { pngOf } from './files.js';

const FACE_PX = 1024;
const WIDTH_PX = 4096;

// Equirectangular: the middle of the picture is −Z, its upper edge is up.
const FRAGMENT = `
#include <tonemapping_pars_fragment>
uniform samplerCube around;
varying vec2 vUv;
void main() {
  float turn = (vUv.x - 0.5) * 6.283185307179586;
  float rise = (0.5 - vUv.y) * 3.141592653589793;
  vec3 towards = vec3(sin(turn) * cos(rise), sin(rise), -cos(turn) * cos(rise));
  vec3 color = textureCube(around, towards).rgb;
  gl_FragColor = sRGBTransferOETF(vec4(ACESFilmicToneMapping(color), 1.0));
}`;

/**
 * @param {THREE.WebGLRenderer} renderer
 * @param {THREE.Scene} scene
 * @param {THREE.Vector3} from
 * @returns {Promise<Blob>} A PNG of all around, twice as wide as high.
 */
export async function panorama(renderer, scene, from) {
  const target = new THREE.WebGLCubeRenderTarget(FACE_PX, {
    type: THREE.HalfFloatType,
    generateMipmaps: true,
    minFilter: THREE.LinearMipmapLinearFilter,
  });
  const camera = new THREE.CubeCamera(0.05, 200, target);
  camera.position.copy(from);
  const wasEnabled = renderer.xr.enabled;
  // In a session three would draw the faces for its eyes.
  renderer.xr.enabled = false;
  camera.update(renderer, scene);
  const screen = new FullScreen(renderer, FRAGMENT, {
    around: { value: target.texture },
    toneMappingExposure: { value: renderer.toneMappingExposure },
  });
  const canvas = screen.draw(WIDTH_PX, WIDTH_PX / 2);
  renderer.xr.enabled = wasEnabled;
  screen.dispose();
  target.dispose();
  return pngOf(canvas);
}
