import { MessagePackWriter } from '../wire/MessagePackWriter.js';
import { numberOf } from '../wire/fields.js';
import { addressOf } from './addressOf.js';
import { backoffS } from './backoff.js';
import { MustClose } from './MustClose.js';

const OPEN_TIMEOUT_S = 10;
const CLOSE_TIMEOUT_S = 2;
const HEARTBEAT_S = 5;
const MAX_SILENT_TICKS = 3;
// A pause longer than this means that the page stood still, and not the server.
const STANDSTILL_S = 2;
// Acknowledgements that are not due yet wait no longer than this.
const FLUSH_S = 0.2;
const GOING_AWAY = 1001;
const TAKEN_OVER = 4509;
// How long the greeting of a connection that is gone may still be on its way.
const LATE_S = 30;
const DEFAULT_CONTEXT_HZ = 20;
// More than this in the browser's own buffer, which has no bound, and the rest waits here.
const MAX_BUFFERED_BYTES = 1 << 20;
/** @type {Record<number, string>} */
const FINAL = {
  1002: 'The server found a broken WebSocket message.',
  1003: 'The server got a text message.',
  1007: 'The server got a message that is no MessagePack map.',
  1008: 'The server refuses this connection by its rules.',
  1009: 'The server got a message over its limit.',
  4501: 'The server refuses the token. `vrbridge token create` makes one.',
  4503: 'The token does not allow this connection.',
  4509: 'Another connection has taken this session over.',
  4526: 'The server speaks another version of the protocol. Update the client or the server.',
};

/**
 * @typedef {import('./SessionCore.js').Output} Output
 * @typedef {import('./SessionCore.js').Message} Message
 * @typedef {import('../VRBridgeError.js').ErrorFacts} ErrorFacts
 * @typedef {'idle' | 'waiting' | 'opening' | 'greeting' | 'welcome' | 'closing' | 'ended'} Phase
 *
 * @typedef {object} Socket
 * @property {(url: string) => boolean} open Begins to connect, instead of an older connection of which nothing is told
 *   any more; false if that is no address.
 * @property {(bytes: Uint8Array<ArrayBuffer>) => void} send
 * @property {(code: number, reason: string) => void} close
 * @property {() => void} abandon Closes without telling anything of it.
 * @property {number} bufferedBytes What was sent and has not left yet.
 *
 * @typedef {object} Listeners
 * @property {(output: Output) => void} output
 * @property {(closeCode: number, waitS: number) => void} lost The connection is gone and tried again after a time.
 * @property {(error: ErrorFacts) => void} gaveUp Trying again unchanged makes no sense.
 */

/** Keeps one session connected: connects, greets, notices a dead server, waits and tries again. Time is passed in. */
export class Link {
  #core;
  #socket;
  #url;
  #tell;
  #giveUpS;
  #random;
  #untilS = 0;
  /** @type {number | null} */
  #lostAtS = null;
  #attempt = 0;
  #pauseS = 0;
  /** @type {number | null} */
  #leaveAtS = null;
  #unansweredAtS = -Infinity;
  #flushAtS = 0;
  #tickAtS = 0;
  #nSilent = 0;
  #seenBytes = 0;
  #nowS = 0;
  // What this side closes with, until the other side has answered.
  #closingCode = 0;
  /** @type {Message | null} */
  #context = null;
  #contextDueS = 0;

  /** Where it is in connecting. @type {Phase} */
  phase = 'idle';
  /** How many connections there were. */
  nConnections = 0;
  /** Bytes that have arrived, in all. */
  nReceivedBytes = 0;

  /**
   * @param {import('./SessionCore.js').SessionCore} core
   * @param {Socket} socket
   * @param {string} url
   * @param {Listeners} tell
   * @param {object} [options]
   * @param {number} [options.giveUpS] How long a lost connection is tried again.
   * @param {() => number} [options.random] Gives numbers in [0, 1) for the waits.
   */
  constructor(core, socket, url, tell, { giveUpS = 300, random = Math.random } = {}) {
    this.#core = core;
    this.#socket = socket;
    this.#url = url;
    this.#tell = tell;
    this.#giveUpS = giveUpS;
    this.#random = random;
  }

