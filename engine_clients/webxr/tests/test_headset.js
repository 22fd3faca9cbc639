import { config, takePicture, test, wait } from './runner.js';
import { stageFor } from './stage.js';

/**
 * @typedef {object} EmulatedDevice IWER's headset, as far as the tests use it.
 * @property {(module: unknown) => void} installSEM
 * @property {{loadEnvironment: (environment: unknown) => Promise<void>}} sem
 * @property {Record<'left' | 'right', {position: {set: (x: number, y: number, z: number) => void}}>} controllers
 * @property {{set: (x: number, y: number, z: number) => void}} position
 */
const page = /** @type {{device: EmulatedDevice, IWER_SEM: {SyntheticEnvironmentModule: unknown}}} */ (
  /** @type {unknown} */ (window)
);

test('a material, a prop and words arrive during a session on a headset', async (t) => {
  /** @type {XRSessionMode} */
  const mode = config.mode;
  const { device } = page;
  if (mode === 'immersive-ar') {
    device.installSEM(page.IWER_SEM.SyntheticEnvironmentModule);
    await device.sem.loadEnvironment(await (await fetch('/modules/@iwer/sem/captures/living_room.json')).json());
  }
  const stage = stageFor(t, { isTransparent: mode === 'immersive-ar' });
  const bridge = await stage.connect();
  const xr = /** @type {XRSystem} */ (navigator.xr);
  t.check(await xr.isSessionSupported(mode), 'it is supported');
  const session = await xr.requestSession(mode, { requiredFeatures: ['local-floor'] });
  let isOver = false;
  session.addEventListener('end', () => {
    isOver = true;
  });
  await stage.renderer.xr.setSession(session);
  stage.camera.position.set(0, 0, 0);
  await t.until(() => stage.renderer.xr.isPresenting && stage.spentMs.length > 10, 'a session');
  await wait(0.5);
  await takePicture(`${mode}_before`);
  /** @type {any[]} */
  const told = [];
  const update = bridge.updateContext.bind(bridge);
  bridge.updateContext = (value) => {
    told.push(value);
    update(value);
  };
  bridge.context({ place: 'living room' });
  const material = bridge.material('red brick wall', { seed: 7, metresPerTile: 1, metresPerUv: [1.6, 1.8] });
  stage.wall.material = material;
  const prop = bridge.mesh('a wooden barrel', { seed: 5, sizeM: 0.9 });
  prop.position.set(0.6, 1, -1.6);
  stage.scene.add(prop);
  const panel = bridge.overlay({ isHeadLocked: true, revealHz: 0, holdS: 60 });
  stage.scene.add(panel);
  panel.showLine('Both are there.', 'Blacksmith');
  await Promise.all([material.ready, prop.ready]);
  t.check(!isOver && prop.level(0) !== null, 'the session goes on and the prop stands there');
  await t.until(() => told.length > 0, 'a context');
  t.check(told[0].head.position[1] > 1 && 'right' in told[0].hands, `context: ${JSON.stringify(told[0])}`);
  device.controllers.right.position.set(0.4, 1.5, -0.5);
  await t.until(() => told.at(-1).hands.right.position[0] > 0.3, 'the hand has moved', 5);
  t.check(bridge.isConnected && bridge.nConnections === 1, 'on one connection');
  await wait(0.5);
  await takePicture(`${mode}_after`);
  await session.end();
  await t.until(() => isOver, 'its end', 10);
});
