import { MessagePackError } from '../wire/MessagePackError.js';
import { MessagePackReader } from '../wire/MessagePackReader.js';
import { isMap, mapOf, numberOf, textOf, wholeOf } from '../wire/fields.js';
import { VRBridgeError } from '../VRBridgeError.js';
import { Intake } from './Intake.js';
import { MustClose } from './MustClose.js';
import { Outbox } from './Outbox.js';
import { event, RequestLedger } from './RequestLedger.js';

/** Version of the protocol. */
export const VERSION = 1;

// An acknowledgement a message would double the packets; the end of a request is told at once.
const ACK_EVERY = 16;
const UNSEQUENCED = new Set(['welcome', 'chunk', 'pong', 'goaway']);
const SEQUENCED = new Set(['accepted', 'progress', 'text', 'action', 'asset', 'done', 'error', 'forgotten']);

/**
 * What a message from the server means. `event` is about one request.
 *
 * @typedef {Record<string, any>} Message
 * @typedef {import('./IncomingAsset.js').IncomingAsset} IncomingAsset
 * @typedef {import('../VRBridgeError.js').ErrorFacts} ErrorFacts
 * @typedef {{type: 'accepted', position: number, etaS: number | null, anchor: Message | null}
 *   | {type: 'progressed', stage: string, fraction: number}
 *   | {type: 'text', text: string, offset: number}
 *   | {type: 'action', name: string, arguments: Message}
 *   | {type: 'restarted'}
 *   | {type: 'completed', result: Message, timing: Message}
 *   | {type: 'failed', error: ErrorFacts}} RequestEvent
 * @typedef {{type: 'welcomed', isResumed: boolean}
 *   | {type: 'session_lost'}
 *   | {type: 'complained', error: ErrorFacts}
 *   | {type: 'ponged', t: number, serverS: number}
 *   | {type: 'forgot', scope: string, nItems: number}
 *   | {type: 'went_away', reconnectAfterS: number}
 *   | {type: 'asset_started' | 'asset_grew' | 'asset', id: number, asset: IncomingAsset}
 *   | {type: 'event', id: number, event: RequestEvent}} Output
 */

/** One session with a server, over as many connections as it takes: messages in, messages out, no socket, no clock. */
export class SessionCore {
  #token;
  #client;
  #receive;
  #intake;
  #outbox = new Outbox();
  #requests = new RequestLedger();
  #secret = '';
  #acknowledged = 0;

  /** What the server can answer: one entry per request kind. @type {Message} */
  capabilities = {};
  /** The server's limits. @type {Message} */
  limits = {};
  /** The server's `name` and `version`. @type {Message} */
  server = {};
  /** Name of the session; empty before the first welcome. */
  session = '';
  /** Highest `seq` that was processed. */
  received = 0;
  /** Whether the present connection was answered with a welcome. */
  isWelcome = false;

  /**
   * @param {object} options
   * @param {string} [options.token]
   * @param {Message} options.client `name`, `version`, `engine`, `device`.
   * @param {Message & {chunk_bytes: number, window_bytes: number}} options.receive What this page can take.
   * @param {number} [options.maxHeldBytes] Complete assets that nobody has used hold back further ones above this.
   */
  constructor({ token = '', client, receive, maxHeldBytes = 8 << 20 }) {
    this.#token = token;
    this.#client = client;
    // With less, credit for the next chunk could wait for the rest of this one.
    this.#receive = { ...receive, window_bytes: Math.max(receive.window_bytes, 2 * receive.chunk_bytes) };
    this.#intake = new Intake(this.#receive.window_bytes, maxHeldBytes);
  }

  /** Ids of requests without an end. */
  get openRequests() {
    return this.#requests.ids;
  }

