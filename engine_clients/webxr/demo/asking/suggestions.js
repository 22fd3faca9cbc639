/**
 * What could be asked for, for those who have no idea yet.
 *
 * @type {Record<string, string[]>}
 */
const MATERIALS = {
  wall: ['red brick wall', 'mossy stone wall', 'blue ceramic tiles', 'weathered white plaster', 'rusty metal plates'],
  floor: ['cobblestone', 'old oak planks', 'white marble tiles', 'forest floor', 'cracked dry earth'],
  table: ['dark walnut wood', 'green marble', 'brushed copper', 'woven linen cloth', 'slate'],
  roof: ['terracotta roof tiles', 'grey slate', 'rusty corrugated iron', 'thatch of dry straw', 'green copper'],
  wood: ['old oak planks', 'dark walnut wood', 'painted blue wood', 'birch bark', 'charred wood'],
  metal: ['wrought iron', 'polished brass', 'rusty iron', 'green copper', 'gold'],
};

const PROPS = [
  'a wooden barrel',
  'an oak chair',
  'a stone statue',
  'a potted plant',
  'a market stall',
  'a street lamp',
];
const SMALL_PROPS = ['a clay jug', 'a brass candlestick', 'a loaf of bread', 'a leather-bound book', 'a dagger'];

export const WORDS_FOR_THE_SMITH = [
  'What are you working on?',
  'Would you open the gate?',
  'What do you see here?',
  'Tell me a joke.',
];

/** @param {string} kind Of a surface. */
export function materialsFor(kind) {
  return MATERIALS[kind] ?? MATERIALS.wall;
}

/** @param {boolean} isSmall Whether they have to fit on a table. */
export function propsFor(isSmall) {
  return isSmall ? SMALL_PROPS : PROPS;
}
