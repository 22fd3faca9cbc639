import { materialsFor, propsFor, WORDS_FOR_THE_SMITH } from './suggestions.js';

/**
 * What the player's next words are for.
 *
 * @typedef {import('../place/Courtyard.js').Surface} Surface
 * @typedef {import('../things/Props.js').Prop} Prop
 * @typedef {import('../things/Props.js').Place} Place
 *
 * @typedef {{kind: 'talk'}} Talk
 * @typedef {{kind: 'surface', surface: Surface}} OfSurface
 * @typedef {{kind: 'prop', place: Place | null}} OfPlace Null: in front of the player.
 * @typedef {{kind: 'thing', prop: Prop}} OfThing One that is there, to be something else.
 * @typedef {Talk | OfSurface | OfPlace | OfThing} Target
 *
 * @typedef {object} Wording
 * @property {string} about What it says above the line.
 * @property {string} placeholder What is asked for without words.
 * @property {string} verb On the button.
 * @property {string[]} suggestions
 */

/** @type {Talk} */
export const TALK = { kind: 'talk' };

/**
 * @param {Target} target
 * @returns {Wording}
 */
export function wordingOf(target) {
  if (target.kind === 'talk') return wording('Say to the blacksmith', 'Say', WORDS_FOR_THE_SMITH);
  if (target.kind === 'surface')
    return wording(`New material for ${target.surface.name}`, 'Make it', materialsFor(target.surface.kind));
  if (target.kind === 'prop') {
    const { name, isSmall } = target.place ?? { name: 'in front of you', isSmall: false };
    return wording(`Put ${name}`, 'Put it there', propsFor(isSmall));
  }
  return wording(`Instead of ${target.prop.prompt}`, 'Make it', propsFor(target.prop.isSmall));
}

/**
 * @param {string} about
 * @param {string} verb
 * @param {string[]} suggestions
 * @returns {Wording}
 */
function wording(about, verb, suggestions) {
  return { about, verb, suggestions, placeholder: suggestions[0] };
}
