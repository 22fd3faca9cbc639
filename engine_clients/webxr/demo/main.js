import * as THREE from 'three';
import { VRBridge } from 'vrbridge';
import { Entrance } from './Entrance.js';
import { AskBar } from './asking/AskBar.js';
import { HeadsetKeyboard } from './asking/HeadsetKeyboard.js';
import { Speech } from './asking/Speech.js';
import { TALK } from './asking/targets.js';
import { Wishes } from './asking/Wishes.js';
import { WordMenu } from './asking/WordMenu.js';
import { Keeper } from './keeping/Keeper.js';
import { dialog, element, input } from './page.js';
import { Courtyard } from './place/Courtyard.js';
import { Finder } from './player/Finder.js';
import { Glow } from './player/Glow.js';
import { Headset } from './player/Headset.js';
import { Label } from './player/Label.js';
import { Pointer } from './player/Pointer.js';
import { Walker } from './player/Walker.js';
import { View } from './View.js';
import { FrameClock } from './telling/FrameClock.js';
import { plainWords } from './telling/labels.js';
import { Notices } from './telling/Notices.js';
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
const notices = new Notices(renderer, bridge, FONT);
log.onFailed = ({ label: asked, error }) => notices.say(`${asked}: ${plainWords(error)}`);
smith.on('answered', ({ text }) => notices.read(`Bram says: ${text}`));
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

scene.add(menu, notices.object);
new Keeper({ renderer, scene, camera, surfaces, props });
walker.useStick(element('stick'), /** @type {HTMLElement} */ (element('stick').firstElementChild));
courtyard.onChanged = props.onChanged = () => view.redrawShadows();
props.onRemoved = (prop) => {
  const { target } = wishes;
  if (target.kind === 'thing' && target.prop === prop) wishes.aim({ kind: 'prop', place: null });
};

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
  askBar.focusIfKeys();
};
headset.onChosen = ({ target }) => wishes.aim(target);
headset.onFailed = speech.onFailed = (reason) => notices.say(reason);
menu.onGo = (point) => walker.go(point);
/** @type {import('./things/Props.js').Prop[]} */
const beginning = [];
// What stands where the walls were has no place in the player's room.
const fitIn = (/** @type {import('./things/Props.js').Prop} */ { mesh, isSmall }) => {
  mesh.visible = isSmall || !finder.hasFloor;
};
headset.onSession = (isPassthrough) => {
  finder.hasFloor = isPassthrough === true;
  courtyard.setPassthrough(finder.hasFloor);
  view.setPassthrough(finder.hasFloor);
  beginning.forEach(fitIn);
  if (isPassthrough !== null) wishes.aim(TALK);
};
const keyboard = new HeadsetKeyboard(input('words'));
keyboard.onWritten = (words) => (menu.heard = words);
keyboard.onDone = (words) => {
  menu.heard = '';
  wishes.fulfil(words);
};
headset.onBegun = (session) => {
  if (keyboard.follow(session)) menu.ways.set('Type', () => keyboard.open());
  else menu.ways.delete('Type');
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
element('speak').hidden = !speech.isAvailable;
element('speak').addEventListener('click', () => void speech.toggle());
if (speech.isAvailable) menu.ways.set('Speak', () => void speech.toggle());
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

/** @param {import('./place/Courtyard.js').PropSpot} spot */
function order(spot) {
  /** @type {import('./things/Props.js').Prop} */
  let prop;
  return {
    ask: () => {
      prop = props.begin(spot);
      beginning.push(prop);
      fitIn(prop);
      return prop.mesh;
    },
    isWanted: () => props.has(prop),
  };
}

input('words').addEventListener('keydown', ({ code }) => {
  if (code === 'Escape') renderer.domElement.focus();
});
document.addEventListener('visibilitychange', () => clock.reset());
new Entrance(bridge).open();
// On a machine that is also the server, making things would keep the first frame waiting.
view.onShown = () => {
  if (document.activeElement === document.body) renderer.domElement.focus({ preventScroll: true });
  const essential = courtyard.surfaces.filter(({ isEssential }) => isEssential);
  furnish([...essential.map((surface) => ({ ask: () => surfaces.begin(surface) })), ...courtyard.spots.map(order)]);
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
