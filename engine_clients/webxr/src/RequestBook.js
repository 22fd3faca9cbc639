import { VRBridgeAsset } from './VRBridgeAsset.js';
import { VRBridgeError } from './VRBridgeError.js';
import { VRBridgeRequest } from './VRBridgeRequest.js';

/**
 * The page's requests without an end: orders to the worker, and its reports to whom they concern.
 *
 * @typedef {Record<string, any> & {kind: string, params: Record<string, any>}} Fields
 * @typedef {import('./worker/SessionHost.js').Order} Order
 * @typedef {import('./worker/SessionHost.js').Report} Report
 */
export class RequestBook {
  /** @type {Map<number, VRBridgeRequest>} */
  #open = new Map();
  #lastId = 0;
  #order;

  /** @param {(order: Order) => void} order */
  constructor(order) {
    this.#order = order;
  }

  /** Requests without an end. */
  get open() {
    return [...this.#open.values()];
  }

  /**
   * @param {Fields} fields
   * @param {boolean} isResent
   * @param {boolean} isDecoded
   * @returns {VRBridgeRequest} On its way; it fails a moment later if it can't be sent at all.
   */
  make(fields, isResent, isDecoded) {
    const request = this.#add(fields);
    try {
      this.#order({ op: 'request', id: request.id, fields, isResent, isDecoded });
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      const message = `The request can't be sent: ${error.message}`;
      this.#failLater(request, new VRBridgeError({ code: 'invalid_params', message, field: 'params' }));
    }
    return request;
  }

  /**
   * @param {Fields} fields
   * @returns {VRBridgeRequest} One that fails a moment later, since there is nobody to ask.
   */
  refuse(fields) {
    const request = this.#add(fields);
    const message = 'There is no connection: call connect().';
    this.#failLater(request, new VRBridgeError({ code: 'cannot_connect', message, retryable: true }));
    return request;
  }

  /**
   * Ends every request.
   *
   * @param {VRBridgeError} error
   */
  failAll(error) {
    for (const request of this.open) this.#end(request, 'failed', error);
  }

  /**
   * Takes a report about a request.
   *
   * @param {Extract<Report, {id: number}>} report
   */
  take(report) {
    const request = this.#open.get(report.id);
    switch (report.op) {
      case 'event':
        if (request !== undefined) this.#event(request, report.event);
        break;
      case 'asset_started':
        request?.take('assetStarted', new VRBridgeAsset(report.asset, new Uint8Array(), null));
        break;
      case 'asset_grew':
        request?.take('assetGrew', new VRBridgeAsset(report.asset, new Uint8Array(), null));
        break;
      case 'coarse':
        request?.take('coarse', new VRBridgeAsset(report.asset, report.content, null));
        break;
      case 'unreadable':
        request?.take('unreadable', new VRBridgeError(report.error));
        break;
      case 'asset': {
        const release = (/** @type {number} */ nBytes) => this.#order({ op: 'consumed', nBytes });
        const asset = new VRBridgeAsset(report.asset, report.content, release);
        if (request === undefined) asset.release();
        else request.take('asset', asset);
        break;
      }
    }
  }

  /** @param {Fields} fields */
  #add({ kind, params }) {
    this.#lastId += 1;
    const id = this.#lastId;
    const request = new VRBridgeRequest(id, kind, params, () => this.#order({ op: 'cancel', id }));
    this.#open.set(id, request);
    return request;
  }

  /**
   * @param {VRBridgeRequest} request
   * @param {import('./session/SessionCore.js').RequestEvent} event
   */
  #event(request, event) {
    if (event.type === 'completed') this.#end(request, 'completed', { result: event.result, timing: event.timing });
    else if (event.type === 'failed') this.#end(request, 'failed', new VRBridgeError(event.error));
    else {
      const { type, ...rest } = event;
      request.take(type, /** @type {any} */ (rest));
    }
  }

  /**
   * @param {VRBridgeRequest} request
   * @param {VRBridgeError} error
   */
  #failLater(request, error) {
    // There has to be time to listen.
    queueMicrotask(() => this.#end(request, 'failed', error));
  }

  /**
   * @template {'completed' | 'failed'} Name
   * @param {VRBridgeRequest} request
   * @param {Name} name
   * @param {import('./VRBridgeRequest.js').RequestEvents[Name]} event
   */
  #end(request, name, event) {
    this.#open.delete(request.id);
    request.take(name, event);
  }
}
