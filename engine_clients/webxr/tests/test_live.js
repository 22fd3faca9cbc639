import * as THREE from 'three';
import { VRBridge, VRBridgeError } from '../vrbridge.js';
import { config, test, wait } from './runner.js';
import { stageFor } from './stage.js';

const MAPS = ['preview', 'base_color', 'normal', 'orm'];

/**
 * @typedef {import('./runner.js').Checks} Checks
 * @typedef {import('../src/VRBridgeRequest.js').VRBridgeRequest} VRBridgeRequest
 */

/**
 * A client that shows nothing.
 *
 * @param {Checks} t
 * @param {Record<string, any>} [receive]
 * @param {string} [way]
 */
async function connected(t, receive = {}, way = 'server') {
  const bridge = new VRBridge(null);
  t.atEnd(() => bridge.dispose());
  await bridge.connect({ url: config[way], token: config.token, receive, timeoutS: 40 });
  return bridge;
}

/**
 * @param {VRBridgeRequest} request
 * @returns {Promise<VRBridgeError | null>} What it failed with.
 */
async function failure(request) {
  return request.done.then(
    () => null,
    (error) => error,
  );
}

/** @param {THREE.Texture | null} texture */
function widthOf(texture) {
  return /** @type {{width: number}} */ (texture?.image ?? { width: 0 }).width;
}

/**
 * Asks for a material of some megabytes.
 *
 * @param {VRBridge} bridge
 */
function large(bridge) {
  return bridge.request('texture', { prompt: 'cobblestone', size_px: 512, seed: 3, format: 'rgba8' });
}

/**
 * @param {Checks} t
 * @param {VRBridgeRequest} request
 * @returns {Promise<string[]>} The roles that came whole, their bytes checked once more by the browser.
 */
async function rolesOf(t, request) {
  /** @type {Promise<string>[]} */
  const roles = [];
  request.on('restarted', () => t.check(false, 'the session was lost'));
  request.on('asset', ({ role, data, digest }) =>
    roles.push(
      crypto.subtle.digest('SHA-256', data).then((hash) => {
        const hex = Array.from(new Uint8Array(hash), (byte) => byte.toString(16).padStart(2, '0')).join('');
        return `sha256:${hex}` === digest ? role : `${role} is damaged`;
      }),
    ),
  );
  t.equal(await failure(request), null);
  return Promise.all(roles);
}

test('a greeting brings what the server can do', async (t) => {
  const bridge = await connected(t);
  for (const kind of ['dialogue', 'texture', 'mesh']) t.check(kind in bridge.capabilities, `${kind} is offered`);
  t.equal(bridge.server.name, 'vrbridge');
  t.check(bridge.limits.max_open_requests > 0 && bridge.session !== '', 'limits and a session');
  const { roundTripS, serverS } = await bridge.ping();
  t.check(roundTripS > 0 && roundTripS < 5 && serverS > 0, `a round trip of ${roundTripS} s`);
  t.check((await bridge.forget('session')) >= 0, 'it forgets');
  const scope = /** @type {'session'} */ ('everything');
  t.equal((await bridge.forget(scope).catch((error) => error)).field, 'scope');
  const unanswered = bridge.ping().catch((error) => error);
  bridge.dropConnection();
  t.equal((await unanswered).code, 'unavailable');
});

test('a client that comes from another origin than its page works as well', async (t) => {
  const { VRBridge: Foreign } = await import(`${config.elsewhere}/client/vrbridge.js`);
  const bridge = new Foreign(null);
  t.atEnd(() => bridge.dispose());
  await bridge.connect({ url: config.server, token: config.token });
  t.equal(await failure(bridge.request('texture', { prompt: 'sand', size_px: 64 })), null);
});

test('an answer can be read in a loop', async (t) => {
  const bridge = await connected(t);
  const request = bridge.request('dialogue', { npc: 'blacksmith', text: 'Good day! What do you forge here?' });
  /** @type {string[]} */
  const types = [];
  let text = '';
  for await (const step of request) {
    types.push(step.type);
    if (step.type === 'text') text += step.text;
    if (step.type === 'completed') t.equal(step.result.text, text);
  }
  t.check(types[0] === 'accepted' && types.at(-1) === 'completed' && types.length > 4, types.join(' '));
});

