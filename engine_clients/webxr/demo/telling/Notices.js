import { Vector3 } from 'three';
import { element } from '../page.js';

const STAYS_MS = 9000;

/** Tells the player, once, what went wrong or was done: above the words, in a headset before the eyes, and to readers. */
export class Notices {
  #line = element('trouble');
  #spoken = element('spoken');
  #overlay;
  #renderer;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {import('three').WebGLRenderer} renderer
   * @param {import('vrbridge').VRBridge} bridge
   * @param {string} fontFamily
   */
  constructor(renderer, bridge, fontFamily) {
    this.#renderer = renderer;
    this.#overlay = bridge.overlay({
      isHeadLocked: true,
      offset: new Vector3(0, -0.35, -1.4),
      revealHz: 0,
      fontFamily,
    });
  }

  /** To be put into the scene. */
  get object() {
    return this.#overlay;
  }

  /** @param {string} sentence */
  say(sentence) {
    clearTimeout(this.#timer);
    this.#line.textContent = sentence;
    this.#line.hidden = false;
    this.#timer = setTimeout(() => (this.#line.hidden = true), STAYS_MS);
    if (this.#renderer.xr.isPresenting) this.#overlay.showLine(sentence);
  }

  /**
   * For screen readers alone: what is drawn into the scene they can't read.
   *
   * @param {string} sentence
   */
  read(sentence) {
    this.#spoken.textContent = sentence;
  }
}
