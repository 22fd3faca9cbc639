import { Emitter } from '../Emitter.js';
import { numberOf, mapOf, nCharacters, textOf } from '../wire/fields.js';
import { VRBridgeError } from '../VRBridgeError.js';
import { Vector3 } from 'three';

let nMade = 0;

/**
 * @typedef {Record<string, any>} Message
 * @typedef {import('../VRBridgeRequest.js').VRBridgeRequest} VRBridgeRequest
 * @typedef {import('./Overlay.js').Line} Line
 * @typedef {import('./Overlay.js').Overlay} Overlay
 *
 * @typedef {object} Persona Who it is, for one that the server has no file of.
 * @property {string} [name] Without, the name that the overlay shows.
 * @property {string} description
 * @property {string} [style] How it speaks.
 * @property {string[]} [knowledge] What it knows.
 *
 * @typedef {object} CharacterOptions
 * @property {import('three').Object3D} [object] Its body: answers show above it.
 * @property {number} [overlayHeightM] How far above, 2 m without.
 * @property {Overlay | null} [overlay] Where answers show instead; null shows them nowhere.
 * @property {string} [displayName] Name that the overlay shows.
 * @property {Persona} [persona]
 * @property {Message} [params] Further parameters of its answers, such as `language` or `max_tokens`.
 *
 * @typedef {object} CharacterEvents
 * @property {{}} answerStarted The first words are there.
 * @property {{text: string}} text Another piece of the answer.
 * @property {{name: string, arguments: Message}} action It chose one; its function was called already.
 * @property {{text: string, emotion: string, score: number}} answered The answer is complete.
 * @property {VRBridgeError} failed There is no answer.
 */

/**
 * Someone who can be talked to. The answer streams into an overlay above the head, and the character may do one of the
 * actions that the scene offers.
 */
export class Character {
  #bridge;
  /** @type {Emitter<CharacterEvents>} */
  #emitter = new Emitter();
  /** @type {Map<string, {action: Message, run: ((args: Message) => void) | undefined}>} */
  #actions = new Map();
  #persona;
  #params;
  /** @type {VRBridgeRequest | null} */
  #request = null;
  /** @type {Line | null} */
  #line = null;
  #nHeard = 0;
  #slot = `character-${(nMade += 1)}`;

  /** What it has said so far of the answer. */
  answerText = '';

