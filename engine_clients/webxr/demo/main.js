import * as THREE from 'three';
import { VRBridge } from 'vrbridge';
import { Entrance } from './Entrance.js';
import { AskBar } from './asking/AskBar.js';
import { Speech } from './asking/Speech.js';
import { TALK } from './asking/targets.js';
import { Wishes } from './asking/Wishes.js';
import { WordMenu } from './asking/WordMenu.js';
import { Keeper } from './keeping/Keeper.js';
import { dialog, element } from './page.js';
import { Courtyard } from './place/Courtyard.js';
import { Finder } from './player/Finder.js';
import { Glow } from './player/Glow.js';
import { Headset } from './player/Headset.js';
import { Label } from './player/Label.js';
import { Pointer } from './player/Pointer.js';
import { Walker } from './player/Walker.js';
import { View } from './View.js';
import { FrameClock } from './telling/FrameClock.js';
import { RequestLog } from './telling/RequestLog.js';
import { StatusPanel } from './telling/StatusPanel.js';
import { furnish } from './things/furnish.js';
import { Props } from './things/Props.js';
import { Surfaces } from './things/Surfaces.js';

const REACH_M = 3;
const FONT = 'Nunito, system-ui, sans-serif';

const courtyard = new Courtyard();
const view = new View(element('view'), courtyard);
const { renderer, scene, camera, rig } = view;
const bridge = new VRBridge(renderer);
const log = new RequestLog(bridge);
const clock = new FrameClock();
const panel = new StatusPanel(bridge, log, clock);

const context = bridge.context({ place: 'courtyard at sunset' });
const { smith: body, gate } = courtyard;
context.add(body, { id: 'blacksmith', name: 'the blacksmith' });
// Words in the scene are drawn by the page's font, which has to be there by then.
void document.fonts.load(`48px ${FONT}`);
const overlay = bridge.overlay({ target: body, offset: new THREE.Vector3(0, 1.95, 0), fontFamily: FONT });
body.add(overlay);
const smith = bridge.character('blacksmith', { object: body, overlay, displayName: 'Bram' });
smith.addAction('open_gate', 'Open the gate of the courtyard', undefined, () => gate.open());
smith.addAction('close_gate', 'Close the gate of the courtyard', undefined, () => gate.close());
smith.on('answerStarted', () => body.setTalking(true));
smith.on('answered', () => body.setTalking(false));
smith.on('failed', () => body.setTalking(false));

const surfaces = new Surfaces(bridge, log);
const props = new Props(bridge, scene, context, log);
const wishes = new Wishes({ smith, surfaces, props, ahead });
const askBar = new AskBar(
  wishes,
  props,
  courtyard.surfaces.find(({ id }) => id === 'north-wall') ?? courtyard.surfaces[0],
);
const menu = new WordMenu(wishes, props);
const finder = new Finder(courtyard, props);
const walker = new Walker(renderer.domElement, camera, rig, (position) => courtyard.clampToWalkable(position));
const pointer = new Pointer(renderer.domElement, camera, finder);
const headset = new Headset({ renderer, camera, rig, finder, menu, walker });
const speech = new Speech();
const glow = new Glow();
const label = new Label(element('pointed'), element('view'));

/** The ground in front of the player. */
function ahead() {
  const point = camera.getWorldDirection(new THREE.Vector3()).setY(0).normalize().multiplyScalar(REACH_M);
  point.add(camera.getWorldPosition(new THREE.Vector3())).setY(0);
  courtyard.clampToWalkable(point);
  return { name: 'here', point, isSmall: false };
}

scene.add(menu);
new Keeper({ renderer, scene, camera, surfaces, props });
walker.useStick(element('stick'), /** @type {HTMLElement} */ (element('stick').firstElementChild));
courtyard.onChanged = props.onChanged = () => view.redrawShadows();

for (const hand of [pointer, headset]) {
  hand.onPointed = (found) => {
    glow.on(found?.objects ?? []);
    label.show(found?.name ?? '');
  };
  hand.onCarried = (prop, point) => props.move(prop, point);
}
pointer.onDragged = (x, y) => walker.drag(x, y);
pointer.onChosen = ({ target }) => {
  wishes.aim(target);
  // A keyboard on a phone's screen would hide what was chosen.
  if (matchMedia('(pointer: fine)').matches) askBar.focus();
};
headset.onChosen = ({ target }) => wishes.aim(target);
headset.onFailed = (reason) => label.say(reason);
/** @type {import('./things/Props.js').Prop[]} */
const beginning = [];
headset.onSession = (isPassthrough) => {
  courtyard.setPassthrough(isPassthrough === true);
  view.setPassthrough(isPassthrough === true);
  // They stand where the walls were.
  for (const { mesh, isSmall } of beginning) mesh.visible = isPassthrough !== true || isSmall;
  if (isPassthrough !== null) wishes.aim(TALK);
};

speech.onListening = (isListening) => {
  element('speak').setAttribute('aria-pressed', String(isListening));
  menu.heard = isListening ? 'Listening …' : '';
};
speech.onHeard = (words) => {
  askBar.fill(words);
  menu.heard = words;
};
speech.onSaid = (words) => {
  askBar.fill('');
  wishes.fulfil(words);
};
speech.onFailed = (reason) => label.say(reason);
element('speak').hidden = !speech.isAvailable;
element('speak').addEventListener('click', () => void speech.toggle());
if (speech.isAvailable) menu.ways.set('Speak', () => void speech.toggle());
menu.ways.set('Type', () => askBar.focus());
menu.status = () => panel.line;

element('open-help').addEventListener('click', () => dialog('help').showModal());
element('headset').addEventListener('click', () => dialog('help').showModal());
element('forget').addEventListener('click', async () => {
  const said = await bridge.forget('player').then(
    (nItems) => `Forgotten: ${nItems} ${nItems === 1 ? 'thing' : 'things'} that were kept about you.`,
    (error) => String(error.message),
  );
  element('kept').textContent = said;
});

new Entrance(bridge).open();
// On a machine that is also the server, making things would keep the first frame waiting.
view.onShown = () => {
  const essential = courtyard.surfaces.filter(({ isEssential }) => isEssential);
  furnish([
    ...essential.map((surface) => () => surfaces.begin(surface)),
    ...courtyard.spots.map((spot) => () => {
      const prop = props.begin(spot);
      beginning.push(prop);
      return prop.mesh;
    }),
  ]);
};
view.start((nowMs, deltaS) => {
  if (!renderer.xr.isPresenting) {
    walker.update(deltaS);
    pointer.update();
  }
  headset.update(deltaS);
  courtyard.update(nowMs / 1000, deltaS, view.head);
  menu.update();
  bridge.update(camera);
  clock.tick(nowMs, bridge.budget.spentMs);
  panel.update(nowMs);
  if (!renderer.xr.isPresenting) view.adapt(nowMs, clock);
});
