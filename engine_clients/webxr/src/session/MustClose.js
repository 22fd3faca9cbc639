/** The connection has to be closed. */
export class MustClose extends Error {
  /**
   * @param {number} code WebSocket close code.
   * @param {string} reason Short enough for a close message.
   */
  constructor(code, reason) {
    super(reason);
    this.code = code;
    this.reason = reason;
  }
}