  /**
   * @param {import('../VRBridge.js').VRBridge} bridge
   * @param {string} npc
   * @param {CharacterOptions} [options]
   */
  constructor(
    bridge,
    npc,
    { object, overlayHeightM = 2, overlay, displayName = spoken(npc), persona, params = {} } = {},
  ) {
    this.#bridge = bridge;
    this.#persona = persona;
    this.#params = params;
    /** Name on the server, whose memory of the player goes by it. */
    this.npc = npc;
    /** Name that the overlay shows. */
    this.displayName = displayName;
    /** Where answers show; null if nowhere. @type {Overlay | null} */
    this.overlay = overlay ?? null;
    if (overlay === undefined && object !== undefined) {
      this.overlay = bridge.overlay({ target: object, offset: new Vector3(0, overlayHeightM, 0) });
      object.add(this.overlay);
    }
    this.overlay?.on('charactersShown', (event) => this.#onShown(event));
  }

  /** Whether an answer is on its way. */
  get isSpeaking() {
    return this.#request !== null && !this.#request.isEnded;
  }

  /**
   * @template {keyof CharacterEvents} Name
   * @param {Name} name
   * @param {(event: CharacterEvents[Name]) => void} listener
   * @returns {() => void} Ends it.
   */
  on(name, listener) {
    return this.#emitter.on(name, listener);
  }

  /**
   * Offers an action that the character may choose.
   *
   * @param {string} name
   * @param {string} description
   * @param {Message} [parameters] A JSON Schema of its arguments.
   * @param {(args: Message) => void} [run] Called with them.
   */
  addAction(name, description, parameters = { type: 'object', properties: {} }, run) {
    this.#actions.set(name, { action: { name, description, parameters }, run });
  }

  /**
   * Takes an action back.
   *
   * @param {string} name
   */
  removeAction(name) {
    this.#actions.delete(name);
  }

  /**
   * Says something to it, instead of what it is being asked still.
   *
   * @param {string} text
   * @returns {VRBridgeRequest}
   */
  say(text) {
    this.interrupt();
    this.answerText = '';
    this.#nHeard = 0;
    const request = this.#bridge.request('dialogue', this.#fields(text), { slot: this.#slot });
    this.#request = request;
    // What still comes of an answer that was interrupted is for nobody.
    const isCurrent = () => this.#request === request;
    request.on('text', (event) => {
      if (isCurrent()) this.#onText(event.text);
    });
    request.on('action', (event) => {
      if (!isCurrent()) return;
      this.#actions.get(event.name)?.run?.(event.arguments);
      this.#emitter.emit('action', event);
    });
    request.on('restarted', () => {
      if (isCurrent()) this.#forgetLine();
    });
    request.on('completed', ({ result }) => {
      if (isCurrent()) this.#onCompleted(result);
    });
    request.on('failed', (error) => {
      if (isCurrent()) this.#onFailed(error);
    });
    return request;
  }

  /** Cuts it short: it stops, and remembers only what could be read. */
  interrupt() {
    const request = this.#request;
    this.#tellHeard();
    this.#request = null;
    request?.cancel();
    this.#forgetLine();
  }

  /** @param {string} text */
  #fields(text) {
    /** @type {Message} */
    const params = { npc: this.npc, text, ...this.#params };
    if (this.#actions.size > 0) params.actions = Array.from(this.#actions.values(), ({ action }) => action);
    if (this.#persona) params.persona = { name: this.displayName, style: '', knowledge: [], ...this.#persona };
    return params;
  }

  /** @param {string} text */
  #onText(text) {
    const isFirst = this.answerText === '';
    this.answerText += text;
    if (this.#line !== null) this.overlay?.extend(this.#line, text);
    else this.#line = this.overlay?.showLine(text, this.displayName, false) ?? null;
    if (isFirst) this.#emitter.emit('answerStarted', {});
    this.#emitter.emit('text', { text });
  }

  /** @param {Message} result */
  #onCompleted(result) {
    if (this.#line !== null) this.overlay?.finish(this.#line);
    this.#tellIfRead();
    const emotion = mapOf(result, 'emotion');
    this.#emitter.emit('answered', {
      text: textOf(result, 'text', this.answerText),
      emotion: textOf(emotion, 'name', 'neutral'),
      score: numberOf(emotion, 'score'),
    });
  }

  /** @param {VRBridgeError} error */
  #onFailed(error) {
    if (this.#line !== null) this.overlay?.finish(this.#line);
    this.#request = null;
    this.#emitter.emit('failed', error);
  }

  #forgetLine() {
    if (this.#line !== null) this.overlay?.dismiss(this.#line);
    this.#line = null;
    this.answerText = '';
    this.#nHeard = 0;
  }

  /** @param {{line: Line, characters: number}} event */
  #onShown({ line, characters }) {
    // A panel may be shared.
    if (line !== this.#line || this.#request === null) return;
    this.#nHeard = Math.max(this.#nHeard, characters);
    this.#tellIfRead();
  }

  #tellIfRead() {
    if (this.#line?.isWhole && this.#nHeard === nCharacters(this.#line.text)) this.#tellHeard();
  }

  /** Tells the server how much of the answer the player could read. */
  #tellHeard() {
    if (this.#request !== null && this.#nHeard > 0) this.#bridge.heard(this.#request, this.#nHeard);
    this.#nHeard = 0;
  }
}

/**
 * @param {string} npc
 * @returns {string} As it is shown: `old_smith` is Old Smith.
 */
function spoken(npc) {
  return npc.replace(/[_-]+/g, ' ').replace(/\b\w/g, (letter) => letter.toUpperCase());
}
