// A dictionary for a language is loaded once; a page must not wait for it for ever.
const LANGUAGE = 'en-US';

/**
 * What this page uses of the Web Speech API, which `lib.dom` does not know.
 *
 * @typedef {object} Recognition
 * @property {string} lang
 * @property {boolean} interimResults
 * @property {boolean} [processLocally]
 * @property {(event: {results: ArrayLike<ArrayLike<{transcript: string}> & {isFinal: boolean}>}) => void} onresult
 * @property {(event: {error: string}) => void} onerror
 * @property {() => void} onend
 * @property {() => void} start
 * @property {() => void} stop
 *
 * @typedef {object} RecognitionClass
 * @property {new () => Recognition} prototype
 * @property {(options: {langs: string[], processLocally: boolean}) => Promise<string>} [available]
 */

const words = {
  'not-allowed': 'This page may not use the microphone; allow it in the browser’s address bar.',
  'service-not-allowed': 'This browser does not recognise speech here.',
  'audio-capture': 'There is no microphone.',
  'no-speech': 'Nothing was heard.',
  network: 'The browser’s speech recognition could not be reached.',
};

/** Listens to one sentence, where the browser can; on this machine where it can do that. */
export class Speech {
  /** @type {(new () => Recognition) & Partial<RecognitionClass> | undefined} */
  #Recognition;
  /** @type {Recognition | null} */
  #running = null;

  /** Called with what was understood so far. @type {(words: string) => void} */
  onHeard = () => {};
  /** Called with the whole sentence. @type {(words: string) => void} */
  onSaid = () => {};
  /** Called with a sentence that says why not. @type {(reason: string) => void} */
  onFailed = () => {};
  /** Called when it begins and ends. @type {(isListening: boolean) => void} */
  onListening = () => {};

  constructor() {
    const names = /** @type {any} */ (window);
    this.#Recognition = names.SpeechRecognition ?? names.webkitSpeechRecognition;
  }

  get isAvailable() {
    return this.#Recognition !== undefined;
  }

  get isListening() {
    return this.#running !== null;
  }

  /** Begins to listen, or ends it. */
  async toggle() {
    if (this.#running !== null) {
      const running = this.#running;
      this.#end();
      running.stop();
      return;
    }
    if (this.#Recognition === undefined) return;
    const recognition = new this.#Recognition();
    this.#running = recognition;
    this.onListening(true);
    recognition.lang = LANGUAGE;
    recognition.interimResults = true;
    recognition.onresult = ({ results }) => {
      const last = results[results.length - 1];
      const text = last[0].transcript.trim();
      if (last.isFinal) this.onSaid(text);
      else this.onHeard(text);
    };
    recognition.onerror = ({ error }) => {
      if (error !== 'aborted') this.onFailed(words[/** @type {keyof typeof words} */ (error)] ?? `Speech: ${error}.`);
    };
    recognition.onend = () => {
      if (this.#running === recognition) this.#end();
    };
    try {
      const state = await this.#Recognition.available?.({ langs: [LANGUAGE], processLocally: true });
      // What is said stays on this machine where the browser has what it takes.
      if (state === 'available') recognition.processLocally = true;
      // Meanwhile it may have been ended again.
      if (this.#running === recognition) recognition.start();
    } catch (error) {
      this.#end();
      this.onFailed(`Speech did not start: ${error instanceof Error ? error.message : error}`);
    }
  }

  #end() {
    this.#running = null;
    this.onListening(false);
  }
}
