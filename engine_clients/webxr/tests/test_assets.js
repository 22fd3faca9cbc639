import * as THREE from 'three';
import { ContextSource, VRBridgeRequest } from '../vrbridge.js';
import { prepare, put } from '../src/assets/surface.js';
import { Head } from '../src/scene/Head.js';
import { Overlay } from '../src/scene/Overlay.js';
import { breakRows } from '../src/scene/textLayout.js';
import { IncomingAsset } from '../src/session/IncomingAsset.js';
import { AssetDecoder } from '../src/worker/AssetDecoder.js';
import { Ktx2 } from '../src/worker/Ktx2.js';
import { readMesh } from '../src/worker/meshes.js';
import { MessagePackWriter } from '../src/wire/MessagePackWriter.js';
import { VRBridgeAsset } from '../src/VRBridgeAsset.js';
import { VRBridgeError } from '../src/VRBridgeError.js';
import { test } from './runner.js';

/**
 * A KTX2 file of BC1 blocks, the smallest level first as the bridge writes it.
 *
 * @param {number} sizePx
 * @param {number} [vkFormat]
 */
function ktx2(sizePx, vkFormat = 131) {
  const nLevels = Math.log2(sizePx) + 1;
  const sizes = Array.from({ length: nLevels }, (_, level) => 8 * Math.ceil(Math.max(1, sizePx >> level) / 4) ** 2);
  const start = 80 + 24 * nLevels;
  const bytes = new Uint8Array(start + sizes.reduce((a, b) => a + b));
  bytes.set([0xab, 0x4b, 0x54, 0x58, 0x20, 0x32, 0x30, 0xbb, 0x0d, 0x0a, 0x1a, 0x0a]);
  const view = new DataView(bytes.buffer);
  [
    [12, vkFormat],
    [20, sizePx],
    [24, sizePx],
    [36, 1],
    [40, nLevels],
  ].forEach(([at, value]) => view.setUint32(at, value, true));
  let at = start;
  for (let level = nLevels - 1; level >= 0; level -= 1) {
    view.setBigUint64(80 + 24 * level, BigInt(at), true);
    view.setBigUint64(88 + 24 * level, BigInt(sizes[level]), true);
    bytes.fill(level + 1, at, at + sizes[level]);
    at += sizes[level];
  }
  return bytes;
}

/**
 * @param {Uint8Array} data
 * @param {Record<string, any>} [fields]
 */
function incoming(data, fields = {}) {
  const asset = new IncomingAsset({
    asset: 1,
    id: 1,
    role: 'base_color',
    media_type: 'image/ktx2',
    bytes: data.length,
    digest: '',
    meta: {},
    ...fields,
  });
  asset.add(0, data);
  return asset;
}

/** @param {Record<string, any>} [change] */
function arrays(change = {}) {
  const floats = (/** @type {number[]} */ ...values) => new Uint8Array(Float32Array.from(values).buffer);
  return MessagePackWriter.encode({
    positions: floats(0, 0, 0, 2, 0, 0, 0, 1, 0, 0, 0, -1),
    normals: floats(0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 1),
    uv: floats(0, 0, 2, 0, 0, 1, 1, 1),
    colors: new Uint8Array(16).fill(200),
    indices: new Uint8Array(Uint16Array.of(0, 1, 2, 0, 2, 3).buffer),
    index_bytes: 2,
    material: { base_color: [1, 0.5, 0.25, 1], metallic: 0.5, roughness: 0.75 },
    ...change,
  });
}

test('a file for graphics cards is read while it still arrives', (t) => {
  const bytes = ktx2(64);
  t.equal(new Ktx2(bytes, 40).isKnown, false, 'not even its header');
  const file = new Ktx2(bytes, 300);
  t.equal([file.isKnown, file.widthPx, file.vkFormat, file.error], [true, 64, 131, '']);
  t.equal(file.finestLevel(300), 4);
  t.equal(file.finestLevel(bytes.length), 0);
  const levels = file.levels(bytes, 1);
  t.equal(
    levels.map(({ widthPx }) => widthPx),
    [32, 16, 8, 4, 2, 1],
  );
  t.check(
    levels.every(({ data }, place) => data.every((byte) => byte === place + 2) && data.buffer === bytes.buffer),
    'views of the levels',
  );
});

