/**
 * What scenes may pass to a `VRBridge`, and what it tells them.
 *
 * @typedef {Record<string, any>} Message
 * @typedef {import('./VRBridgeError.js').VRBridgeError} VRBridgeError
 * @typedef {import('./VRBridgeRequest.js').VRBridgeRequest} VRBridgeRequest
 *
 * @typedef {object} BridgeOptions
 * @property {number} [budgetMs] What the client may take of each frame, 1.5 ms without.
 *
 * @typedef {object} ConnectOptions
 * @property {string} [url] Without, `/ws` on the host that the page came from.
 * @property {string} [token] Without, what is behind `#token=` in the page's address.
 * @property {string} [device] Tells players without a token apart; without, a random name that the browser keeps.
 * @property {Message} [receive] Overrides fields of what `hello` says that this page can take.
 * @property {number} [giveUpS] How long a lost connection is tried again, 300 without.
 * @property {number} [timeoutS] How long `connect` waits for the first welcome, 10 without.
 *
 * @typedef {object} RequestOptions
 * @property {string} [slot] A new request with the same one supersedes the unfinished older one.
 * @property {'interactive' | 'normal' | 'background'} [priority]
 * @property {number} [deadlineS]
 * @property {Message} [anchor] Where the result belongs in the scene.
 * @property {boolean} [isResent] Ask again when the server has lost the session, which it does without.
 * @property {boolean} [isDecoded] Have the worker decode the assets.
 *
 * @typedef {object} BridgeEvents
 * @property {{isResumed: boolean}} connected There is a connection; whether the session lived on.
 * @property {{closeCode: number, retryInS: number}} disconnected The connection is gone, and tried again.
 * @property {{}} sessionLost The server no longer knew the session; open requests were sent again.
 * @property {VRBridgeError} error Something went wrong that is not about one request. After `cannot_connect` and
 *   `unauthorized` it is not tried again; `connect` begins anew.
 * @property {VRBridgeRequest} requested A request was made, whoever made it.
 */
export {};