test('a character answers word by word in its panel', async (t) => {
  const stage = stageFor(t);
  const bridge = await stage.connect();
  const body = new THREE.Object3D();
  stage.scene.add(body);
  const smith = bridge.character('blacksmith', { object: body });
  /** @type {string[]} */
  const pieces = [];
  /** @type {number[]} */
  const seen = [];
  /** @type {any[]} */
  const [ends, heard] = [[], []];
  const hear = bridge.heard.bind(bridge);
  bridge.heard = (answer, n) => {
    heard.push([answer.id, n]);
    hear(answer, n);
  };
  smith.on('text', ({ text }) => pieces.push(text));
  smith.on('answered', (end) => ends.push(end));
  smith.on('failed', (error) => t.check(false, String(error)));
  smith.overlay?.on('charactersShown', ({ characters }) => seen.push(characters));
  const request = smith.say('Good day! What do you forge here?');
  await t.until(() => ends.length > 0, 'an answer');
  if (ends.length === 0) return;
  t.equal(pieces.join(''), ends[0].text);
  t.check(pieces.length > 2, `it came in ${pieces.length} pieces`);
  await t.until(() => heard.length > 0, 'it was told what was read');
  const n = [...ends[0].text].length;
  t.equal([seen.at(-1), heard], [n, [[request.id, n]]]);
  t.check(seen.length > 5, 'it appeared bit by bit');
  t.equal(smith.overlay?.visibleText, ends[0].text);
});

test('an answer that is interrupted is remembered as far as it was read', async (t) => {
  const stage = stageFor(t);
  const bridge = await stage.connect();
  const smith = bridge.character('blacksmith', { object: stage.wall });
  const request = smith.say('Tell me a long story about your hammer.');
  await t.until(() => (smith.overlay?.visibleText.length ?? 0) > 3, 'some of it can be read');
  smith.interrupt();
  const error = await failure(request);
  t.check(error === null || error.code === 'cancelled', `${error}`);
  t.equal(smith.isSpeaking, false);
  t.equal(smith.overlay?.isBusy, false);
});

test('a character does what the scene offers', async (t) => {
  const bridge = await connected(t);
  const smith = bridge.character('blacksmith');
  /** @type {any[]} */
  const opened = [];
  const which = { type: 'string', enum: ['north gate', 'south gate'] };
  const schema = { type: 'object', properties: { which }, required: ['which'] };
  smith.addAction('open_gate', 'Open one of the gates of the village', schema, (args) => opened.push(args));
  t.equal(await failure(smith.say('Please open the north gate for me.')), null);
  t.equal(opened, [{ which: 'north gate' }]);
});

test('context is taken', async (t) => {
  const stage = stageFor(t);
  const bridge = await stage.connect();
  /** @type {VRBridgeError[]} */
  const complaints = [];
  bridge.on('error', (error) => complaints.push(error));
  const context = bridge.context({ place: 'village square', state: { time: 'evening' } });
  context.add(stage.wall, { id: 'wall', name: 'the old wall' });
  /** @type {any[]} */
  const sent = [];
  const update = bridge.updateContext.bind(bridge);
  bridge.updateContext = (value) => {
    sent.push({ ...value, atMs: performance.now() });
    update(value);
  };
  stage.camera.lookAt(stage.wall.position);
  await t.until(() => sent.length > 0, 'a context');
  await wait(0.4);
  t.equal(sent.length, 1, 'what does not change is not told again');
  t.equal(
    [context.focus, sent[0].focus, sent[0].place, sent[0].state],
    ['wall', 'wall', 'village square', { time: 'evening' }],
  );
  t.equal(sent[0].nearby, [{ id: 'wall', name: 'the old wall', position: [-0.85, 1.5, -2] }]);
  t.check(Math.abs(Math.hypot(...sent[0].gaze) - 1) < 1e-6 && sent[0].gaze[2] < -0.8, `gaze ${sent[0].gaze}`);
  const turning = setInterval(() => stage.camera.rotateY(0.2), 10);
  await wait(1);
  clearInterval(turning);
  const gaps = sent.slice(2).map(({ atMs }, place) => atMs - sent[place + 1].atMs);
  t.check(gaps.length >= 3 && Math.min(...gaps) > 90, `ten times a second at most: ${gaps}`);
  await bridge.ping();
  t.equal(complaints, []);
  t.check(bridge.isConnected, 'still connected');
});

