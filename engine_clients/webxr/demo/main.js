import * as THREE from 'three';
import { VRBridge } from '../vrbridge.js';
import { Courtyard } from './Courtyard.js';
import { Gaze } from './Gaze.js';

const BEGINNING = ['cobblestone', 'red brick wall', 'mossy stone wall', 'old oak planks'];

const byId = (/** @type {string} */ id) => /** @type {HTMLElement} */ (document.getElementById(id));
const state = byId('state');
const text = /** @type {HTMLInputElement} */ (byId('text'));
const renderer = new THREE.WebGLRenderer({ canvas: byId('view'), antialias: true, alpha: true });
const camera = new THREE.PerspectiveCamera(65, 1, 0.05, 100);
const rig = new THREE.Group();
const { scene, surfaces, smith: body } = new Courtyard();
const gaze = new Gaze(renderer.domElement, camera);
const bridge = new VRBridge(renderer);

rig.add(camera);
scene.add(rig);
camera.position.set(0, 1.6, 2.2);
renderer.xr.enabled = true;

const context = bridge.context({ place: 'courtyard at sunset' });
context.add(body, { id: 'blacksmith', name: 'the blacksmith' });
for (const { mesh, name } of surfaces) context.add(mesh, { id: name, name });

const smith = bridge.character('blacksmith', { object: body, overlayHeightM: 1.75 });
smith.addAction('step_closer', 'Step closer to the player', undefined, () => {
  body.position.lerp(new THREE.Vector3(0.4, 0, 0), 0.4);
});

/** What the next words are for: a surface, a point of the ground, or nothing. @type {{name: string, take: (words: string) => void}} */
let target;
const aim = (/** @type {typeof target} */ chosen) => {
  target = chosen;
  byId('about').textContent = chosen.name;
};
const talk = { name: 'Blacksmith', take: (/** @type {string} */ words) => void smith.say(words) };
aim(talk);

/** @param {{ready: Promise<unknown>}} thing */
function watch({ ready }) {
  ready.catch((error) => {
    if (error.code !== 'superseded' && error.code !== 'cancelled') state.textContent = String(error);
  });
}

/** @type {Map<THREE.Mesh, import('../vrbridge.js').BridgeMaterial>} */
const materials = new Map();

/**
 * @param {import('./Courtyard.js').Surface} surface
 * @param {string} prompt
 */
function cover({ mesh, metresPerUv }, prompt) {
  const before = materials.get(mesh);
  if (before !== undefined) {
    before.generate(prompt);
    watch(before);
    return;
  }
  const made = bridge.material(prompt, { metresPerUv, sizePx: 1024 });
  materials.set(mesh, made);
  mesh.material = made;
  watch(made);
}

/**
 * @param {THREE.Vector3} place
 * @param {string} prompt
 */
function putDown(place, prompt) {
  const prop = bridge.mesh(prompt, { texturePx: 512 });
  prop.name = prompt;
  prop.position.copy(place);
  scene.add(prop);
  context.add(prop, { name: prompt });
  watch(prop);
}

gaze.onChosen = (ray) => {
  const [hit] = ray.intersectObjects([body, ...surfaces.map(({ mesh }) => mesh)], true);
  const surface = surfaces.find(({ mesh }) => mesh === hit?.object);
  if (surface === undefined) aim(talk);
  else if (surface.name === 'the ground') aim({ name: 'Here stands', take: (words) => putDown(hit.point, words) });
  else aim({ name: `${surface.name} is`, take: (words) => cover(surface, words) });
  text.focus();
};

byId('words').addEventListener('submit', (event) => {
  event.preventDefault();
  const words = text.value.trim() || text.placeholder;
  text.value = '';
  target.take(words);
  aim(talk);
});

for (const [id, mode] of /** @type {[string, XRSessionMode][]} */ ([
  ['vr', 'immersive-vr'],
  ['ar', 'immersive-ar'],
])) {
  navigator.xr?.isSessionSupported(mode).then((isSupported) => {
    byId(id).hidden = !isSupported;
  });
  byId(id).addEventListener('click', async () => {
    const session = await navigator.xr?.requestSession(mode, { requiredFeatures: ['local-floor'] });
    if (session === undefined) return;
    await renderer.xr.setSession(session);
    rig.position.z = 2;
  });
}

function fit() {
  if (renderer.xr.isPresenting) return;
  renderer.setSize(innerWidth, innerHeight);
  renderer.setPixelRatio(Math.min(2, devicePixelRatio));
  camera.aspect = innerWidth / innerHeight;
  camera.updateProjectionMatrix();
}
addEventListener('resize', fit);
fit();

bridge.on('connected', () => {
  state.textContent = `Connected to ${bridge.server.name} ${bridge.server.version}.`;
});
bridge.on('disconnected', ({ retryInS }) => {
  state.textContent = `The connection is gone; trying again in ${retryInS.toFixed(1)} s.`;
});
bridge.on('error', (error) => {
  state.textContent = String(error);
});
bridge.connect().catch((error) => {
  state.textContent = String(error);
});
surfaces.forEach((surface, place) => cover(surface, BEGINNING[place]));
putDown(new THREE.Vector3(-1.3, 0, -2.2), 'a stone well');
putDown(new THREE.Vector3(2.2, 0, -3.2), 'an anvil on a wooden block');

renderer.setAnimationLoop(() => {
  bridge.update(camera);
  renderer.render(scene, camera);
});
