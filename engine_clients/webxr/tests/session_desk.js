import { Link } from '../src/session/Link.js';
import { SessionCore } from '../src/session/SessionCore.js';
import { Sha256 } from '../src/wire/Sha256.js';
import { FakeSocket } from './fake_socket.js';

/**
 * A session on a fake socket with a clock that the test turns.
 *
 * @typedef {Record<string, any>} Message
 */
export class SessionDesk {
  socket = new FakeSocket();
  core;
  link;
  nowS = 0;
  seq = 0;
  /** @type {number[]} */
  waits = [];
  /** @type {import('../src/VRBridgeError.js').ErrorFacts[]} */
  errors = [];
  /** What was told, in order. @type {any[]} */
  told = [];
  #lastId = 0;

  constructor({ windowBytes = 4096, maxHeldBytes = 8192, giveUpS = 300 } = {}) {
    const receive = { chunk_bytes: 1024, window_bytes: windowBytes };
    this.core = new SessionCore({ client: { name: 'test' }, receive, maxHeldBytes });
    const tell = {
      output: (/** @type {any} */ output) => {
        this.told.push(output);
      },
      lost: (/** @type {number} */ _, /** @type {number} */ waitS) => {
        this.waits.push(waitS);
      },
      gaveUp: (/** @type {any} */ error) => {
        this.errors.push(error);
      },
    };
    this.link = new Link(this.core, this.socket, 'ws://test/ws', tell, { giveUpS, random: () => 0.5 });
  }

  /** Events of a request, in order. @param {number} id @returns {any[]} */
  eventsOf(id) {
    return this.told.filter((output) => output.type === 'event' && output.id === id).map((output) => output.event);
  }

  /** @param {number} id @returns {import('../src/session/IncomingAsset.js').IncomingAsset[]} Complete ones. */
  assetsOf(id) {
    return this.told.filter((output) => output.type === 'asset' && output.id === id).map((output) => output.asset);
  }

  /** Has the socket open, as it does at once unless the server is gone. */
  open() {
    if (this.link.phase === 'idle') this.link.start(this.nowS);
    if (this.link.phase === 'opening') this.link.opened(this.nowS);
  }

  /**
   * Connects and has the server welcome it.
   *
   * @param {boolean} [isResumed]
   * @param {Message} [more]
   */
  greet(isResumed = false, more = {}) {
    this.open();
    this.hear({ type: 'welcome', version: 1, session: 's', secret: 'x', resumed: isResumed, ...more });
    if (!isResumed) this.seq = 0;
  }

  /** Lets time pass, in steps as long as the worker's. @param {number} [seconds] */
  turn(seconds = 0) {
    const endS = this.nowS + seconds;
    this.link.advance(this.nowS);
    while (this.nowS < endS) {
      this.nowS = Math.min(endS, this.nowS + 0.05);
      this.link.advance(this.nowS);
    }
  }

  /** Has the line break. @param {number} [code] */
  cut(code = 1006) {
    this.link.closed(this.nowS, code, '');
  }

  /** Has the server say something. @param {Message} message */
  hear(message) {
    this.socket.say(this.link, this.nowS, message);
  }

  /** Has the server say something that counts. @param {Message} message */
  say(message) {
    this.seq += 1;
    this.hear({ ...message, seq: this.seq });
  }

  /**
   * Makes a request and sends it.
   *
   * @param {Message} [fields]
   * @param {boolean} [isResent]
   * @returns {number} Its id.
   */
  ask(fields = { kind: 'texture', params: { prompt: 'stone' } }, isResent = true) {
    this.#lastId += 1;
    this.core.request(this.#lastId, fields, isResent);
    this.link.sendNow();
    return this.#lastId;
  }

  /**
   * Has the server announce an asset.
   *
   * @param {number} id
   * @param {number} number
   * @param {Uint8Array} body
   */
  announce(id, number, body) {
    const hash = new Sha256();
    hash.update(body);
    this.say({
      type: 'asset',
      id,
      asset: number,
      role: 'base_color',
      media_type: 'image/ktx2',
      bytes: body.length,
      digest: `sha256:${hash.finish()}`,
      meta: {},
    });
  }

  /**
   * Has the server send a piece of an asset.
   *
   * @param {number} asset
   * @param {Uint8Array} body
   * @param {number} from
   * @param {number} to
   */
  chunk(asset, body, from, to) {
    this.hear({ type: 'chunk', asset, offset: from, data: body.slice(from, to) });
  }

  /** Bytes that differ from their neighbours. @param {number} n */
  static bytes(n) {
    return Uint8Array.from({ length: n }, (_, i) => (i * 7 + Math.floor(i / 251)) % 256);
  }
}
