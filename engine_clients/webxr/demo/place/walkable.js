/** Where a walker may be: from west to east, from north to south. */
const YARD = { west: -4.6, east: 4.25, north: -4.55, south: 4.6 };
/** What stands in the way: west, east, north, south. @type {[number, number, number, number][]} */
const BLOCKS = [
  // The hearth and what hangs beside it, the firewood, the linden, the crates, the bench at the house.
  [-5, -2.6, -5, -3.5],
  [-5, -4.3, -2.9, -0.5],
  [3.2, 3.6, 3.7, 4.1],
  [-5, -3.4, 3.3, 5],
  [4.1, 5, 0.2, 1.7],
];
const BODY_M = 0.3;

/**
 * @typedef {{x: number, z: number}} Spot
 *
 * @param {Spot} walker Is moved to where it may be.
 * @param {[number, number, number, number][]} [further] More blocks.
 */
export function clampToYard(walker, further = []) {
  walker.x = Math.min(YARD.east, Math.max(YARD.west, walker.x));
  walker.z = Math.min(YARD.south, Math.max(YARD.north, walker.z));
  for (const block of BLOCKS) pushOut(walker, block);
  for (const block of further) pushOut(walker, block);
}

/**
 * @param {Spot} walker
 * @param {Spot} middle
 * @param {number} radiusM
 */
export function keepAway(walker, middle, radiusM) {
  const [x, z] = [walker.x - middle.x, walker.z - middle.z];
  const away = Math.hypot(x, z);
  if (away >= radiusM) return;
  const scale = away > 1e-6 ? radiusM / away : 0;
  walker.x = middle.x + x * scale;
  walker.z = middle.z + (scale > 0 ? z * scale : radiusM);
}

/**
 * Out over the nearest side behind which there is still yard.
 *
 * @param {Spot} walker
 * @param {[number, number, number, number]} block
 */
function pushOut(walker, [west, east, north, south]) {
  const [left, right, back, front] = [west - BODY_M, east + BODY_M, north - BODY_M, south + BODY_M];
  if (walker.x <= left || walker.x >= right || walker.z <= back || walker.z >= front) return;
  const toLeft = left > YARD.west ? walker.x - left : Infinity;
  const toRight = right < YARD.east ? right - walker.x : Infinity;
  const toBack = back > YARD.north ? walker.z - back : Infinity;
  const toFront = front < YARD.south ? front - walker.z : Infinity;
  const least = Math.min(toLeft, toRight, toBack, toFront);
  if (least === toFront) walker.z = front;
  else if (least === toRight) walker.x = right;
  else if (least === toLeft) walker.x = left;
  else walker.z = back;
}
