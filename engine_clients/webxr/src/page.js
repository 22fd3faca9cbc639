/** What a page knows of itself: where it came from, its token, and a name that stays. */

const DEFAULT_URL = 'ws://127.0.0.1:8765/ws';
const DEVICE_KEY = 'vrbridge.device';

/** @returns {string} The bridge on the host that the page came from; on this machine for pages that came from none. */
export function pageUrl() {
  const { protocol, host } = location;
  return protocol.startsWith('http') ? `${protocol === 'https:' ? 'wss' : 'ws'}://${host}/ws` : DEFAULT_URL;
}

/** @returns {string} What is behind `#token=` in the page's address, which stays in the browser; empty without. */
export function pageToken() {
  return new URLSearchParams(location.hash.slice(1)).get('token') ?? '';
}

/** @returns {string} A random name that the browser keeps, where pages may keep something. */
export function deviceName() {
  const digits = Array.from(crypto.getRandomValues(new Uint8Array(8)), (byte) => byte.toString(16).padStart(2, '0'));
  const made = `webxr-${digits.join('')}`;
  try {
    const kept = localStorage.getItem(DEVICE_KEY);
    if (kept === null) localStorage.setItem(DEVICE_KEY, made);
    return kept ?? made;
  } catch (error) {
    if (error instanceof DOMException) return made;
    throw error;
  }
}
