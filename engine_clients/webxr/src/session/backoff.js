/** Bound of the first wait, which doubles with each attempt. */
export const BASE_S = 0.25;
/** Bound of every wait. */
export const MAX_S = 20;
// Beyond this the bound has long been reached.
const MAX_DOUBLINGS = 16;

/**
 * @param {number} attempt Failures so far, 0 for the first wait.
 * @param {number} share In [0, 1): full jitter, so that a thousand pages don't return at once.
 * @returns {number} Seconds to wait.
 */
export function backoffS(attempt, share) {
  return share * Math.min(MAX_S, BASE_S * 2 ** Math.min(attempt, MAX_DOUBLINGS));
}
