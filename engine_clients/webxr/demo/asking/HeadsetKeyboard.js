/** The keyboard that some headsets show in a session while a field of the page has the focus. */
export class HeadsetKeyboard {
  #field;
  #isOpen = false;

  /** Called with what is written so far. @type {(words: string) => void} */
  onWritten = () => {};
  /** Called with the words when the keyboard closes. @type {(words: string) => void} */
  onDone = () => {};

  /** @param {HTMLInputElement} field */
  constructor(field) {
    this.#field = field;
    field.addEventListener('input', () => {
      if (this.#isOpen) this.onWritten(field.value);
    });
  }

  /**
   * @param {XRSession} session
   * @returns {boolean} Whether it has one.
   */
  follow(session) {
    // It may close without a key: the session is blurred while it is open.
    session.addEventListener('visibilitychange', () => {
      if (session.visibilityState === 'visible') this.#close();
    });
    return session.isSystemKeyboardSupported === true;
  }

  open() {
    this.#field.value = '';
    // A field that has the focus already opens nothing.
    this.#field.blur();
    this.#isOpen = true;
    this.#field.focus({ preventScroll: true });
  }

  #close() {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    const words = this.#field.value.trim();
    this.#field.value = '';
    this.#field.blur();
    if (words) this.onDone(words);
  }
}