  /** Begins a connection: `hello` is the next message to send, credit starts anew. */
  startConnection() {
    this.isWelcome = false;
    this.#intake.startConnection();
    this.#outbox.clear();
    /** @type {Message} */
    const hello = { type: 'hello', version: VERSION, client: this.#client, receive: this.#receive };
    if (this.#token) hello.token = this.#token;
    if (this.session) {
      hello.resume = {
        session: this.session,
        secret: this.#secret,
        received: this.received,
        assets: this.#intake.unfinished(),
      };
    }
    this.#outbox.add(hello);
  }

  /** Notes that the connection is gone; what was not sent is built again for the next one. */
  endConnection() {
    this.isWelcome = false;
    this.#outbox.clear();
  }

  /** @returns {Message | null} The next message to send. */
  take() {
    return this.#outbox.take();
  }

  /**
   * Enters a request.
   *
   * @param {number} id Unique in the session.
   * @param {Message} fields `kind`, `params` and whatever optional fields it has.
   * @param {boolean} [isResent] Send it again if the session is lost; else it fails then.
   * @returns {ErrorFacts | null} Why it can't be made.
   */
  request(id, fields, isResent = true) {
    const message = { type: 'request', id, ...fields };
    const refusal = this.#requests.enter(message, isResent, this.limits);
    if (refusal === null) this.#send(message);
    return refusal;
  }

  /**
   * Asks the server to stop; nothing happens if the request has ended.
   *
   * @param {number} id
   */
  cancel(id) {
    if (this.#requests.cancel(id)) this.#send({ type: 'cancel', id });
  }

  /**
   * Queues a message that belongs to no request.
   *
   * @param {Message} message
   * @returns {boolean} False if there is no connection to take it.
   */
  send(message) {
    if (this.#outbox.isFull) return false;
    this.#send(message);
    return this.isWelcome;
  }

  /**
   * Says how much of an answer was heard; said again on the session's next connections.
   *
   * @param {number} id
   * @param {number} characters
   */
  heard(id, characters) {
    this.send(this.#outbox.heard(id, characters));
  }

  /**
   * Says that an asset is not wanted, or known already: no more of it comes.
   *
   * @param {number} asset
   */
  skip(asset) {
    if (this.#intake.drop(asset)) this.#send({ type: 'skip', asset });
  }

  /**
   * Notes that the bytes of a complete asset are not held any more, so that more may come.
   *
   * @param {number} nBytes
   */
  consumed(nBytes) {
    this.#intake.consumed(nBytes);
    this.#grant();
  }

  /** Acknowledges what is not acknowledged yet. */
  flush() {
    if (this.isWelcome && this.received > this.#acknowledged) {
      this.#acknowledged = this.received;
      this.#send({ type: 'ack', received: this.received });
    }
  }

  /**
   * Ends every open request.
   *
   * @param {ErrorFacts} error
   * @returns {Output[]}
   */
  failAll(error) {
    this.#intake.clear();
    return this.#requests.failAll(error);
  }

  /**
   * Takes one message from the server and returns what it means.
   *
   * @param {Uint8Array} bytes
   * @returns {Output[]}
   * @throws {MustClose} If messages were lost (4010) or the server doesn't keep to the protocol.
   */
  receive(bytes) {
    const message = decode(bytes);
    const { type } = message;
    if (type === 'welcome') return this.#welcome(message);
    if (!this.isWelcome) throw new MustClose(1002, 'a message before the welcome');
    // Its end comes after its last chunk: something was lost, and it is not counted as seen.
    if (type === 'done' && this.#intake.hasUnfinished(wholeOf(message, 'id', -1))) {
      throw new MustClose(4010, 'end before the last chunk');
    }
    if (SEQUENCED.has(type) || ('seq' in message && !UNSEQUENCED.has(type))) this.#count(message.seq);
    const outputs = this.#dispatch(type, message);
    if (this.received - this.#acknowledged >= ACK_EVERY || type === 'done' || type === 'error') this.flush();
    return outputs;
  }

  /** @param {unknown} seq */
  #count(seq) {
    if (!Number.isInteger(seq)) throw new MustClose(1002, 'malformed seq');
    if (seq !== this.received + 1) throw new MustClose(4010, `gap: ${this.received} then ${seq}`);
    this.received += 1;
  }

  /**
   * @param {string} type
   * @param {Message} message
   * @returns {Output[]}
   */
  #dispatch(type, message) {
    switch (type) {
      case 'chunk':
        return this.#chunk(message);
      case 'asset':
        return this.#announce(message);
      case 'pong':
        return [{ type: 'ponged', t: numberOf(message, 't'), serverS: numberOf(message, 'server_s') }];
      case 'forgotten':
        return [{ type: 'forgot', scope: textOf(message, 'scope'), nItems: wholeOf(message, 'items') }];
      case 'goaway':
        return [{ type: 'went_away', reconnectAfterS: numberOf(message, 'reconnect_after_s') }];
      case 'error':
        if (message.id == null) return [{ type: 'complained', error: VRBridgeError.factsOf(message) }];
        return this.#end(message.id, { type: 'failed', error: VRBridgeError.factsOf(message) });
      case 'done': {
        const ended = {
          type: /** @type {const} */ ('completed'),
          result: mapOf(message, 'result'),
          timing: mapOf(message, 'timing'),
        };
        return this.#end(message.id, ended);
      }
      case 'accepted':
      case 'progress':
      case 'text':
      case 'action':
        return this.#requests.tell(type, message);
      default:
        return [];
    }
  }

  /**
   * @param {number} id
   * @param {RequestEvent} end
   * @returns {Output[]}
   */
  #end(id, end) {
    this.#intake.dropAllOf(id);
    return this.#requests.end(id, end);
  }

  /**
   * @param {Message} message
   * @returns {Output[]}
   */
  #welcome(message) {
    if (message.version !== VERSION) throw new MustClose(4526, `protocol version ${message.version}`);
    const hadSession = this.session !== '';
    const isResumed = message.resumed === true;
    this.session = textOf(message, 'session');
    this.#secret = textOf(message, 'secret');
    this.isWelcome = true;
    this.capabilities = mapOf(message, 'capabilities');
    this.limits = mapOf(message, 'limits');
    this.server = mapOf(message, 'server');
    /** @type {Output[]} */
    let outputs = [{ type: 'welcomed', isResumed }];
    if (isResumed) {
      // The first acknowledgement retires the previous secret.
      this.#acknowledged = -1;
    } else {
      this.received = 0;
      this.#acknowledged = 0;
      this.#intake.clear();
      if (hadSession) {
        this.#outbox.forgetHeard();
        outputs = [{ type: 'session_lost' }, ...this.#requests.restart(), ...outputs];
      }
    }
    for (const message of this.#requests.toRepeat()) this.#send(message);
    this.#outbox.addHeardAgain();
    if (isResumed) this.flush();
    return outputs;
  }

  /**
   * @param {Message} message
   * @returns {Output[]}
   */
  #announce(message) {
    const asset = this.#intake.announce(message);
    if (asset === null) throw new MustClose(1002, 'malformed asset');
    /** @type {Output[]} */
    const outputs = this.#requests.isListening(asset.requestId)
      ? [{ type: 'asset_started', id: asset.requestId, asset }]
      : [];
    return asset.isComplete ? [...outputs, ...this.#complete(asset)] : outputs;
  }

  /**
   * @param {Message} message
   * @returns {Output[]}
   */
  #chunk(message) {
    const { asset, isBroken } = this.#intake.take(message);
    // Resuming from the offset that we do have repairs it.
    if (isBroken) throw new MustClose(4010, 'chunk out of order');
    /** @type {Output[]} */
    let outputs = [];
    if (asset?.isComplete) outputs = this.#complete(asset);
    else if (asset && this.#requests.isListening(asset.requestId))
      outputs = [{ type: 'asset_grew', id: asset.requestId, asset }];
    this.#grant();
    return outputs;
  }

  /**
   * @param {IncomingAsset} asset
   * @returns {Output[]}
   */
  #complete(asset) {
    this.#intake.drop(asset.number);
    const id = asset.requestId;
    if (!this.#requests.isListening(id)) return [];
    if (asset.isIntact()) {
      this.#intake.hold(asset.nBytes);
      return [{ type: 'asset', id, asset }];
    }
    this.#requests.mute(id);
    this.cancel(id);
    const message = `The \`${asset.role}\` asset arrived damaged: its SHA-256 is not the announced one. Ask again.`;
    return event(id, { type: 'failed', error: { code: 'digest_mismatch', message, retryable: true } });
  }

  #grant() {
    const limit = this.isWelcome ? this.#intake.nextLimit() : 0;
    if (limit > 0) this.#send({ type: 'credit', limit });
  }

  /** @param {Message} message */
  #send(message) {
    if (this.isWelcome) this.#outbox.add(message);
  }
}

/**
 * @param {Uint8Array} bytes
 * @returns {Message & {type: string}}
 * @throws {MustClose}
 */
function decode(bytes) {
  /** @type {unknown} */
  let value;
  try {
    value = MessagePackReader.decode(bytes);
  } catch (error) {
    if (!(error instanceof MessagePackError)) throw error;
    throw new MustClose(1007, 'not MessagePack');
  }
  if (!isMap(value) || typeof value.type !== 'string' || value.type === '') throw new MustClose(1007, 'not a message');
  return /** @type {Message & {type: string}} */ (value);
}
