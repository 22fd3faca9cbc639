const SAY_MS = 5000;
const BESIDE_PX = 16;

/** A word beside the mouse: what it points at, or why something did not work. */
export class Label {
  #element;
  #view;
  #spokenUntilMs = 0;

  /**
   * @param {HTMLElement} element
   * @param {HTMLElement} view
   */
  constructor(element, view) {
    this.#element = element;
    view.addEventListener('pointermove', ({ clientX, clientY }) => {
      const x = Math.min(clientX + BESIDE_PX, innerWidth - element.offsetWidth - 8);
      element.style.translate = `${x}px ${clientY + BESIDE_PX}px`;
    });
    this.#view = view;
  }

  /** @param {string} words Nothing hides it. */
  show(words) {
    this.#view.classList.toggle('points', words !== '');
    if (performance.now() < this.#spokenUntilMs) return;
    this.#element.hidden = words === '';
    if (this.#element.textContent !== words) this.#element.textContent = words;
  }

  /** @param {string} sentence Stays for some seconds. */
  say(sentence) {
    this.#spokenUntilMs = 0;
    this.show(sentence);
    this.#spokenUntilMs = performance.now() + SAY_MS;
  }
}
