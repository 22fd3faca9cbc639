import { VRBridgeError } from './VRBridgeError.js';

/**
 * @param {import('./VRBridge.js').VRBridge} bridge
 * @param {string} url
 * @param {number} timeoutS
 * @returns {Promise<void>} Resolves with the first welcome; rejects with a `VRBridgeError` if there will be none, or is
 *   none in time.
 */
export function firstWelcome(bridge, url, timeoutS) {
  return new Promise((resolve, reject) => {
    /** @type {(() => void)[]} */
    const ends = [];
    const settle = (/** @type {() => void} */ how) => {
      clearTimeout(timer);
      for (const end of ends) end();
      how();
    };
    const message =
      `No welcome from ${url} within ${timeoutS} s. Start \`vrbridge serve\` there, check the address, or list this ` +
      "page's origin under `[server] origins`; it is still tried.";
    const late = new VRBridgeError({ code: 'cannot_connect', message, retryable: true });
    const timer = setTimeout(() => settle(() => reject(late)), 1000 * timeoutS);
    ends.push(bridge.on('connected', () => settle(resolve)));
    ends.push(
      bridge.on('error', (error) => {
        // Others are about single things; this one ends it.
        if (!bridge.isOpen) settle(() => reject(error));
      }),
    );
  });
}
