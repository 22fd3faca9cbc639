import { TALK, wordingOf } from './targets.js';
import { element, input } from '../page.js';

/**
 * @typedef {import('./Wishes.js').Wishes} Wishes
 * @typedef {import('./targets.js').Target} Target
 * @typedef {import('../things/Props.js').Props} Props
 */

/** The line at the bottom of the page in which the player says what should be there. */
export class AskBar {
  #wishes;
  #props;
  #words = input('words');

  /** The surface that words are for if none was chosen. @type {import('./targets.js').Surface} */
  #surface;

  /**
   * @param {Wishes} wishes
   * @param {Props} props
   * @param {import('./targets.js').Surface} surface Which one the button for materials begins with.
   */
  constructor(wishes, props, surface) {
    this.#wishes = wishes;
    this.#props = props;
    this.#surface = surface;
    element('ask').addEventListener('submit', (event) => {
      event.preventDefault();
      this.#send(this.#words.value.trim() || this.#words.placeholder);
    });
    for (const button of modes()) button.addEventListener('click', () => this.#choose(button.dataset.kind ?? ''));
    this.#whenThing('turn', (prop) => props.turn(prop));
    this.#whenThing('again', (prop) => props.again(prop));
    this.#whenThing('remove', (prop) => props.remove(prop));
    wishes.onAimed((target) => this.#show(target));
  }

  /** Has the keyboard write into the line. */
  focus() {
    this.#words.focus({ preventScroll: true });
  }

  /** The same, unless that shows a keyboard over the scene. */
  focusIfKeys() {
    if (matchMedia('(pointer: fine)').matches) this.focus();
  }

  /**
   * Shows words that are still being spoken.
   *
   * @param {string} words
   */
  fill(words) {
    this.#words.value = words;
  }

  /** @param {string} words */
  #send(words) {
    this.#words.value = '';
    this.#wishes.fulfil(words);
  }

  /** @param {string} kind */
  #choose(kind) {
    if (kind === 'talk') this.#wishes.aim(TALK);
    else if (kind === 'surface') this.#wishes.aim({ kind: 'surface', surface: this.#surface });
    else this.#wishes.aim({ kind: 'prop', place: null });
    this.focusIfKeys();
  }

  /**
   * @param {string} id Of a button.
   * @param {(prop: import('./targets.js').Prop) => void} act
   */
  #whenThing(id, act) {
    element(id).addEventListener('click', () => {
      const { target } = this.#wishes;
      if (target.kind === 'thing' && this.#props.has(target.prop)) act(target.prop);
    });
  }

  /** @param {Target} target */
  #show(target) {
    if (target.kind === 'surface') this.#surface = target.surface;
    const { about, verb, placeholder, suggestions } = wordingOf(target);
    element('about').textContent = about;
    element('send').textContent = verb;
    element('thing').hidden = target.kind !== 'thing';
    this.#words.placeholder = placeholder;
    const mode = target.kind === 'thing' ? 'prop' : target.kind;
    for (const button of modes()) button.setAttribute('aria-pressed', String(button.dataset.kind === mode));
    const hadFocus =
      element('suggestions').contains(document.activeElement) || element('thing').contains(document.activeElement);
    element('suggestions').replaceChildren(...suggestions.map((words) => this.#suggestion(words)));
    // The button with the focus may be gone.
    if (hadFocus) this.focusIfKeys();
  }

  /** @param {string} words */
  #suggestion(words) {
    const button = document.createElement('button');
    button.type = 'button';
    button.textContent = words;
    button.addEventListener('click', () => this.#send(words));
    return button;
  }
}

function modes() {
  return /** @type {HTMLButtonElement[]} */ (Array.from(document.querySelectorAll('button.mode')));
}