/**
 * @param {Checks} t
 * @param {string[]} formats
 * @param {number} color Format of three that the colour has to have.
 * @param {number} normal
 */
async function material(t, formats, color, normal) {
  const stage = stageFor(t);
  const bridge = await stage.connect(formats.length > 0 ? { texture_formats: formats } : {});
  const made = bridge.material('mossy stone wall', { sizePx: 256, metresPerUv: [1.6, 1.8], seed: 4 });
  /** @type {number[]} */
  const widths = [];
  made.on('shown', ({ widthPx }) => widths.push(widthPx));
  stage.wall.material = made;
  await t.until(
    () => /** @type {any} */ (stage.renderer.properties.get(made)).currentProgram,
    'it was drawn with nothing in it',
  );
  const programs = () => (stage.renderer.info.programs ?? []).map(({ id }) => /** @type {number} */ (id)).join();
  const before = programs();
  await made.ready;
  await wait(0.2);
  t.equal(programs(), before, 'no shader was compiled for it');
  t.check(widths.length >= 1 && widths[0] <= 128, `previews: ${widths}`);
  t.check(['generated', 'procedural'].includes(made.facts.origin), `origin ${made.facts.origin}`);
  const { map, normalMap, roughnessMap, aoMap, metalnessMap } = made;
  for (const texture of [map, normalMap, roughnessMap]) {
    t.equal(widthOf(texture), 256);
    t.check(
      texture?.minFilter === THREE.LinearMipmapLinearFilter && texture.wrapS === THREE.RepeatWrapping,
      'mips and tiles',
    );
  }
  t.equal([map?.format, normalMap?.format], [color, normal]);
  t.equal([map?.colorSpace, normalMap?.colorSpace, roughnessMap?.colorSpace], ['srgb', '', '']);
  t.check(roughnessMap === aoMap && roughnessMap === metalnessMap, 'one map for three');
  t.check(
    (map?.repeat.x ?? 0) > 0.1 && (map?.repeat.y ?? 0) < -0.1 && map?.repeat.equals(normalMap?.repeat ?? map.offset),
    'laid on in metres',
  );
  const [r, g, b] = shownColor(stage);
  t.check(r + g + b > 60 && r + g + b < 690, `it is neither black nor white: ${[r, g, b]}`);
  return [r, g, b];
}

/**
 * @param {import('./stage.js').Stage} stage
 * @returns {[number, number, number]} Mean colour of the wall as it is drawn, 0 to 255.
 */
function shownColor({ renderer, scene, camera, wall }) {
  const target = new THREE.WebGLRenderTarget(64, 64);
  const view = new THREE.OrthographicCamera(-0.7, 0.7, 0.7, -0.7, 0.1, 5);
  view.position.copy(wall.position).add(new THREE.Vector3(0, 0, 1));
  const background = scene.background;
  renderer.setRenderTarget(target);
  renderer.render(scene, view);
  const pixels = new Uint8Array(4 * 64 * 64);
  renderer.readRenderTargetPixels(target, 0, 0, 64, 64, pixels);
  renderer.setRenderTarget(null);
  scene.background = background;
  target.dispose();
  void camera;
  return /** @type {[number, number, number]} */ (
    [0, 1, 2].map((part) => {
      let sum = 0;
      for (let at = part; at < pixels.length; at += 4) sum += pixels[at];
      return Math.round(sum / 4096);
    })
  );
}

