/**
 * Behind one address there may be several servers, and a session lives in one of them: whatever shares connections out
 * among them reads here which one it is. The greeting says it too, but comes too late.
 *
 * @param {string} url As the page gave it; what its query says stays.
 * @param {string} session Empty for a new one.
 * @returns {string} Where to connect.
 */
export function addressOf(url, session) {
  if (session === '') return url;
  const [base, ...fragment] = url.split('#', 2);
  const separator = base.includes('?') ? (/[?&]$/.test(base) ? '' : '&') : '?';
  return [`${base}${separator}session=${encodeURIComponent(session)}`, ...fragment].join('#');
}
