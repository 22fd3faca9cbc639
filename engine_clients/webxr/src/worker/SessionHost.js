import { Link } from '../session/Link.js';
import { SessionCore } from '../session/SessionCore.js';
import { AssetDecoder } from './AssetDecoder.js';

// Every so many parts of an asset it is told that it has grown.
const N_GROWTHS = 16;

/**
 * What pages say to the worker, and what it answers.
 *
 * @typedef {import('../session/SessionCore.js').Output} Output
 * @typedef {import('../session/SessionCore.js').RequestEvent} RequestEvent
 * @typedef {import('../session/IncomingAsset.js').IncomingAsset} IncomingAsset
 * @typedef {import('../session/Link.js').Socket} Socket
 * @typedef {import('../VRBridgeError.js').ErrorFacts} ErrorFacts
 * @typedef {import('./AssetDecoder.js').Decoded} Decoded
 * @typedef {ConstructorParameters<typeof import('./WebSocketPort.js').WebSocketPort>[0]} SocketListeners
 * @typedef {Record<string, any>} Message
 *
 * @typedef {object} OpenOptions
 * @property {string} url
 * @property {string} token
 * @property {Message} client
 * @property {Message & {chunk_bytes: number, window_bytes: number}} receive
 * @property {number} maxHeldBytes
 * @property {number} giveUpS
 *
 * @typedef {{op: 'open', epoch: number, options: OpenOptions}
 *   | {op: 'request', id: number, fields: Message, isResent: boolean, isDecoded: boolean}
 *   | {op: 'cancel', id: number}
 *   | {op: 'skip', asset: number}
 *   | {op: 'heard', id: number, characters: number}
 *   | {op: 'context', context: Message}
 *   | {op: 'send', message: Message, session: string}
 *   | {op: 'consumed', nBytes: number}
 *   | {op: 'drop'}
 *   | {op: 'close'}} Order
 *
 * @typedef {object} AssetFacts
 * @property {number} number
 * @property {string} role
 * @property {string} mediaType
 * @property {number} nBytes
 * @property {number} nArrived
 * @property {string} digest
 * @property {Message} meta
 *
 * @typedef {{op: 'connecting', nConnections: number}
 *   | {op: 'welcomed', isResumed: boolean, session: string, capabilities: Message, limits: Message, server: Message}
 *   | {op: 'lost', closeCode: number, retryInS: number}
 *   | {op: 'gave_up', error: ErrorFacts}
 *   | {op: 'session_lost'}
 *   | {op: 'complained', error: ErrorFacts}
 *   | {op: 'ponged', t: number, serverS: number, atMs: number}
 *   | {op: 'forgot', scope: string, nItems: number}
 *   | {op: 'event', id: number, event: RequestEvent}
 *   | {op: 'asset_started' | 'asset_grew', id: number, asset: AssetFacts}
 *   | {op: 'asset' | 'coarse', id: number, asset: AssetFacts, content: Decoded['content']}
 *   | {op: 'unreadable', id: number, role: string, error: ErrorFacts}} Report
 */

/** One page's session in the worker: orders in, reports out, and the decoding between them. */
export class SessionHost {
  #send;
  #epoch = 0;
  #socket;
  #nowS;
  #decoder = new AssetDecoder();
  /** @type {SessionCore | null} */
  #core = null;
  /** @type {Link | null} */
  #link = null;
  // Requests whose assets are decoded here, and those whose next report waits for a picture.
  /** @type {Set<number>} */
  #decoded = new Set();
  /** @type {Map<number, Promise<void>>} */
  #waiting = new Map();
  #nConnections = 0;
  // How many parts of each were told of.
  /** @type {WeakMap<IncomingAsset, number>} */
  #grown = new WeakMap();