test('a material looks the same in every format and compiles nothing when it is there', async (t) => {
  const colors = [];
  for (const [formats, color, normal] of /** @type {[string[], number, number][]} */ ([
    [['bc1', 'bc5'], THREE.RGB_S3TC_DXT1_Format, THREE.RED_GREEN_RGTC2_Format],
    [[], THREE.RGB_S3TC_DXT1_Format, THREE.RED_GREEN_RGTC2_Format],
    [['etc2'], THREE.RGB_ETC2_Format, THREE.RGB_ETC2_Format],
    [['jpeg'], THREE.RGBAFormat, THREE.RGBAFormat],
    [['rgba8'], THREE.RGBAFormat, THREE.RGBAFormat],
  ]))
    colors.push(await material(t, formats, color, normal));
  const [first, ...others] = colors;
  for (const other of others) {
    const most = Math.max(...other.map((value, part) => Math.abs(value - first[part])));
    t.check(most <= 6, `colours of the wall by format: ${JSON.stringify(colors)}`);
  }
});

test('a prop arrives as arrays with levels and a collider, and as GLB just the same', async (t) => {
  /** @type {import('../vrbridge.js').BridgeMesh[]} */
  const props = [];
  for (const format of ['arrays', 'glb']) {
    const stage = stageFor(t);
    const bridge = await stage.connect({ mesh_formats: [format] });
    const prop = bridge.mesh('a wooden barrel', { seed: 5 });
    prop.position.set(0.75, 1, -1.6);
    stage.scene.add(prop);
    /** @type {number[]} */
    const shown = [];
    prop.on('levelShown', ({ level }) => shown.push(level));
    await prop.ready;
    t.equal(shown, [2, 1, 0], 'the coarsest first');
    t.check(
      prop.levels.every(({ object }, place) => object === prop.level(place)),
      'the finest is nearest',
    );
    const distances = prop.levels.map(({ distance }) => distance);
    t.check(distances[0] === 0 && distances[1] > 0 && distances[2] > distances[1], `distances ${distances}`);
    for (const [number, most] of [1500, 400, 80].entries()) checkLevel(t, prop.level(number), most);
    t.check((prop.collider?.getAttribute('position').count ?? 0) >= 8, 'a collider');
    const size = prop.bounds.getSize(new THREE.Vector3());
    t.check(Math.abs(prop.bounds.min.y) < 0.05, `it stands on the floor: ${prop.bounds.min.y}`);
    t.check(Math.max(...size.toArray()) > 0.2 && Math.max(...size.toArray()) < 3, `its size ${size.toArray()}`);
    await wait(0.2);
    t.check(stage.renderer.info.render.triangles > 100, 'it is drawn');
    props.push(prop);
  }
  const [arrays, glb] = props;
  for (const number of [0, 1, 2]) {
    const [one, other] = [arrays.level(number), glb.level(number)];
    t.equal(one?.geometry.index?.count, other?.geometry.index?.count);
    const [min, otherMin] = [one, other].map((mesh) => mesh?.geometry.boundingBox?.min ?? new THREE.Vector3(NaN));
    t.check(min.distanceTo(otherMin) < 1e-4, 'boxes');
    const [a, b] = [one, other].map((mesh) => Array.from(mesh?.geometry.getAttribute('color').array ?? []));
    t.check(a.length > 0 && a.length === b.length && a.every((value, at) => Math.abs(value - b[at]) <= 1), 'colours');
  }
});

/**
 * Front faces run counterclockwise, so a face's normal points along the product of its edges.
 *
 * @param {Checks} t
 * @param {THREE.Mesh | null} mesh
 * @param {number} most
 */
