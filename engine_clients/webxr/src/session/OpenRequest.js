/** What a session remembers of a request without an end. */
export class OpenRequest {
  isAccepted = false;
  isCancelled = false;
  /** Its listeners were told of a failure; what still arrives is for nobody. */
  isMuted = false;
  /** Characters of its answer that were told. */
  nCharacters = 0;

  /**
   * @param {Record<string, any>} message As it goes over the wire.
   * @param {boolean} isResent Whether it is sent again when the session is lost; if not it fails then.
   */
  constructor(message, isResent) {
    this.message = message;
    this.isResent = isResent;
  }

  /** Forgets what was told, since the session that told it is gone. */
  restart() {
    this.isAccepted = false;
    this.nCharacters = 0;
  }
}
