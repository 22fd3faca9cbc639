import { MessagePackError } from '../wire/MessagePackError.js';
import { MessagePackWriter } from '../wire/MessagePackWriter.js';
import { mapOf, nCharacters, numberOf, textOf, wholeOf } from '../wire/fields.js';
import { OpenRequest } from './OpenRequest.js';

const DEFAULT_MAX_MESSAGE_BYTES = 1 << 20;
const DEFAULT_MAX_OPEN = 32;
// The server refuses what is too much at once; this only bounds what a page piles up while it is away.
const OPEN_FACTOR = 4;

/**
 * The requests of a session without an end, and what has been told of each.
 *
 * @typedef {Record<string, any>} Message
 * @typedef {import('./SessionCore.js').Output} Output
 * @typedef {import('./SessionCore.js').RequestEvent} RequestEvent
 * @typedef {import('../VRBridgeError.js').ErrorFacts} ErrorFacts
 */
export class RequestLedger {
  /** @type {Map<number, OpenRequest>} */
  #open = new Map();

  /** Ids of requests without an end. */
  get ids() {
    return [...this.#open.keys()];
  }

  /**
   * @param {number} id
   * @returns {boolean} Whether somebody still listens to it.
   */
  isListening(id) {
    return this.#open.get(id)?.isMuted === false;
  }

  /**
   * Enters a request.
   *
   * @param {Message} message As it goes over the wire.
   * @param {boolean} isResent Send it again if the session is lost; else it fails then.
   * @param {Message} limits The server's.
   * @returns {ErrorFacts | null} Why it can't be made.
   */
  enter(message, isResent, limits) {
    const maxOpen = OPEN_FACTOR * wholeOf(limits, 'max_open_requests', DEFAULT_MAX_OPEN);
    if (this.#open.size >= maxOpen) {
      const text = `${this.#open.size} requests are open already; wait for some to end.`;
      return { code: 'rate_limited', message: text, retryable: true };
    }
    const refusal = tooLarge(message, wholeOf(limits, 'max_message_bytes', DEFAULT_MAX_MESSAGE_BYTES));
    if (refusal === null) this.#open.set(message.id, new OpenRequest(message, isResent));
    return refusal;
  }

  /**
   * @param {number} id
   * @returns {boolean} Whether the server has to be told; not of one that has ended or is cancelled already.
   */
  cancel(id) {
    const request = this.#open.get(id);
    if (request === undefined || request.isCancelled) return false;
    request.isCancelled = true;
    return true;
  }

  /**
   * Notes that its listeners are told of a failure: what still arrives is for nobody.
   *
   * @param {number} id
   */
  mute(id) {
    const request = this.#open.get(id);
    if (request !== undefined) request.isMuted = true;
  }

  /**
   * Takes what a message tells of a request.
   *
   * @param {'accepted' | 'progress' | 'text' | 'action'} type
   * @param {Message} message
   * @returns {Output[]}
   */
  tell(type, message) {
    const request = this.#open.get(message.id);
    if (request === undefined || request.isMuted) return [];
    if (type === 'accepted') {
      // Asking for the state of a request again repeats what was told already.
      if (request.isAccepted) return [];
      request.isAccepted = true;
      const etaS = message.eta_s == null ? null : numberOf(message, 'eta_s');
      const anchor = message.anchor == null ? null : mapOf(message, 'anchor');
      return event(message.id, { type, position: wholeOf(message, 'position'), etaS, anchor });
    }
    if (type === 'text') {
      const [text, offset] = [textOf(message, 'text'), wholeOf(message, 'offset')];
      if (offset < request.nCharacters) return [];
      request.nCharacters = offset + nCharacters(text);
      return event(message.id, { type, text, offset });
    }
    if (type === 'action') {
      return event(message.id, { type, name: textOf(message, 'name'), arguments: mapOf(message, 'arguments') });
    }
    return event(message.id, {
      type: 'progressed',
      stage: textOf(message, 'stage'),
      fraction: numberOf(message, 'fraction'),
    });
  }

  /**
   * Takes the end of a request.
   *
   * @param {number} id
   * @param {RequestEvent} how
   * @returns {Output[]}
   */
  end(id, how) {
    const outputs = this.isListening(id) ? event(id, how) : [];
    this.#open.delete(id);
    return outputs;
  }

  /**
   * Ends every request.
   *
   * @param {ErrorFacts} error
   * @returns {Output[]}
   */
  failAll(error) {
    return this.ids.flatMap((id) => this.end(id, { type: 'failed', error }));
  }

  /**
   * Begins a new session, in which only those go on that may be asked again.
   *
   * @returns {Output[]}
   */
  restart() {
    /** @type {Output[]} */
    const outputs = [];
    for (const [id, request] of [...this.#open]) {
      if (!request.isMuted && !request.isCancelled && request.isResent) {
        request.restart();
        outputs.push(...event(id, { type: 'restarted' }));
        continue;
      }
      this.#open.delete(id);
      if (request.isMuted) continue;
      const error = request.isCancelled
        ? { code: 'cancelled', message: 'The request was cancelled.' }
        : {
            code: 'session_lost',
            message: 'The server no longer knows this session; make the request again.',
            retryable: true,
          };
      outputs.push(...event(id, { type: 'failed', error }));
    }
    return outputs;
  }

  /** @returns {Message[]} What has to be said on a new connection. */
  toRepeat() {
    return [...this.#open].flatMap(([id, { message, isAccepted, isCancelled }]) => [
      // The id makes this safe: a request that did arrive never runs twice.
      ...(isAccepted ? [] : [message]),
      ...(isCancelled ? [{ type: 'cancel', id }] : []),
    ]);
  }
}

/**
 * @param {number} id
 * @param {RequestEvent} what
 * @returns {Output[]}
 */
export function event(id, what) {
  return [{ type: 'event', id, event: what }];
}

/**
 * @param {Message} message
 * @param {number} maxBytes
 * @returns {ErrorFacts | null}
 */
function tooLarge(message, maxBytes) {
  try {
    const nBytes = MessagePackWriter.encode(message).length;
    if (nBytes <= maxBytes) return null;
    const text = `The request has ${nBytes} bytes, more than the ${maxBytes} that the server takes.`;
    return { code: 'too_large', message: text, field: 'params' };
  } catch (error) {
    if (!(error instanceof MessagePackError)) throw error;
    return { code: 'invalid_params', message: `The request can't be sent: ${error.message}.`, field: 'params' };
  }
}
