import * as THREE from 'three';
import { TALK, wordingOf } from './targets.js';
import { MenuPicture } from './MenuPicture.js';

const WIDTH_M = 0.86;
const AHEAD_M = 1.15;
const BELOW_EYES_M = 0.22;

/**
 * @typedef {import('./Wishes.js').Wishes} Wishes
 * @typedef {import('../things/Props.js').Props} Props
 * @typedef {import('./MenuPicture.js').MenuButton} MenuButton
 */

/** A panel in the scene for those who wear a headset: what is chosen, words to ask with, and ways to say others. */
export class WordMenu extends THREE.Group {
  #wishes;
  #props;
  #picture = new MenuPicture();
  #board;
  #towards = new THREE.Vector3();
  #hovered = -1;
  #drawn = '';

  /** Ways to say other words, by what the button says. @type {Map<string, () => void>} */
  ways = new Map();
  /** Takes the player to a point of the ground. @type {(point: THREE.Vector3) => void} */
  onGo = () => {};
  /** One line about how things are. @type {() => string} */
  status = () => '';
  /** What is being said; empty if nothing is. */
  heard = '';

  /**
   * @param {Wishes} wishes
   * @param {Props} props
   */
  constructor(wishes, props) {
    super();
    this.#wishes = wishes;
    this.#props = props;
    const { texture, aspect } = this.#picture;
    const look = {
      map: texture,
      transparent: true,
      depthTest: false,
      depthWrite: false,
      fog: false,
      toneMapped: false,
    };
    this.#board = new THREE.Mesh(new THREE.PlaneGeometry(WIDTH_M, WIDTH_M / aspect), new THREE.MeshBasicMaterial(look));
    // Over what stands in the room, under the rays of the hands.
    this.#board.renderOrder = 900;
    this.add(this.#board);
    this.visible = false;
  }

  /**
   * Opens before the player's eyes.
   *
   * @param {THREE.Vector3} position Of the head.
   * @param {THREE.Quaternion} orientation
   */
  open(position, orientation) {
    this.#towards.set(0, 0, -1).applyQuaternion(orientation).setY(0).normalize();
    this.position.copy(position).addScaledVector(this.#towards, AHEAD_M);
    this.position.y -= BELOW_EYES_M;
    this.lookAt(position);
    this.visible = true;
  }

  close() {
    this.visible = false;
  }

  /**
   * @param {THREE.Raycaster} ray
   * @returns {THREE.Intersection | null} Where it meets the panel.
   */
  hit(ray) {
    if (!this.visible) return null;
    const [hit] = ray.intersectObject(this.#board, false);
    return hit ?? null;
  }

  /** @param {THREE.Intersection | null} hit What a ray points at. */
  hover(hit) {
    this.#hovered = hit?.uv === undefined ? -1 : this.#picture.find(hit.uv, this.#buttons());
  }

  /** @param {THREE.Intersection} hit */
  press({ uv }) {
    const buttons = this.#buttons();
    const place = uv === undefined ? -1 : this.#picture.find(uv, buttons);
    if (place >= 0) buttons[place].press();
  }

  /** Draws what has changed. */
  update() {
    if (!this.visible) return;
    const { about } = wordingOf(this.#wishes.target);
    const buttons = this.#buttons();
    const sheet = { title: about, status: this.heard || this.status(), hovered: this.#hovered, buttons };
    const drawn = JSON.stringify(sheet);
    if (drawn === this.#drawn) return;
    this.#drawn = drawn;
    this.#picture.draw(sheet);
  }

  /** @returns {MenuButton[]} */
  #buttons() {
    const { target } = this.#wishes;
    const buttons = wordingOf(target).suggestions.map((words) => button(words, 'words', () => this.#say(words)));
    if (target.kind === 'thing') {
      const { prop } = target;
      buttons.push(button('Turn it', 'act', () => this.#props.turn(prop)));
      buttons.push(button('Another one', 'act', () => this.#props.again(prop)));
      buttons.push(button('Remove it', 'act', () => this.#remove(prop)));
    }
    if (target.kind === 'prop' && target.place !== null && !target.place.isSmall) {
      const { point } = target.place;
      buttons.push(button('Go there', 'act', () => this.#go(point)));
    }
    for (const [name, take] of this.ways) buttons.push(button(name, 'way', take));
    if (target.kind !== 'talk') buttons.push(button('To the smith', 'way', () => this.#wishes.aim(TALK)));
    buttons.push(button('Close', 'way', () => this.close()));
    return buttons;
  }

  /** @param {string} words */
  #say(words) {
    this.#wishes.fulfil(words);
    if (this.#wishes.target.kind !== 'thing') this.close();
  }

  /** @param {THREE.Vector3} point */
  #go(point) {
    this.close();
    this.onGo(point);
  }

  /** @param {import('./targets.js').Prop} prop */
  #remove(prop) {
    this.#props.remove(prop);
    this.close();
  }
}

/**
 * @param {string} text
 * @param {MenuButton['look']} look
 * @param {() => void} press
 * @returns {MenuButton}
 */
function button(text, look, press) {
  return { text, look, press };
}