function checkLevel(t, mesh, most) {
  if (!t.check(mesh !== null, 'a level') || mesh === null) return;
  const { index, attributes } = mesh.geometry;
  const n = (index?.count ?? 0) / 3;
  t.check(n > 8 && n <= most, `${n} faces`);
  let nRight = 0;
  const corner = (/** @type {number} */ at) =>
    new THREE.Vector3().fromBufferAttribute(attributes.position, index?.getX(at) ?? 0);
  for (let face = 0; face < n; face += 1) {
    const [a, b, c] = [0, 1, 2].map((part) => corner(3 * face + part));
    const normal = new THREE.Vector3().fromBufferAttribute(attributes.normal, index?.getX(3 * face) ?? 0);
    if (b.sub(a).cross(c.sub(a)).dot(normal) >= 0) nRight += 1;
  }
  t.check(nRight >= 0.95 * n, `${nRight} of ${n} faces look outwards`);
}

test('a new prompt takes the place of a material, and a bad one leaves it as it is', async (t) => {
  const stage = stageFor(t);
  const bridge = await stage.connect();
  const made = bridge.material('sand', { sizePx: 64, seed: 1 });
  stage.wall.material = made;
  await made.ready;
  await wait(0.1);
  const [first, nTextures] = [made.map, stage.renderer.info.memory.textures];
  made.generate('sand', { sizePx: 100 });
  t.equal((await made.ready.catch((error) => error)).code, 'invalid_params');
  t.check(made.map === first, 'it stays');
  made.generate('grass', { sizePx: 64 });
  await made.ready;
  await wait(0.1);
  t.check(made.map !== first && widthOf(made.map) === 64, 'it is another');
  t.equal(stage.renderer.info.memory.textures, nTextures, 'the old maps are freed');
});

test('a prop wears the maps that were made for it', async (t) => {
  const stage = stageFor(t);
  const bridge = await stage.connect();
  const prop = bridge.mesh('a wooden chest', { seed: 5, texturePx: 64 });
  stage.scene.add(prop);
  await prop.ready;
  const look = /** @type {THREE.MeshStandardMaterial[]} */ ([prop.level(0)?.material].flat())[0];
  t.check(widthOf(look.map) === 64 && look.normalMap !== null && look.roughnessMap !== null, 'maps');
  t.check(!look.vertexColors && look.color.getHex() === 0xffffff, 'colours that stood in are left out');
  t.check((look.map?.repeat.y ?? 0) > 0, 'texture coordinates in metres run down');
  t.check([prop.level(1)?.material].flat()[0] === look, 'shared by the levels');
});

test('a prop made anew keeps nothing of the older one', async (t) => {
  const stage = stageFor(t);
  const bridge = await stage.connect();
  const prop = bridge.mesh('a wooden crate', { seed: 5 });
  stage.scene.add(prop);
  await prop.ready;
  const [before, coarse] = [prop.children.length, prop.level(2)];
  prop.generate('a wooden crate', { lods: 1, hasCollider: false });
  t.check(coarse !== null && prop.level(2) === coarse, 'it shows until the newer one is there');
  await prop.ready;
  t.equal([prop.level(1), prop.level(2), prop.collider], [null, null, null]);
  t.equal([prop.levels.length, before - prop.children.length], [1, 2]);
  t.check(prop.level(0) !== null && prop.levels[0].distance === 0, 'the newer one');
});

test('a cancelled request ends so and brings no more', async (t) => {
  const bridge = await connected(t);
  const request = bridge.request('texture', { prompt: 'moss', size_px: 2048 });
  let nAfter = 0;
  bridge.cancel(request);
  request.on('asset', () => {
    nAfter += 1;
  });
  t.equal((await failure(request))?.code, 'cancelled');
  t.equal([nAfter, bridge.openRequests.length], [0, 0]);
});

test('a new prompt supersedes the old one', async (t) => {
  const bridge = await connected(t);
  const first = bridge.request('texture', { prompt: 'granite', size_px: 1024 }, { slot: 'wall' });
  const second = bridge.request('texture', { prompt: 'marble', size_px: 64 }, { slot: 'wall' });
  t.equal((await failure(first))?.code, 'superseded');
  t.equal(await failure(second), null);
});

