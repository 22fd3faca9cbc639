import * as THREE from 'three';
import { VRBridge } from '../vrbridge.js';
import { BusyClock } from './BusyClock.js';
import { NaivePage } from './naive_page.js';
import { config, report, test, wait } from './runner.js';

const N_SETS = 7;
const N_PROPS = 3;
const ROUNDS = 2;
const WITHIN_S = 150;
const SURFACES = ['mossy stone', 'red bricks', 'oak planks', 'cobblestone', 'rusty iron', 'sand', 'grass'];
const THINGS = ['a wooden barrel', 'an armchair', 'a stone well'];

const clock = new BusyClock();
// Before anything else listens: what the worker reports is work of the main thread as well.
window.Worker = class extends Worker {
  /** @param {ConstructorParameters<typeof Worker>} parameters */
  constructor(...parameters) {
    super(...parameters);
    this.addEventListener('message', clock.begin);
  }
};

/** @typedef {{busyMs: number, gapMs: number, ownMs: number}} Frame */

test('frames while twenty megabytes arrive', async (t) => {
  const stage = new Drawing();
  report('FRAMES', await stage.measure('nothing', async () => wait(3).then(() => 0)));
  // The first round of each fills the server's cache, so that what is measured is arrival.
  for (let round = 0; round <= ROUNDS; round += 1) {
    const ours = await stage.measure('client', () => client(stage));
    const plain = await stage.measure('naive', () => naive(stage));
    if (round === 0) continue;
    report('FRAMES', ours);
    report('FRAMES', plain);
    t.check(ours.bytes > 18e6, `${ours.bytes} bytes`);
  }
});

/** A scene that is drawn each frame, and what its frames took. */
class Drawing {
  renderer = new THREE.WebGLRenderer();
  scene = new THREE.Scene();
  camera = new THREE.PerspectiveCamera(75, 800 / 450, 0.05, 50);
  group = new THREE.Group();
  /** @type {VRBridge | null} */
  bridge = null;
  /** @type {Frame[]} */
  frames = [];

  constructor() {
    this.renderer.setSize(800, 450);
    document.body.append(this.renderer.domElement);
    this.scene.add(new THREE.HemisphereLight(0xffffff, 0x888888, 3), this.group);
    this.camera.position.set(0, 1.5, 0.5);
    let beforeMs = performance.now();
    this.renderer.setAnimationLoop(() => {
      const nowMs = performance.now();
      const frame = { busyMs: clock.take(), gapMs: nowMs - beforeMs, ownMs: 0 };
      this.frames.push(frame);
      beforeMs = nowMs;
      clock.begin();
      if (this.bridge !== null) {
        const handlingMs = this.bridge.handlingMs;
        this.bridge.update(this.camera);
        frame.ownMs = handlingMs + this.bridge.budget.spentMs;
      }
      this.renderer.render(this.scene, this.camera);
    });
  }

  /**
   * @param {string} who
   * @param {() => Promise<number>} run Returns how many bytes came.
   */
  async measure(who, run) {
    await wait(1);
    this.frames = [];
    const beganMs = performance.now();
    const bytes = await run();
    const seconds = (performance.now() - beganMs) / 1000;
    const frames = this.frames.slice(1);
    this.group.clear();
    this.bridge?.dispose();
    this.bridge = null;
    const busy = frames.map(({ busyMs }) => busyMs).sort((a, b) => a - b);
    const at = (/** @type {number} */ share) => busy[Math.min(busy.length - 1, Math.floor(share * busy.length))];
    const longest = (/** @type {'gapMs' | 'ownMs'} */ name) => Math.max(...frames.map((frame) => frame[name]));
    return {
      client: who,
      bytes,
      seconds,
      p50_ms: at(0.5),
      p99_ms: at(0.99),
      max_ms: at(1),
      gap_ms: longest('gapMs'),
      own_ms: longest('ownMs'),
    };
  }
}

function requests() {
  const sets = SURFACES.slice(0, N_SETS).map((prompt, seed) => ({
    kind: 'texture',
    params: { prompt, size_px: 1024, seed },
  }));
  const props = THINGS.slice(0, N_PROPS).map((prompt, seed) => ({
    kind: 'mesh',
    params: { prompt, max_faces: 20000, lods: 1, collider: false, seed },
  }));
  return { sets, props };
}

/** @param {Drawing} stage */
async function client(stage) {
  const bridge = new VRBridge(stage.renderer);
  stage.bridge = bridge;
  await bridge.connect({ url: config.server, token: config.token });
  const { sets, props } = requests();
  const things = [
    ...sets.map(({ params }, place) => {
      const material = bridge.material(params.prompt, { sizePx: 1024, seed: params.seed });
      const quad = new THREE.Mesh(new THREE.PlaneGeometry(0.4, 0.4), material);
      quad.position.set(0.4 * (place - 3), 1.5, -3);
      stage.group.add(quad);
      return material.ready;
    }),
    ...props.map(({ params: { prompt, seed } }, place) => {
      const prop = bridge.mesh(prompt, { maxFaces: 20000, lods: 1, hasCollider: false, seed });
      prop.position.set(place - 1, 0.5, -3);
      stage.group.add(prop);
      return prop.ready;
    }),
  ];
  // Surfaces are part of a scene before their maps arrive; what arrives is what is measured.
  await wait(0.05);
  stage.frames = [];
  await Promise.race([Promise.all(things), late()]);
  return bridge.nReceivedBytes;
}

/** @param {Drawing} stage */
async function naive(stage) {
  const page = new NaivePage(stage.group, clock.begin);
  const { sets, props } = requests();
  page.start(config.server, [...sets, ...props]);
  const endMs = performance.now() + 1000 * WITHIN_S;
  while (page.isBusy && performance.now() < endMs) await wait(0.02);
  await wait(0.2);
  return page.nBytes;
}

async function late() {
  await wait(WITHIN_S);
  throw new Error('it did not end');
}