test('a file that is none, or another, is refused with a reason', (t) => {
  const files = { 'no KTX2 file': new Uint8Array(100), 'vkFormat 132': ktx2(8, 132) };
  for (const [reason, bytes] of Object.entries(files))
    t.check(new Ktx2(bytes).error.includes(reason), new Ktx2(bytes).error);
  const wrong = ktx2(64);
  new DataView(wrong.buffer).setBigUint64(88, 17n, true);
  t.check(new Ktx2(wrong).error.includes('sizes'), new Ktx2(wrong).error);
  for (const data of [wrong, ktx2(64).slice(0, 900), new Uint8Array(3)]) {
    let message = '';
    try {
      new AssetDecoder().decode(incoming(data));
    } catch (error) {
      message = /** @type {Error} */ (error).message;
    }
    t.check(message !== '', `${data.length} bytes are refused: ${message}`);
  }
});

test('each coarse level is handed out once, and never the finest', (t) => {
  const bytes = ktx2(256);
  const asset = new IncomingAsset({
    asset: 1,
    id: 1,
    role: 'base_color',
    media_type: 'image/ktx2',
    bytes: bytes.length,
    digest: '',
    meta: {},
  });
  const decoder = new AssetDecoder();
  /** @type {number[]} */
  const widths = [];
  for (let at = 0; at < bytes.length; at += 500) {
    asset.add(at, bytes.subarray(at, at + 500));
    const coarse = asset.isComplete ? null : decoder.coarse(asset);
    if (coarse !== null)
      widths.push(/** @type {import('../src/worker/pictures.js').Picture} */ (coarse.content).widthPx);
  }
  t.equal(widths, [32, 64, 128]);
});

test('pictures are cut into strips of rows with their numbers unchanged', async (t) => {
  const canvas = new OffscreenCanvas(300, 400);
  const pen = /** @type {OffscreenCanvasRenderingContext2D} */ (canvas.getContext('2d'));
  for (let row = 0; row < 400; row += 1) {
    pen.fillStyle = `rgb(${row & 255} ${row >> 8} 77)`;
    pen.fillRect(0, row, 300, 1);
  }
  const blob = await canvas.convertToBlob({ type: 'image/png' });
  const data = new Uint8Array(await blob.arrayBuffer());
  const { content } = await new AssetDecoder().decode(incoming(data, { media_type: 'image/png' }));
  const picture = /** @type {import('../src/worker/pictures.js').Picture} */ (content);
  t.equal([picture.widthPx, picture.heightPx, picture.colorSpace], [300, 400, 'srgb']);
  t.equal(
    picture.strips.map(({ heightPx }) => heightPx),
    [109, 109, 109, 73],
  );
  for (const { top, bitmap } of picture.strips) {
    const small = new OffscreenCanvas(1, 1);
    const brush = /** @type {OffscreenCanvasRenderingContext2D} */ (small.getContext('2d'));
    brush.drawImage(bitmap, 0, 0);
    t.equal([...brush.getImageData(0, 0, 1, 1).data], [top & 255, top >> 8, 77, 255], 'the first row is the top');
  }
});

test('a mesh of arrays is read, with its box and its materials', (t) => {
  const { mesh } = readMesh(arrays(), 'application/vnd.vrbridge.arrays');
  t.equal(
    [mesh.min, mesh.max],
    [
      [0, 0, -1],
      [2, 1, 0],
    ],
  );
  t.equal([...mesh.indices], [0, 1, 2, 0, 2, 3]);
  t.equal(mesh.surfaces, [
    { start: 0, count: 6, material: { base_color: [1, 0.5, 0.25, 1], metallic: 0.5, roughness: 0.75 } },
  ]);
  const wide = { indices: new Uint8Array(Uint32Array.of(0, 1, 2, 0, 2, 3).buffer), index_bytes: 4 };
  const surfaces = [
    { start: 0, count: 3, material: { name: 'a' } },
    { start: 3, count: 3, material: { name: 'b' } },
  ];
  const two = readMesh(arrays({ ...wide, surfaces }), 'application/vnd.vrbridge.arrays').mesh;
  t.equal([two.indices.BYTES_PER_ELEMENT, two.surfaces.map(({ material }) => material.name)], [4, ['a', 'b']]);
});

test('a mesh that is damaged is refused with a reason', (t) => {
  const broken = [
    { positions: new Uint8Array(13) },
    { positions: new Uint8Array() },
    { uv: new Uint8Array(8) },
    { index_bytes: 3 },
    { indices: new Uint8Array(Uint16Array.of(0, 1, 9).buffer) },
    { surfaces: [{ start: 3, count: 9, material: {} }] },
    { positions: new Uint8Array(Float32Array.of(...new Array(11).fill(0), NaN).buffer) },
  ];
  for (const change of broken) {
    let message = '';
    try {
      readMesh(arrays(change), 'application/vnd.vrbridge.arrays');
    } catch (error) {
      message = /** @type {Error} */ (error).message;
    }
    t.check(message !== '', `${Object.keys(change)}: ${message}`);
  }
});