test('a bad request says which field', async (t) => {
  const bridge = await connected(t);
  const bad = await failure(bridge.request('texture', { prompt: 'moss', size_px: 100 }));
  t.equal([bad?.code, bad?.field, bad?.retryable], ['invalid_params', 'params.size_px', false]);
  t.check(bad instanceof VRBridgeError && bad.message.length > 10, String(bad));
  t.equal((await failure(bridge.request('sculpture', {})))?.code, 'unknown_kind');
  t.equal((await failure(bridge.request('texture', { prompt: () => 1 })))?.code, 'invalid_params');
  const failed = stageFor(t);
  const stageBridge = await failed.connect();
  t.equal((await stageBridge.material('moss', { sizePx: 100 }).ready.catch((error) => error)).code, 'invalid_params');
});

test('a drop in the middle of an asset loses nothing', async (t) => {
  const bridge = await connected(t, { chunk_bytes: 16384, window_bytes: 65536 });
  /** @type {boolean[]} */
  const resumed = [];
  /** @type {string[]} */
  const drops = [];
  bridge.on('connected', ({ isResumed }) => resumed.push(isResumed));
  const request = large(bridge);
  request.on('assetGrew', ({ role, nArrived, nBytes }) => {
    // Twice in each of the maps.
    const n = drops.filter((other) => other === role).length;
    if (n < 2 && nArrived > 0.2 * (n + 1) * nBytes) {
      drops.push(role);
      bridge.dropConnection();
    }
  });
  t.equal(await rolesOf(t, request), MAPS);
  t.check(drops.length >= 4, `dropped ${drops}`);
  t.check(resumed.length >= drops.length - 1 && resumed.every(Boolean), `resumed: ${resumed}`);
});

test('a cut line loses nothing', async (t) => {
  const bridge = await connected(t, {}, 'cutting');
  t.equal(await rolesOf(t, large(bridge)), MAPS);
  t.check(bridge.nConnections >= 3, `${bridge.nConnections} connections`);
});

test('a page that stands still for five seconds loses nothing', async (t) => {
  const stage = stageFor(t);
  const bridge = await stage.connect();
  const loud = bridge.request('dialogue', { npc: 'blacksmith', text: 'Hello!' });
  const made = bridge.material('cobblestone', { sizePx: 512, seed: 3, format: 'rgba8' });
  await t.until(() => made.request?.isEnded || bridge.nReceivedBytes > 0, 'something came');
  const endMs = performance.now() + 5000;
  while (performance.now() < endMs);
  await made.ready;
  t.equal(await failure(loud), null);
  t.equal([widthOf(made.map), bridge.nConnections], [512, 1]);
});

test('a scene that draws nothing for five seconds is not flooded and loses nothing', async (t) => {
  const stage = stageFor(t);
  const bridge = await stage.connect();
  stage.isRunning = false;
  const made = [3, 4, 5, 6].map((seed) => bridge.material('cobblestone', { sizePx: 512, seed, format: 'rgba8' }));
  await t.until(() => bridge.nReceivedBytes > 6e6, 'as much as may wait');
  await wait(5);
  const held = bridge.nReceivedBytes;
  t.check(held < 12e6, `${held} bytes wait`);
  stage.isRunning = true;
  await Promise.all(made.map(({ ready }) => ready));
  t.equal(bridge.nConnections, 1);
  t.check(bridge.nReceivedBytes > 16e6, `${bridge.nReceivedBytes} bytes came`);
});

test('a server that is gone for a while is found again', async (t) => {
  const bridge = await connected(t, {}, 'vanishing');
  /** @type {number[]} */
  const waits = [];
  bridge.on('disconnected', ({ retryInS }) => waits.push(retryInS));
  await t.until(() => !bridge.isConnected, 'it is gone');
  t.equal(await failure(bridge.request('texture', { prompt: 'sand', size_px: 64 })), null);
  t.check(waits.length >= 1, `waits: ${waits}`);
});

