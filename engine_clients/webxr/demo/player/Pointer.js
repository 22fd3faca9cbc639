import * as THREE from 'three';

// A finger or mouse that moved further than this was not meant to choose.
const CLICK_PX = 7;
const CENTRE = new THREE.Vector2();

/**
 * @typedef {import('./Finder.js').Found} Found
 * @typedef {import('../things/Props.js').Prop} Prop
 */

/** Points into the view with a mouse, a finger, or the keyboard at its centre: chooses, carries things, looks around. */
export class Pointer {
  #view;
  #camera;
  #finder;
  #movedPx = 0;
  #place = new THREE.Vector2();
  /** @type {Prop | null} */
  #carried = null;
  #isHovering = false;
  #isStale = false;
  /** Where it was last, for touches have no movement of their own in all browsers. */
  #last = new THREE.Vector2();

  /** Called with what was chosen. @type {(found: Found) => void} */
  onChosen = () => {};
  /** Called with what is pointed at; null for nothing. @type {(found: Found | null) => void} */
  onPointed = () => {};
  /** Called while a thing is carried. @type {(prop: Prop, point: THREE.Vector3) => void} */
  onCarried = () => {};
  /** Called while the view is dragged. @type {(xPx: number, yPx: number) => void} */
  onDragged = () => {};

  /**
   * @param {HTMLElement} view
   * @param {THREE.Camera} camera
   * @param {import('./Finder.js').Finder} finder
   */
  constructor(view, camera, finder) {
    this.#view = view;
    this.#camera = camera;
    this.#finder = finder;
    for (const [name, take] of /** @type {const} */ ([
      ['pointerdown', (/** @type {PointerEvent} */ event) => this.#press(event)],
      ['pointermove', (/** @type {PointerEvent} */ event) => this.#move(event)],
      ['pointerup', (/** @type {PointerEvent} */ event) => this.#release(event)],
    ]))
      // A second finger is none of ours.
      view.addEventListener(name, (event) => event.isPrimary && take(event));
    view.addEventListener('pointercancel', () => (this.#carried = null));
    view.addEventListener('pointerleave', () => {
      this.#isHovering = false;
      this.onPointed(null);
    });
    view.addEventListener('keydown', (event) => {
      if (event.code !== 'Enter' && event.code !== 'Space') return;
      event.preventDefault();
      const found = finder.through(CENTRE, camera);
      if (found !== null) this.onChosen(found);
    });
  }

  /** Tells what is pointed at; once a frame at most, for a mouse reports more often. */
  update() {
    if (!this.#isHovering || !this.#isStale) return;
    this.#isStale = false;
    this.onPointed(this.#finder.through(this.#place, this.#camera));
  }

  /** @returns {Found | null} What is at the centre of the view, where keys choose. */
  centre() {
    return this.#finder.through(CENTRE, this.#camera);
  }

  /** @param {PointerEvent} event */
  #press(event) {
    this.#movedPx = 0;
    this.#last.set(event.clientX, event.clientY);
    this.#aim(event);
    this.#view.setPointerCapture(event.pointerId);
    const found = this.#finder.through(this.#place, this.#camera);
    this.#carried = found?.target.kind === 'thing' ? found.target.prop : null;
  }

  /** @param {PointerEvent} event */
  #move(event) {
    this.#aim(event);
    const [x, y] = [event.clientX - this.#last.x, event.clientY - this.#last.y];
    this.#last.set(event.clientX, event.clientY);
    if (event.buttons === 0) {
      this.#isHovering = event.pointerType === 'mouse';
      this.#isStale = true;
      return;
    }
    this.#movedPx += Math.abs(x) + Math.abs(y);
    if (this.#carried === null) this.onDragged(x, y);
    else if (this.#movedPx > CLICK_PX) this.#carry(this.#carried);
  }

  /** @param {PointerEvent} event */
  #release(event) {
    this.#carried = null;
    if (this.#movedPx > CLICK_PX) return;
    this.#aim(event);
    const found = this.#finder.through(this.#place, this.#camera);
    if (found !== null) this.onChosen(found);
  }

  /** @param {Prop} prop */
  #carry(prop) {
    const found = this.#finder.through(this.#place, this.#camera, prop.mesh);
    if (found !== null && found.place !== null) this.onCarried(prop, found.place.point);
  }

  /** @param {PointerEvent} event */
  #aim({ clientX, clientY }) {
    const { left, top, width, height } = this.#view.getBoundingClientRect();
    this.#place.set((2 * (clientX - left)) / width - 1, 1 - (2 * (clientY - top)) / height);
  }
}
