import { TALK } from './targets.js';

/**
 * @typedef {import('./targets.js').Target} Target
 * @typedef {import('../things/Surfaces.js').Surfaces} Surfaces
 * @typedef {import('../things/Props.js').Props} Props
 * @typedef {import('../things/Props.js').Place} Place
 */

/** What the player's next words are for, and what they do. */
export class Wishes {
  #smith;
  #surfaces;
  #props;
  #ahead;
  /** @type {Set<(target: Target) => void>} */
  #listeners = new Set();

  /** @type {Target} */
  target = TALK;

  /**
   * @param {object} parts
   * @param {{say: (text: string) => unknown}} parts.smith
   * @param {Surfaces} parts.surfaces
   * @param {Props} parts.props
   * @param {() => Place} parts.ahead The ground in front of the player.
   */
  constructor({ smith, surfaces, props, ahead }) {
    this.#smith = smith;
    this.#surfaces = surfaces;
    this.#props = props;
    this.#ahead = ahead;
  }

  /** @param {(target: Target) => void} listener Told whenever the words are for something else. */
  onAimed(listener) {
    this.#listeners.add(listener);
    listener(this.target);
  }

  /** @param {Target} target */
  aim(target) {
    this.target = target;
    for (const listener of this.#listeners) listener(target);
  }

  /** @param {string} words */
  fulfil(words) {
    const { target } = this;
    if (target.kind === 'talk') this.#smith.say(words);
    else if (target.kind === 'surface') this.#surfaces.cover(target.surface, words);
    else if (target.kind === 'thing') this.#props.replace(target.prop, words);
    // What comes next is more likely about the new thing than another one in the same place.
    else this.aim({ kind: 'thing', prop: this.#props.putDown(words, target.place ?? this.#ahead()) });
  }
}