  /**
   * @param {(sent: {epoch: number, report: Report}, transfer: Transferable[]) => void} post The page counts its sessions:
   *   each report says which one it is about.
   * @param {(listeners: SocketListeners) => Socket} makeSocket
   * @param {() => number} nowS
   */
  constructor(post, makeSocket, nowS) {
    this.#send = post;
    this.#nowS = nowS;
    this.#socket = makeSocket({
      open: () => this.#link?.opened(nowS()),
      message: (data) => this.#link?.received(nowS(), data),
      close: (code, reason) => this.#link?.closed(nowS(), code, reason),
    });
  }

  /** Does what is due; to be called some times a second. */
  advance() {
    this.#link?.advance(this.#nowS());
    this.#tellConnections();
  }

  /** @param {Order} order */
  take(order) {
    if (order.op === 'open') {
      this.#epoch = order.epoch;
      this.#open(order.options);
    }
    if (this.#core === null || this.#link === null) return;
    switch (order.op) {
      case 'request':
        this.#request(order, this.#core, this.#link);
        break;
      case 'cancel':
        this.#core.cancel(order.id);
        break;
      case 'skip':
        this.#core.skip(order.asset);
        break;
      case 'heard':
        this.#core.heard(order.id, order.characters);
        break;
      case 'context':
        this.#link.updateContext(order.context);
        break;
      case 'send':
        // The page has not heard yet of another session; what it asked of the last one fails when it does.
        if (order.session === this.#core.session) this.#core.send(order.message);
        break;
      case 'consumed':
        this.#core.consumed(order.nBytes);
        break;
      case 'drop':
        this.#link.drop();
        break;
      case 'close':
        this.#link.stop();
        this.#failAll({ code: 'cancelled', message: 'The connection was closed.' });
        this.#link = this.#core = null;
        return;
    }
    this.#link.sendNow();
  }

  /**
   * @param {Report} report
   * @param {Transferable[]} [transfer]
   */
  #post(report, transfer = []) {
    this.#send({ epoch: this.#epoch, report }, transfer);
  }

  /** @param {OpenOptions} options */
  #open({ url, token, client, receive, maxHeldBytes, giveUpS }) {
    this.#link?.stop();
    const core = new SessionCore({ token, client, receive, maxHeldBytes });
    this.#core = core;
    this.#nConnections = 0;
    this.#link = new Link(
      core,
      this.#socket,
      url,
      {
        output: (output) => this.#tell(core, output),
        lost: (closeCode, retryInS) => this.#post({ op: 'lost', closeCode, retryInS }),
        gaveUp: (error) => {
          this.#failAll(error);
          this.#post({ op: 'gave_up', error });
        },
      },
      { giveUpS },
    );
    this.#link.start(this.#nowS());
    this.#tellConnections();
  }

  /**
   * @param {Extract<Order, {op: 'request'}>} order
   * @param {SessionCore} core
   * @param {Link} link
   */
  #request({ id, fields, isResent, isDecoded }, core, link) {
    const isOver = link.phase === 'ended';
    // An answer has to be about what the player sees now.
    if (!isOver) link.hastenContext();
    const refusal = isOver
      ? { code: 'cannot_connect', message: 'There is no connection: call connect().', retryable: true }
      : core.request(id, fields, isResent);
    if (refusal !== null) this.#post({ op: 'event', id, event: { type: 'failed', error: refusal } });
    else if (isDecoded) this.#decoded.add(id);
  }

  /** @param {ErrorFacts} error */
  #failAll(error) {
    if (this.#core === null) return;
    const core = this.#core;
    for (const output of core.failAll(error)) this.#tell(core, output);
  }

  #tellConnections() {
    const nConnections = this.#link?.nConnections ?? 0;
    if (nConnections > this.#nConnections) {
      this.#nConnections = nConnections;
      this.#post({ op: 'connecting', nConnections });
    }
  }

  /**
   * @param {SessionCore} core
   * @param {Output} output
   */
  #tell(core, output) {
    switch (output.type) {
      case 'welcomed': {
        const { session, capabilities, limits, server } = core;
        this.#post({ op: 'welcomed', isResumed: output.isResumed, session, capabilities, limits, server });
        break;
      }
      case 'session_lost':
        this.#post({ op: 'session_lost' });
        break;
      case 'complained':
        this.#post({ op: 'complained', error: output.error });
        break;
      case 'ponged': {
        // Seen here: the page may be in the middle of a long frame.
        const atMs = performance.timeOrigin + performance.now();
        this.#post({ op: 'ponged', t: output.t, serverS: output.serverS, atMs });
        break;
      }
      case 'forgot':
        this.#post({ op: 'forgot', scope: output.scope, nItems: output.nItems });
        break;
      case 'event':
        this.#inOrder(output.id, () => this.#event(output.id, output.event));
        break;
      case 'asset_started':
        this.#inOrder(output.id, () =>
          this.#post({ op: 'asset_started', id: output.id, asset: factsOf(output.asset) }),
        );
        break;
      case 'asset_grew':
        this.#grew(output.id, output.asset);
        break;
      case 'asset':
        this.#inOrder(output.id, () => this.#complete(core, output.id, output.asset));
        break;
    }
  }

  /**
   * Reports of one request stay in order: while a picture is being decoded, those behind it wait.
   *
   * @param {number} id
   * @param {() => void | Promise<void>} report
   */
  #inOrder(id, report) {
    const before = this.#waiting.get(id);
    const done = before === undefined ? report() : before.then(report);
    if (!(done instanceof Promise)) return;
    const tail = done.then(() => {
      if (this.#waiting.get(id) === tail) this.#waiting.delete(id);
    });
    this.#waiting.set(id, tail);
  }

  /**
   * @param {number} id
   * @param {RequestEvent} event
   */
  #event(id, event) {
    if (event.type === 'completed' || event.type === 'failed') this.#decoded.delete(id);
    this.#post({ op: 'event', id, event });
  }

  /**
   * @param {number} id
   * @param {IncomingAsset} asset
   */
  #grew(id, asset) {
    const part = asset.nBytes / N_GROWTHS;
    const coarse = this.#decoded.has(id) ? this.#decoder.coarse(asset) : null;
    if (coarse !== null) {
      const report = { op: /** @type {const} */ ('coarse'), id, asset: factsOf(asset), content: coarse.content };
      this.#inOrder(id, () => this.#post(report, coarse.transfer));
    }
    const nTold = Math.floor(asset.nArrived / part);
    if (nTold > (this.#grown.get(asset) ?? 0)) {
      this.#grown.set(asset, nTold);
      const facts = factsOf(asset);
      this.#inOrder(id, () => this.#post({ op: 'asset_grew', id, asset: facts }));
    }
  }

  /**
   * @param {SessionCore} core
   * @param {number} id
   * @param {IncomingAsset} asset
   * @returns {void | Promise<void>}
   */
  #complete(core, id, asset) {
    const facts = factsOf(asset);
    const send = (/** @type {Decoded} */ { content, transfer }) =>
      this.#post({ op: 'asset', id, asset: facts, content }, transfer);
    const fail = (/** @type {unknown} */ error) => {
      core.consumed(asset.nBytes);
      const reason = error instanceof Error ? error.message : String(error);
      const message = `The \`${asset.role}\` asset can't be read (${reason}); ask again.`;
      this.#post({ op: 'unreadable', id, role: asset.role, error: { code: 'unreadable', message, retryable: true } });
    };
    if (!this.#decoded.has(id)) {
      send({ content: asset.data, transfer: [asset.data.buffer] });
      return undefined;
    }
    try {
      const decoded = this.#decoder.decode(asset);
      if (decoded instanceof Promise) return decoded.then(send, fail);
      send(decoded);
    } catch (error) {
      fail(error);
    }
    return undefined;
  }
}

/**
 * @param {IncomingAsset} asset
 * @returns {AssetFacts}
 */
function factsOf({ number, role, mediaType, nBytes, nArrived, digest, meta }) {
  return { number, role, mediaType, nBytes, nArrived, digest, meta };
}