  /**
   * Begins to connect.
   *
   * @param {number} nowS
   */
  start(nowS) {
    this.#nowS = nowS;
    this.#connect();
  }

  /** Closes for good. */
  stop() {
    if (this.phase === 'welcome') {
      this.#core.flush();
      this.#sendAll();
    }
    if (!['idle', 'waiting', 'ended'].includes(this.phase)) this.#socket.close(1000, '');
    this.#core.endConnection();
    this.phase = 'ended';
  }

  /**
   * Does what is due; to be called some times a second.
   *
   * @param {number} nowS
   */
  advance(nowS) {
    if (nowS - this.#nowS > STANDSTILL_S) {
      this.#nSilent = 0;
      this.#tickAtS = nowS + HEARTBEAT_S;
    }
    this.#nowS = nowS;
    if (this.phase === 'waiting') {
      if (nowS >= this.#untilS) this.#connect();
    } else if (this.phase === 'greeting' || this.phase === 'welcome') {
      this.#lookAfter();
      this.#sendAll();
    }
    if (['opening', 'greeting', 'closing'].includes(this.phase) && nowS >= this.#untilS) {
      this.#socket.abandon();
      this.#end(this.#closingCode || 1006, '');
    }
  }

  /**
   * Takes note that the socket is open.
   *
   * @param {number} nowS
   */
  opened(nowS) {
    this.#nowS = nowS;
    if (this.phase !== 'opening') return;
    this.phase = 'greeting';
    this.#sendAll();
  }

  /**
   * Takes a message.
   *
   * @param {number} nowS
   * @param {Uint8Array | string} data
   */
  received(nowS, data) {
    this.#nowS = nowS;
    if (this.phase !== 'greeting' && this.phase !== 'welcome') return;
    this.nReceivedBytes += data.length;
    try {
      if (typeof data === 'string') throw new MustClose(1003, 'text message');
      const outputs = this.#core.receive(data);
      if (this.phase === 'greeting' && this.#core.isWelcome) this.#greeted();
      for (const output of outputs) {
        if (output.type === 'went_away') this.#goAway(output.reconnectAfterS);
        this.#tell.output(output);
      }
      this.#sendAll();
    } catch (error) {
      if (!(error instanceof MustClose)) throw error;
      this.#close(error.code, error.reason);
    }
  }

  /**
   * Takes note that the socket is closed, by whomever.
   *
   * @param {number} nowS
   * @param {number} code 1006 if it was cut.
   * @param {string} reason
   */
  closed(nowS, code, reason) {
    this.#nowS = nowS;
    if (!['idle', 'waiting', 'ended'].includes(this.phase))
      this.#end(this.#closingCode || code, this.#closingCode ? '' : reason);
  }

  /** Sends what waits, if there is a connection. */
  sendNow() {
    if (this.phase === 'welcome') this.#sendAll();
  }

  /**
   * Sends a context as soon as the rate allows, instead of an older one that still waits.
   *
   * @param {Message} context
   */
  updateContext(context) {
    this.#context = context;
    this.#queueContext();
    this.sendNow();
  }

  /** Sends a context that waits for its turn at once, because what is sent next depends on it. */
  hastenContext() {
    this.#contextDueS = 0;
    this.#queueContext();
  }

  /** Drops the connection as a bad network would; the session is resumed. */
  drop() {
    if (['opening', 'greeting', 'welcome'].includes(this.phase)) {
      this.#socket.abandon();
      this.#end(1006, '');
    }
  }

  #connect() {
    this.nConnections += 1;
    this.#closingCode = 0;
    this.#core.startConnection();
    this.phase = 'opening';
    this.#untilS = this.#nowS + OPEN_TIMEOUT_S;
    if (!this.#socket.open(addressOf(this.#url, this.#core.session))) {
      this.#core.endConnection();
      this.#giveUp({
        code: 'cannot_connect',
        message: `\`${this.#url}\` is no address such as ws://127.0.0.1:8765/ws.`,
      });
    }
  }

  #greeted() {
    this.phase = 'welcome';
    this.#attempt = 0;
    this.#lostAtS = null;
    this.#pauseS = 0;
    this.#leaveAtS = null;
    this.#nSilent = 0;
    this.#tickAtS = this.#nowS + HEARTBEAT_S;
  }

  #lookAfter() {
    this.#queueContext();
    if (this.#nowS >= this.#flushAtS) {
      this.#flushAtS = this.#nowS + FLUSH_S;
      this.#core.flush();
    }
    if (this.phase === 'welcome' && this.#nowS >= this.#tickAtS) this.#tick();
    if (this.#leaveAtS !== null && this.#nowS >= this.#leaveAtS && this.#core.openRequests.length === 0) {
      // The time that the server told has been waited already.
      this.#pauseS = 0;
      this.#leaveAtS = null;
      this.#close(GOING_AWAY, 'the server is going away');
    }
  }

  #tick() {
    this.#tickAtS = this.#nowS + HEARTBEAT_S;
    this.#nSilent = this.nReceivedBytes === this.#seenBytes ? this.#nSilent + 1 : 0;
    this.#seenBytes = this.nReceivedBytes;
    if (this.#nSilent >= MAX_SILENT_TICKS) this.drop();
    else if (this.#nSilent > 0) this.#core.send({ type: 'ping', t: this.#nowS });
  }

  #queueContext() {
    if (this.#context === null || !this.#core.isWelcome || this.#nowS < this.#contextDueS) return;
    this.#contextDueS = this.#nowS + 1 / Math.max(0.1, numberOf(this.#core.limits, 'context_hz', DEFAULT_CONTEXT_HZ));
    this.#core.send({ ...this.#context, type: 'context' });
    this.#context = null;
  }

  #sendAll() {
    while ((this.phase === 'greeting' || this.phase === 'welcome') && this.#socket.bufferedBytes < MAX_BUFFERED_BYTES) {
      const message = this.#core.take();
      if (message === null) return;
      this.#socket.send(MessagePackWriter.encode(message));
    }
  }

  /** @param {number} reconnectAfterS */
  #goAway(reconnectAfterS) {
    this.#pauseS = reconnectAfterS;
    this.#leaveAtS = this.#nowS + reconnectAfterS;
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #close(code, reason) {
    this.#closingCode = code;
    this.phase = 'closing';
    this.#untilS = this.#nowS + CLOSE_TIMEOUT_S;
    this.#socket.close(code, reason);
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #end(code, reason) {
    const wasWelcome = this.#core.isWelcome;
    this.#core.endConnection();
    this.#lostAtS ??= this.#nowS;
    if (code in FINAL && !(code === TAKEN_OVER && this.#isOwnGhost())) {
      const message = FINAL[code] + (reason ? ` It says: ${reason}` : '');
      this.#giveUp({ code: code === 4501 ? 'unauthorized' : 'cannot_connect', message });
      return;
    }
    if (!wasWelcome) this.#unansweredAtS = this.#nowS;
    if (this.#nowS - this.#lostAtS > this.#giveUpS) {
      this.#giveUp(unreachable(this.#url));
      return;
    }
    const waitS = this.#pauseS + backoffS(this.#attempt, this.#random());
    this.#pauseS = 0;
    this.#attempt += 1;
    this.phase = 'waiting';
    this.#untilS = this.#nowS + waitS;
    this.#tell.lost(code, waitS);
  }

  /** Whether what took over can be a connection that this side has given up; once for each. */
  #isOwnGhost() {
    const isGhost = this.#nowS < this.#unansweredAtS + LATE_S;
    this.#unansweredAtS = -Infinity;
    return isGhost;
  }

  /** @param {ErrorFacts} error */
  #giveUp(error) {
    this.phase = 'ended';
    this.#tell.gaveUp(error);
  }
}

/**
 * @param {string} url
 * @returns {ErrorFacts} What a browser lets us know of a server that lets nobody in.
 */
export function unreachable(url) {
  const message =
    `Nothing answers at ${url}. Start \`vrbridge serve\` there, check the address, or list this page's origin ` +
    "under `[server] origins`: browsers don't tell which it is.";
  return { code: 'cannot_connect', message, retryable: true };
}
