/**
 * Typed reading of fields that another program wrote: what is missing or of another type is the default.
 *
 * @typedef {Record<string, any>} Message
 */

/**
 * @param {Message} map
 * @param {string} name
 * @param {string} [fallback]
 * @returns {string}
 */
export function textOf(map, name, fallback = '') {
  return typeof map[name] === 'string' ? map[name] : fallback;
}

/**
 * @param {Message} map
 * @param {string} name
 * @param {number} [fallback]
 * @returns {number}
 */
export function wholeOf(map, name, fallback = 0) {
  return Number.isInteger(map[name]) ? map[name] : fallback;
}

/**
 * @param {Message} map
 * @param {string} name
 * @param {number} [fallback]
 * @returns {number}
 */
export function numberOf(map, name, fallback = 0) {
  return Number.isFinite(map[name]) ? map[name] : fallback;
}

/**
 * @param {Message} map
 * @param {string} name
 * @returns {Message}
 */
export function mapOf(map, name) {
  return isMap(map[name]) ? map[name] : {};
}

/**
 * @param {Message} map
 * @param {string} name
 * @returns {any[]}
 */
export function listOf(map, name) {
  return Array.isArray(map[name]) ? map[name] : [];
}

/**
 * @param {Message} map
 * @param {string} name
 * @returns {Uint8Array}
 */
export function bytesOf(map, name) {
  return map[name] instanceof Uint8Array ? map[name] : new Uint8Array();
}

/**
 * @param {unknown} value
 * @returns {value is Message}
 */
export function isMap(value) {
  return typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Uint8Array);
}

/**
 * @param {string} text
 * @returns {number} Unicode code points, which is how the protocol counts characters.
 */
export function nCharacters(text) {
  let n = 0;
  for (const _ of text) n += 1;
  return n;
}
