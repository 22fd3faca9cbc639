/** Words for what was asked for, and for what went wrong. */

/**
 * @param {{kind: string, params: Record<string, any>}} request
 * @returns {string}
 */
export function labelOf({ kind, params }) {
  return kind === 'dialogue' ? `“${params.text}”` : String(params.prompt ?? kind);
}

/**
 * @param {{code: string, message: string, retryAfterS: number | null}} error
 * @returns {string} A sentence for players.
 */
export function plainWords({ code, message, retryAfterS }) {
  const later = retryAfterS === null ? 'in a moment' : `in ${Math.max(1, Math.ceil(retryAfterS))} s`;
  switch (code) {
    case 'overloaded':
    case 'rate_limited':
      return `The server has its hands full; ask again ${later}.`;
    case 'generator_failed':
    case 'unavailable':
      return `That did not work just now; ask again ${later}.`;
    case 'deadline_exceeded':
      return 'It took too long and was given up; ask again.';
    case 'refused':
      return 'That is not made here. Try other words.';
    default:
      return message;
  }
}

/**
 * @param {number} ms
 * @returns {string} Such as `84 ms` or `1.24 s`.
 */
export function duration(ms) {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  return `${(ms / 1000).toFixed(ms < 10_000 ? 2 : 1)} s`;
}
