const BESIDE_PX = 16;

/** A word beside the mouse: what it points at. */
export class Label {
  #element;
  #view;

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
    this.#element.hidden = words === '';
    if (this.#element.textContent !== words) this.#element.textContent = words;
  }
}
