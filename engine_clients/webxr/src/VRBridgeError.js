import { numberOf, textOf } from './wire/fields.js';

/**
 * @typedef {object} ErrorFacts
 * @property {string} code One of the protocol's error codes, or one of this client's own: `session_lost`,
 *   `digest_mismatch`, `unreadable`, `not_read`, `cannot_connect`.
 * @property {string} message
 * @property {boolean} [retryable]
 * @property {number | null} [retryAfterS]
 * @property {string} [field]
 */

/** Why something was not done, in a sentence that a developer can act on. */
export class VRBridgeError extends Error {
  name = 'VRBridgeError';

  /** @param {ErrorFacts} facts */
  constructor({ code, message, retryable = false, retryAfterS = null, field = '' }) {
    super(message);
    /** What went wrong, for programs. */
    this.code = code;
    /** Whether the same request can succeed later. */
    this.retryable = retryable;
    /** When a retry has a chance, in seconds from now; null if that is not known. */
    this.retryAfterS = retryAfterS;
    /** Path of the input that is to blame, such as `params.size_px`; empty if none is. */
    this.field = field;
  }

  /**
   * @param {Record<string, any>} message An `error` message.
   * @returns {ErrorFacts}
   */
  static factsOf(message) {
    return {
      code: textOf(message, 'code', 'internal'),
      message: textOf(message, 'message'),
      retryable: message.retryable === true,
      retryAfterS: message.retry_after_s == null ? null : numberOf(message, 'retry_after_s'),
      field: textOf(message, 'field'),
    };
  }

  /** @returns {string} */
  toString() {
    return `${this.code}: ${this.message}${this.field ? ` (${this.field})` : ''}`;
  }
}
