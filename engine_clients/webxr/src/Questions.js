/** Questions about the connection that wait for their answers. */
export class Questions {
  /** @type {{key: string, resolve: (answer: any) => void, reject: (error: Error) => void}[]} */
  #waiting = [];

  /**
   * @param {string} key What the answer will be known by.
   * @returns {Promise<any>}
   */
  ask(key) {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ key, resolve, reject });
    });
  }

  /**
   * @param {string} key
   * @param {unknown} answer To the oldest question of this key; nothing happens if there is none.
   */
  answer(key, answer) {
    this.#take(key)?.resolve(answer);
  }

  /**
   * @param {string} key
   * @param {Error} error
   */
  fail(key, error) {
    this.#take(key)?.reject(error);
  }

  /** @param {Error} error */
  failAll(error) {
    for (const { reject } of this.#waiting.splice(0)) reject(error);
  }

  /** @param {string} key */
  #take(key) {
    const place = this.#waiting.findIndex((question) => question.key === key);
    return place < 0 ? undefined : this.#waiting.splice(place, 1)[0];
  }
}
