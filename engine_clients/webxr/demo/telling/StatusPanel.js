import { duration, plainWords } from './labels.js';
import { element } from '../page.js';

const PING_EVERY_MS = 2000;
const DRAW_EVERY_MS = 200;

/**
 * @typedef {import('./RequestLog.js').Entry} Entry
 * @typedef {import('./FrameClock.js').FrameClock} FrameClock
 */

/** The quiet panel at the top right: the connection, how long things take, what was asked for. */
export class StatusPanel {
  #bridge;
  #log;
  #clock;
  #isStale = true;
  #drawnMs = 0;
  #pingedMs = 0;
  /** @type {number | null} */
  #roundTripMs = null;
  /** What is said about the connection while there is none. */
  #trouble = 'Connecting …';

  /**
   * @param {import('vrbridge').VRBridge} bridge
   * @param {import('./RequestLog.js').RequestLog} log
   * @param {FrameClock} clock
   */
  constructor(bridge, log, clock) {
    this.#bridge = bridge;
    this.#log = log;
    this.#clock = clock;
    log.onChanged = () => (this.#isStale = true);
    bridge.on('connected', () => this.#say(''));
    bridge.on('disconnected', ({ retryInS }) => {
      this.#roundTripMs = null;
      this.#say(`Connection lost; trying again in ${Math.max(0.1, retryInS).toFixed(1)} s`);
    });
    bridge.on('error', (error) => this.#say(plainWords(error)));
  }

  /** One line about how things are, for panels in the scene. */
  get line() {
    const { entries } = this.#log;
    if (this.#trouble) return this.#trouble;
    const [newest] = entries;
    return newest === undefined ? 'Connected' : `${newest.label}: ${how(newest)}`;
  }

  /** @param {number} nowMs */
  update(nowMs) {
    if (this.#bridge.isConnected && nowMs > this.#pingedMs + PING_EVERY_MS) this.#ping(nowMs);
    if (!this.#isStale || nowMs < this.#drawnMs + DRAW_EVERY_MS) return;
    this.#isStale = false;
    this.#drawnMs = nowMs;
    this.#draw();
  }

  /** @param {number} nowMs */
  #ping(nowMs) {
    this.#pingedMs = nowMs;
    this.#isStale = true;
    this.#bridge.ping().then(
      ({ roundTripS }) => (this.#roundTripMs = 1000 * roundTripS),
      // The connection went away meanwhile, which is told by itself.
      () => (this.#roundTripMs = null),
    );
  }

  /** @param {string} trouble */
  #say(trouble) {
    this.#trouble = trouble;
    this.#isStale = true;
  }

  #draw() {
    // Only what has changed, for it is read out.
    const state = this.#trouble || 'Connected';
    if (element('state').textContent !== state) element('state').textContent = state;
    element('round-trip').textContent = this.#trouble || this.#roundTripMs === null ? '' : duration(this.#roundTripMs);
    element('light').className = this.#bridge.isConnected && !this.#trouble ? 'good' : 'bad';
    element('figures').replaceChildren(
      ...this.#figures().flatMap(([name, value]) => [text('dt', name), text('dd', value)]),
    );
    element('log').replaceChildren(...this.#log.entries.map(row));
  }

  /** @returns {[string, string][]} */
  #figures() {
    const figures = /** @type {[string, string][]} */ ([]);
    const words = this.#log.last('dialogue');
    if (words?.firstMs != null) figures.push(['First words', duration(words.firstMs)]);
    for (const [kind, name] of [
      ['texture', 'Material'],
      ['mesh', 'Prop'],
    ]) {
      const made = this.#log.last(kind);
      if (made?.firstMs != null && made.totalMs !== null)
        figures.push([`${name} · whole`, `${duration(made.firstMs)} · ${duration(made.totalMs)}`]);
    }
    const { medianMs, longestMs } = this.#clock;
    if (medianMs > 0) figures.push(['Frame · slowest', `${duration(medianMs)} · ${duration(longestMs)}`]);
    figures.push(['vrbridge in a frame', `${this.#clock.clientMs.toFixed(1)} ms`]);
    return figures;
  }
}

/** @param {Entry} entry */
function how({ error, totalMs, firstMs, state }) {
  if (error !== null) return plainWords(error);
  if (totalMs !== null) return duration(totalMs);
  return firstMs === null ? state : `${duration(firstMs)} …`;
}

/** @param {Entry} entry */
function row(entry) {
  const item = document.createElement('li');
  const what = document.createElement('div');
  what.className = 'what';
  what.append(text('span', entry.label), text('span', entry.error === null ? how(entry) : '', 'how'));
  item.append(what);
  if (entry.error !== null) item.append(text('div', how(entry), 'failed'));
  else if (entry.totalMs === null) {
    const bar = document.createElement('progress');
    bar.max = 1;
    bar.value = entry.fraction;
    bar.setAttribute('aria-label', entry.label);
    item.append(bar);
  }
  return item;
}

/**
 * @param {string} tag
 * @param {string} content
 * @param {string} [className]
 */
function text(tag, content, className = '') {
  const made = document.createElement(tag);
  made.textContent = content;
  made.className = className;
  return made;
}
