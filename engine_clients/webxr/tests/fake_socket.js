import { MessagePackReader } from '../src/wire/MessagePackReader.js';
import { MessagePackWriter } from '../src/wire/MessagePackWriter.js';

/**
 * A socket whose other end is the test.
 *
 * @implements {Socket}
 * @typedef {import('../src/session/Link.js').Socket} Socket
 * @typedef {import('../src/session/Link.js').Link} Link
 */
export class FakeSocket {
  /** What was sent over the present connection. @type {Record<string, any>[]} */
  sent = [];
  nOpened = 0;
  /** Where the present connection goes. */
  url = '';
  closedWith = 0;
  bufferedBytes = 0;
  isAddress = true;
  isOpen = false;

  /** @param {string} url */
  open(url) {
    this.nOpened += 1;
    this.url = url;
    this.sent = [];
    this.closedWith = 0;
    this.isOpen = false;
    return this.isAddress;
  }

  /** @param {Uint8Array} bytes */
  send(bytes) {
    this.sent.push(/** @type {Record<string, any>} */ (MessagePackReader.decode(bytes)));
  }

  /** @param {number} code */
  close(code) {
    this.closedWith = code;
  }

  abandon() {
    this.isOpen = false;
  }

  /** @param {string} type */
  sentOf(type) {
    return this.sent.filter((message) => message.type === type);
  }

  /**
   * @param {Link} link
   * @param {number} nowS
   * @param {Record<string, any>} message
   */
  say(link, nowS, message) {
    link.received(nowS, MessagePackWriter.encode(message));
  }
}
