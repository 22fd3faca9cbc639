const SUBPROTOCOL = 'vrbridge.v1';

/**
 * The browser's WebSocket, reduced to what a session needs.
 *
 * @implements {Socket}
 * @typedef {import('../session/Link.js').Socket} Socket
 */
export class WebSocketPort {
  /** @type {WebSocket | null} */
  #socket = null;
  #onOpen;
  #onMessage;
  #onClose;

  /**
   * @param {object} listeners
   * @param {() => void} listeners.open
   * @param {(data: Uint8Array | string) => void} listeners.message
   * @param {(code: number, reason: string) => void} listeners.close
   */
  constructor({ open, message, close }) {
    this.#onOpen = open;
    this.#onMessage = message;
    this.#onClose = close;
  }

  get bufferedBytes() {
    return this.#socket?.bufferedAmount ?? 0;
  }

  /**
   * @param {string} url
   * @returns {boolean}
   */
  open(url) {
    this.abandon();
    /** @type {WebSocket} */
    let socket;
    try {
      socket = new WebSocket(url, SUBPROTOCOL);
    } catch (error) {
      // No address, or an insecure one on a secure page.
      if (error instanceof DOMException) return false;
      throw error;
    }
    socket.binaryType = 'arraybuffer';
    socket.onopen = () => this.#onOpen();
    socket.onmessage = ({ data }) => this.#onMessage(typeof data === 'string' ? data : new Uint8Array(data));
    socket.onclose = ({ code, reason }) => this.#onClose(code, reason);
    this.#socket = socket;
    return true;
  }

  /** @param {Uint8Array<ArrayBuffer>} bytes */
  send(bytes) {
    this.#socket?.send(bytes);
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  close(code, reason) {
    // Browsers let pages close with 1000 and 3000 to 4999 only.
    this.#socket?.close(code === 1000 || code >= 3000 ? code : code + 3000, reason);
  }

  abandon() {
    const socket = this.#socket;
    this.#socket = null;
    if (socket === null) return;
    socket.onopen = socket.onmessage = socket.onclose = null;
    socket.close();
  }
}
