import { takePicture, test, wait } from './runner.js';
import { stageFor } from './stage.js';
import * as THREE from 'three';

test('what was asked for can be seen', async (t) => {
  const stage = stageFor(t);
  const bridge = await stage.connect();
  await wait(0.3);
  await takePicture('before');
  const material = bridge.material('red brick wall', { seed: 7, metresPerTile: 1, metresPerUv: [1.6, 1.8] });
  stage.wall.material = material;
  const prop = bridge.mesh('a wooden barrel', { seed: 5, sizeM: 0.9, texturePx: 256 });
  prop.position.set(0.75, 1, -1.6);
  stage.scene.add(prop);
  await Promise.all([material.ready, prop.ready]);
  const panel = bridge.overlay({ revealHz: 0, holdS: 30, offset: new THREE.Vector3(0.75, 2.05, -1.6) });
  stage.scene.add(panel);
  panel.showLine('A barrel and a wall, as you asked. Anything else?', 'Blacksmith');
  await wait(0.5);
  await takePicture('after');
  t.check(prop.level(0) !== null && panel.visibleText.length > 40, 'both stand there');
  t.check(Math.max(...stage.spentMs.slice(5)) < 200, `the client took ${Math.max(...stage.spentMs)} ms of a frame`);
});