test('a request can be read by events, by a loop and by its promise alike', async (t) => {
  const request = new VRBridgeRequest(1, 'dialogue', {}, () => {});
  const [seen, heard] = [/** @type {string[]} */ ([]), /** @type {string[]} */ ([])];
  request.on('text', ({ text }) => heard.push(text));
  const loop = (async () => {
    for await (const step of request) seen.push(step.type);
  })();
  request.take('accepted', { position: 0, etaS: null, anchor: null });
  request.take('progressed', { stage: 'a', fraction: 0 });
  request.take('progressed', { stage: 'b', fraction: 1 });
  request.take('text', { text: 'hi', offset: 0 });
  request.take('completed', { result: { text: 'hi' }, timing: {} });
  request.take('text', { text: 'late', offset: 2 });
  await loop;
  t.equal(seen, ['accepted', 'progressed', 'text', 'completed']);
  t.equal([heard, (await request.done).result], [['hi'], { text: 'hi' }]);
});

test('an asset counts as used when it was read, and not before it is let go', async (t) => {
  /** @type {number[]} */
  const released = [];
  const facts = { number: 1, role: 'a', mediaType: '', nBytes: 7, nArrived: 7, digest: '', meta: {} };
  const asset = () => new VRBridgeAsset(facts, new Uint8Array(7), (n) => released.push(n));
  const unread = new VRBridgeRequest(1, 'texture', {}, () => {});
  unread.take('asset', asset());
  t.equal(released.length, 1, 'nobody listens');
  const held = new VRBridgeRequest(2, 'texture', {}, () => {});
  const kept = asset();
  held.on('asset', (given) => given.hold());
  held.take('asset', kept);
  t.equal(released.length, 1, 'somebody holds it');
  kept.release();
  kept.release();
  t.equal(released.length, 2, 'once');
  const looped = new VRBridgeRequest(3, 'texture', {}, () => {});
  const steps = looped[Symbol.asyncIterator]();
  const first = steps.next();
  looped.take('asset', asset());
  looped.take('asset', asset());
  await first;
  t.equal(released.length, 3, 'the loop has come to the first');
  await steps.return(undefined);
  t.equal(released.length, 4, 'and was left');
});

test('a failed request throws where it is awaited and says why', async (t) => {
  const request = new VRBridgeRequest(1, 'texture', {}, () => {});
  const error = new VRBridgeError({ code: 'too_large', message: 'Smaller.', field: 'params' });
  const waiting = request.done.catch((reason) => reason);
  request.take('failed', error);
  t.check((await waiting) === error, 'the promise');
  t.equal(String(error), 'too_large: Smaller. (params)');
  let thrown = null;
  try {
    for await (const _ of request);
  } catch (reason) {
    thrown = reason;
  }
  t.check(thrown === error && request.isEnded, 'the loop');
});

test('rows break between words and every character is in one of them', (t) => {
  const widthOf = (/** @type {string} */ piece) => piece.length;
  t.equal(breakRows('one two  three', widthOf, 7), ['one two  ', 'three']);
  t.equal(breakRows('one\ntwo', widthOf, 20), ['one\n', 'two']);
  t.equal(breakRows('abcdefghij k', widthOf, 4), ['abcd', 'efgh', 'ij k']);
  t.equal(breakRows('', widthOf, 4), []);
  const text = 'A barrel, and a very-very-long-word in it.  Yes?\n\nNo!';
  t.equal(breakRows(text, widthOf, 9).join(''), text);
});

test('a panel reads the same from near and far, and tells how much of it shows', (t) => {
  const scene = new THREE.Scene();
  const rig = new THREE.Group();
  rig.scale.setScalar(3);
  rig.rotation.y = 1;
  rig.position.set(1, 0, 0);
  const panel = new Overlay({ offset: new THREE.Vector3(0, 0.5, 0), revealHz: 10, holdS: 1, fadeS: 0.1 });
  scene.add(rig.add(panel));
  const head = new Head();
  /** @type {number[]} */
  const shown = [];
  let nEmptied = 0;
  panel.on('charactersShown', ({ characters }) => shown.push(characters));
  panel.on('emptied', () => {
    nEmptied += 1;
  });
  panel.showLine('Grüß dich 🙂 alter Freund', 'Smith');
  panel.showLine('Second', '');
  const content = panel.children[0];
  for (const distance of [1, 4]) {
    head.position.set(1, 0.5, distance);
    panel.update(head, 0.1);
    const scale = new THREE.Vector3().setFromMatrixScale(content.matrixWorld);
    const rowDegrees = THREE.MathUtils.radToDeg(2 * Math.atan((scale.y * 48) / 2 / distance));
    t.check(Math.abs(rowDegrees - 1.3) < 0.01, `a row of ${rowDegrees}° from ${distance} m`);
    const facing = new THREE.Vector3(0, 0, 1).transformDirection(content.matrixWorld);
    t.check(facing.z > 0.999, `it faces the player: ${facing.toArray()}`);
    t.check(
      new THREE.Vector3().setFromMatrixPosition(content.matrixWorld).distanceTo(new THREE.Vector3(1, 0.5, 0)) < 1e-6,
      'in its place',
    );
  }
  t.equal(panel.visibleText, 'Gr');
  for (let step = 0; step < 400 && panel.isBusy; step += 1) panel.update(head, 0.05);
  t.check(Math.max(...shown.slice(0, shown.indexOf(1, 2))) === 24, `up to the last letter: ${shown}`);
  for (let step = 0; step < 10; step += 1) panel.update(head, 0.05);
  t.equal([nEmptied, content.visible, panel.visibleText], [1, false, '']);
});

