import { Emitter } from './Emitter.js';
import { FrameBudget } from './FrameBudget.js';
import { Questions } from './Questions.js';
import { RequestBook } from './RequestBook.js';
import { VRBridgeError } from './VRBridgeError.js';
import { TextureUploader } from './assets/TextureUploader.js';
import { textureFormats } from './assets/textureFormats.js';
import { firstWelcome } from './firstWelcome.js';
import { clientFacts, receivableBy } from './hello.js';
import { deviceName, pageToken, pageUrl } from './page.js';
import { BridgeMaterial } from './scene/BridgeMaterial.js';
import { BridgeMesh } from './scene/BridgeMesh.js';
import { Character } from './scene/Character.js';
import { ContextSource } from './scene/ContextSource.js';
import { Head } from './scene/Head.js';
import { Overlay } from './scene/Overlay.js';
import { startWorker } from './startWorker.js';

// Complete assets that were not used yet hold back further ones above this.
const MAX_HELD_BYTES = 8 << 20;

/**
 * @typedef {Record<string, any>} Message
 * @typedef {import('./worker/SessionHost.js').Order} Order
 * @typedef {import('./worker/SessionHost.js').Report} Report
 * @typedef {import('./VRBridgeAsset.js').VRBridgeAsset} VRBridgeAsset
 * @typedef {import('./VRBridgeRequest.js').VRBridgeRequest} VRBridgeRequest
 * @typedef {import('./options.js').BridgeOptions} BridgeOptions
 * @typedef {import('./options.js').ConnectOptions} ConnectOptions
 * @typedef {import('./options.js').RequestOptions} RequestOptions
 * @typedef {import('./options.js').BridgeEvents} BridgeEvents
 */

/**
 * A scene's connection to the bridge.
 *
 * The socket, the session and all decoding are in a worker. On the main thread it works in `update` only, which the
 * scene calls once a frame, and no longer than its budget.
 */
export class VRBridge {
  #renderer;
  #worker = startWorker();
  /** @type {Emitter<BridgeEvents>} */
  #emitter = new Emitter();
  #requests = new RequestBook((order) => this.#order(order));
  #questions = new Questions();
  /** @type {Set<Overlay>} */
  #overlays = new Set();
  /** @type {Set<ContextSource>} */
  #contexts = new Set();
  #head = new Head();
  // Counts `connect`: what an older session still reports is not about this one.
  #epoch = 0;
  #lastMs = 0;
  /** @type {TextureUploader | null} */
  #uploader = null;

  /** Bounds what the client does in a frame; others may add work of their own. */
  budget;
  /** The formats of pictures that this machine shows, best first. */
  textureFormats;
  /** Whether there is a connection at present. */
  isConnected = false;
  /** Whether it connects, or tries to. */
  isOpen = false;
  /** What the server can answer: one entry per request kind. @type {Message} */
  capabilities = {};
  /** The server's limits. @type {Message} */
  limits = {};
  /** Name and version of the server. @type {Message} */
  server = {};
  /** Name of the session; empty before the first connection. */
  session = '';
  /** How many connections there were since `connect`. */
  nConnections = 0;
  /** Bytes of the assets that have arrived. */
  nReceivedBytes = 0;
  /** What the worker's reports took since the last frame, in milliseconds. */
  handlingMs = 0;
  /** The camera of the last `update`. @type {import('three').Camera | null} */
  camera = null;