test('a bad token is told once', async (t) => {
  const bridge = new VRBridge(null);
  t.atEnd(() => bridge.dispose());
  /** @type {VRBridgeError[]} */
  const errors = [];
  bridge.on('error', (error) => errors.push(error));
  const connecting = bridge.connect({ url: config.server, token: 'forged' }).catch((error) => error);
  const request = bridge.request('texture', { prompt: 'sand' });
  t.equal((await failure(request))?.code, 'unauthorized');
  t.equal((await connecting).code, 'unauthorized');
  t.check(errors[0].message.includes('vrbridge token create'), errors[0].message);
  await wait(0.7);
  t.equal([errors.length, bridge.nConnections], [1, 1]);
  t.equal((await failure(bridge.request('texture', { prompt: 'sand' })))?.code, 'cannot_connect');
});

test('a server of another version is told once', async (t) => {
  const bridge = new VRBridge(null);
  t.atEnd(() => bridge.dispose());
  const error = await bridge.connect({ url: config.other_version }).catch((reason) => reason);
  t.equal(error.code, 'cannot_connect');
  t.check(error.message.includes('version'), error.message);
  await wait(0.7);
  t.equal(bridge.nConnections, 1);
});

test('an address where nothing answers is told, and tried on', async (t) => {
  const bridge = new VRBridge(null);
  t.atEnd(() => bridge.dispose());
  const error = await bridge.connect({ url: config.nowhere, timeoutS: 1 }).catch((reason) => reason);
  t.equal([error.code, error.retryable, bridge.isOpen], ['cannot_connect', true, true]);
  t.check(error.message.includes('vrbridge serve'), error.message);
  const wrong = await bridge.connect({ url: 'nonsense://', timeoutS: 5 }).catch((reason) => reason);
  t.equal([wrong.code, bridge.isOpen], ['cannot_connect', false]);
});

test('damage on the way fails the request with its digest', async (t) => {
  const bridge = await connected(t, {}, 'damaging');
  const error = await failure(bridge.request('texture', { prompt: 'sand', size_px: 256, seed: 1, format: 'rgba8' }));
  t.equal([error?.code, error?.retryable], ['digest_mismatch', true]);
  t.check(bridge.isConnected, 'still connected');
});

test('a request that is open when the page closes its bridge fails', async (t) => {
  const bridge = await connected(t);
  const request = bridge.request('texture', { prompt: 'sand', size_px: 2048 });
  bridge.close();
  t.equal((await failure(request))?.code, 'cancelled');
  await bridge.connect({ url: config.server, token: config.token });
  t.equal(await failure(bridge.request('texture', { prompt: 'sand', size_px: 64 })), null, 'and connects anew');
});

test('what has a place in the scene tells the server where that is', async (t) => {
  const stage = stageFor(t);
  const bridge = await stage.connect();
  const material = bridge.material('red brick wall', { object: stage.wall, sizePx: 64 });
  const prop = bridge.mesh('a wooden crate', { position: new THREE.Vector3(1, 0, -2), hasCollider: false });
  stage.scene.add(prop);
  const anchors = await Promise.all(
    [material, prop].map(
      ({ request }) => new Promise((resolve) => request?.on('accepted', ({ anchor }) => resolve(anchor))),
    ),
  );
  const places = anchors.map(({ position }) => position.map((/** @type {number} */ value) => +value.toFixed(6)));
  t.equal(places, [stage.wall.position.toArray(), [1, 0, -2]]);
  await Promise.all([material.ready, prop.ready]);
});

test('a material that is stopped while its maps are on the way to the graphics card says so', async (t) => {
  const stage = stageFor(t);
  const bridge = await stage.connect();
  const material = bridge.material('red brick wall', { seed: 11, sizePx: 64 });
  // Without frames nothing is uploaded.
  stage.isRunning = false;
  material.request?.on('completed', () => material.cancel());
  const error = await material.ready.then(
    () => null,
    (reason) => reason,
  );
  t.equal(error?.code, 'cancelled');
  t.check(!material.isGenerating, 'it is not being made any more');
});