test('what is looked at and near is found, and told only if it has changed', (t) => {
  const scene = new THREE.Scene();
  const [near, behind] = [
    new THREE.Mesh(new THREE.BoxGeometry(1, 1, 1)),
    new THREE.Mesh(new THREE.BoxGeometry(1, 1, 1)),
  ];
  near.position.set(0, 1.6, -3);
  near.rotation.y = 0.5;
  behind.position.set(0, 1.6, -6);
  behind.name = 'far box';
  scene.add(near, behind);
  scene.updateMatrixWorld();
  /** @type {any[]} */
  const sent = [];
  /** @type {string[]} */
  const seen = [];
  const context = new ContextSource({ updateContext: (told) => sent.push(told) }, { nearbyRadiusM: 4 });
  context.on('focusChanged', (id) => seen.push(id));
  context.add(behind);
  context.add(near, { id: 'crate', name: 'a crate' });
  const head = new Head();
  head.position.set(0, 1.6, 0);
  context.update(head, 0);
  context.update(head, 0.05);
  context.update(head, 1);
  t.equal([sent.length, sent[0].focus, sent[0].nearby.length, sent[0].nearby[0].name], [1, 'crate', 1, 'a crate']);
  context.remove(near);
  context.update(head, 2);
  t.equal([sent.length, sent[1].focus], [2, 'far box']);
  head.quaternion.setFromAxisAngle(new THREE.Vector3(0, 1, 0), 2);
  head.hands.left = { position: new THREE.Vector3(0, 1, 0), quaternion: new THREE.Quaternion() };
  context.update(head, 3);
  t.equal([sent.length, 'focus' in sent[2], sent[2].hands.left.position], [3, false, [0, 1, 0]]);
  context.resend();
  context.update(head, 4);
  t.equal([sent.length, seen], [4, ['crate', 'far box', '']]);
});

test('relief is lit from the right side, whichever way texture coordinates run', (t) => {
  const renderer = new THREE.WebGLRenderer();
  t.atEnd(() => renderer.forceContextLoss());
  const target = new THREE.WebGLRenderTarget(4, 4);
  const camera = new THREE.OrthographicCamera(-0.4, 0.4, 0.4, -0.4, 0.1, 5);
  camera.position.z = 1;
  // Normals that lean towards the top of the picture.
  const leaning = new THREE.DataTexture(new Uint8Array([128, 218, 218, 255]), 1, 1);
  leaning.wrapS = leaning.wrapT = THREE.RepeatWrapping;
  leaning.needsUpdate = true;
  for (const runsDown of [false, true]) {
    const material = new THREE.MeshStandardMaterial();
    prepare(material, false);
    put(material, 'normal', leaning);
    const plane = new THREE.PlaneGeometry();
    // As on meshes of glTF; on three's own shapes v runs up, and is turned over by the map's repeat.
    const uv = plane.getAttribute('uv');
    if (runsDown) for (let place = 0; place < uv.count; place += 1) uv.setY(place, 1 - uv.getY(place));
    leaning.repeat.set(1, runsDown ? 1 : -1);
    const brightness = [1, -1].map((height) => {
      const scene = new THREE.Scene();
      const light = new THREE.DirectionalLight(0xffffff, 1);
      light.position.set(0, height, 1);
      scene.add(new THREE.Mesh(plane, material), light);
      renderer.setRenderTarget(target);
      renderer.render(scene, camera);
      const pixels = new Uint8Array(64);
      renderer.readRenderTargetPixels(target, 0, 0, 4, 4, pixels);
      return pixels[0];
    });
    t.check(brightness[0] > brightness[1] + 20, `from above ${brightness[0]}, from below ${brightness[1]}`);
  }
});