  /**
   * @param {import('three').WebGLRenderer | null} renderer Null for a page that only asks, and shows nothing.
   * @param {BridgeOptions} [options]
   */
  constructor(renderer, { budgetMs = 1.5 } = {}) {
    this.#renderer = renderer;
    this.budget = new FrameBudget(budgetMs);
    this.textureFormats = textureFormats(renderer);
    this.#worker.onmessage = ({ data }) => {
      const began = performance.now();
      if (data.epoch === this.#epoch) this.#take(data.report);
      this.handlingMs += performance.now() - began;
    };
    this.#worker.onerror = ({ message: reason }) => {
      const message = `The worker failed (${reason || 'its files have to be served beside vrbridge.js'}).`;
      this.#take({ op: 'gave_up', error: { code: 'cannot_connect', message } });
    };
  }

  /** Requests without an end. */
  get openRequests() {
    return this.#requests.open;
  }

  get renderer() {
    if (this.#renderer === null) throw new Error('This VRBridge has no renderer: give it one to show things.');
    return this.#renderer;
  }

  get uploader() {
    this.#uploader ??= new TextureUploader(this.renderer, this.budget);
    return this.#uploader;
  }

  /**
   * @template {keyof BridgeEvents} Name
   * @param {Name} name
   * @param {(event: BridgeEvents[Name]) => void} listener
   * @returns {() => void} Ends it.
   */
  on(name, listener) {
    return this.#emitter.on(name, listener);
  }

  /**
   * Connects, instead of an older connection. It reconnects and resumes by itself.
   *
   * @param {ConnectOptions} [options]
   * @returns {Promise<void>} Resolves with the first welcome; rejects with a `VRBridgeError` if there is none in time,
   *   after which a server that does not answer is still tried.
   */
  connect({
    url = pageUrl(),
    token = pageToken(),
    device = deviceName(),
    receive = {},
    giveUpS = 300,
    timeoutS = 10,
  } = {}) {
    this.close();
    const receivable = { ...receivableBy(this.#renderer, this.textureFormats), ...receive };
    this.textureFormats = receivable.texture_formats;
    this.isOpen = true;
    this.#epoch += 1;
    this.#order({
      op: 'open',
      epoch: this.#epoch,
      options: {
        url,
        token,
        client: clientFacts(device),
        receive: receivable,
        maxHeldBytes: MAX_HELD_BYTES,
        giveUpS,
      },
    });
    return firstWelcome(this, url, timeoutS);
  }

  /** Closes the connection. Open requests fail with `cancelled`. */
  close() {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.isConnected = false;
    this.#order({ op: 'close' });
    const error = new VRBridgeError({ code: 'cancelled', message: 'The connection was closed.' });
    this.#questions.failAll(error);
    this.#requests.failAll(error);
  }

  /** Closes the connection and ends the worker; nothing can be asked after that. */
  dispose() {
    this.close();
    this.#worker.terminate();
  }

  /**
   * Asks for something. Without a connection it waits for one; what can't be sent at all fails a moment later.
   *
   * @param {string} kind
   * @param {Message} params
   * @param {RequestOptions} [options]
   * @returns {VRBridgeRequest}
   */
  request(kind, params, { slot, priority, deadlineS, anchor, isResent = true, isDecoded = false } = {}) {
    const fields = { kind, params, slot, priority, deadline_s: deadlineS, anchor };
    const request = this.isOpen ? this.#requests.make(fields, isResent, isDecoded) : this.#requests.refuse(fields);
    this.#emitter.emit('requested', request);
    return request;
  }

  /**
   * Stops a request, which ends in the error `cancelled` unless it has ended already.
   *
   * @param {VRBridgeRequest} request
   */
  cancel(request) {
    request.cancel();
  }

  /**
   * Says that an asset is not wanted, so that no more of it is sent.
   *
   * @param {VRBridgeAsset} asset
   */
  skip(asset) {
    this.#order({ op: 'skip', asset: asset.number });
  }

  /**
   * Says how many characters of a character's answer the player has seen or heard; what it remembers is cut there. A
   * `Character` does it itself.
   *
   * @param {VRBridgeRequest} answer
   * @param {number} characters Unicode code points.
   */
  heard(answer, characters) {
    this.#order({ op: 'heard', id: answer.id, characters });
  }

  /**
   * Says what the player sees and is; the newest wins. A `ContextSource` does it itself.
   *
   * @param {Message} context
   */
  updateContext(context) {
    this.#order({ op: 'context', context });
  }

  /**
   * Has the server erase what it has stored about this session or this player. Fails if the connection is lost
   * before the answer; after `sessionLost` the next session is another one, and only the player can be erased.
   *
   * @param {'session' | 'player'} scope
   * @returns {Promise<number>} How many items were erased.
   */
  forget(scope) {
    return this.#ask({ type: 'forget', scope }, 'forget');
  }

  /** @returns {Promise<{roundTripS: number, serverS: number}>} Measured now. */
  ping() {
    const t = performance.now() / 1000;
    return this.#ask({ type: 'ping', t }, `ping ${t}`);
  }

  /** Drops the connection as a bad network would, to try out what a scene does then. Nothing is lost. */
  dropConnection() {
    this.#order({ op: 'drop' });
  }

  /**
   * @param {string} prompt What the surface is made of.
   * @param {import('./scene/BridgeMaterial.js').MaterialOptions} [options]
   * @returns {BridgeMaterial} To be put on any mesh at once.
   */
  material(prompt, options) {
    return new BridgeMaterial(this, prompt, options);
  }

  /**
   * @param {string} prompt What it is.
   * @param {import('./scene/BridgeMesh.js').MeshOptions} [options]
   * @returns {BridgeMesh} To be put into the scene at once.
   */
  mesh(prompt, options) {
    return new BridgeMesh(this, prompt, options);
  }

  /**
   * @param {string} npc Name of the character on the server, whose memory of the player goes by it.
   * @param {import('./scene/Character.js').CharacterOptions} [options]
   * @returns {Character} Someone who can be talked to.
   */
  character(npc, options) {
    return new Character(this, npc, options);
  }

  /**
   * @param {import('./scene/Overlay.js').OverlayOptions} [options]
   * @returns {Overlay} A panel of text, to be put into the scene.
   */
  overlay(options) {
    const overlay = new Overlay(options);
    this.#overlays.add(overlay);
    return overlay;
  }

  /**
   * @param {import('./scene/ContextSource.js').ContextOptions} [options]
   * @returns {ContextSource} Tells the server what the player sees and is, from now on.
   */
  context(options) {
    const context = new ContextSource(this, options);
    this.#contexts.add(context);
    return context;
  }

  /**
   * Does a frame's part of the work; to be called once a frame, before the scene is rendered.
   *
   * @param {import('three').Camera} camera
   */
  update(camera) {
    const nowMs = performance.now();
    const sinceLastMs = this.#lastMs > 0 ? nowMs - this.#lastMs : 0;
    const deltaS = Math.min(0.1, sinceLastMs / 1000);
    this.#lastMs = nowMs;
    this.handlingMs = 0;
    this.camera = camera;
    this.budget.begin(sinceLastMs);
    this.#head.update(camera, this.#renderer);
    for (const context of this.#contexts) context.update(this.#head, nowMs / 1000);
    for (const overlay of this.#overlays) {
      if (overlay.isDisposed) this.#overlays.delete(overlay);
      else overlay.update(this.#head, deltaS);
    }
    this.budget.run();
    this.budget.end();
  }

  /** @param {Order} order */
  #order(order) {
    this.#worker.postMessage(order);
  }

  /**
   * @param {Message} message
   * @param {string} key What its answer will be known by.
   * @returns {Promise<any>}
   */
  #ask(message, key) {
    if (!this.isConnected) return Promise.reject(away());
    this.#order({ op: 'send', message, session: this.session });
    return this.#questions.ask(key);
  }

  /** @param {Report} report */
  #take(report) {
    switch (report.op) {
      case 'connecting':
        this.nConnections = report.nConnections;
        break;
      case 'welcomed':
        if (!this.isOpen) break;
        this.isConnected = true;
        this.session = report.session;
        this.capabilities = report.capabilities;
        this.limits = report.limits;
        this.server = report.server;
        this.#emitter.emit('connected', { isResumed: report.isResumed });
        break;
      case 'lost':
        this.isConnected = false;
        this.#questions.failAll(away());
        this.#emitter.emit('disconnected', { closeCode: report.closeCode, retryInS: report.retryInS });
        break;
      case 'gave_up': {
        this.isConnected = this.isOpen = false;
        const error = new VRBridgeError(report.error);
        this.#questions.failAll(error);
        this.#requests.failAll(error);
        this.#emitter.emit('error', error);
        break;
      }
      case 'session_lost':
        this.#emitter.emit('sessionLost', {});
        break;
      case 'complained':
        this.#complain(new VRBridgeError(report.error));
        break;
      case 'ponged':
        this.#questions.answer(`ping ${report.t}`, {
          roundTripS: (report.atMs - performance.timeOrigin) / 1000 - report.t,
          serverS: report.serverS,
        });
        break;
      case 'forgot':
        this.#questions.answer('forget', report.nItems);
        break;
      default:
        if (report.op === 'asset') this.nReceivedBytes += report.asset.nBytes;
        this.#requests.take(report);
    }
  }

  /** @param {VRBridgeError} error */
  #complain(error) {
    // The one way in which a question about what to forget can fail.
    if (error.field === 'scope') this.#questions.fail('forget', error);
    else this.#emitter.emit('error', error);
  }
}

function away() {
  const message = 'There is no connection at present; try again later.';
  return new VRBridgeError({ code: 'unavailable', message, retryable: true });
}
