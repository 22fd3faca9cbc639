/**
 * Runs tests one after the other, prints one line of JSON for each behind `RESULT`, and sets `window.exitCode`.
 *
 * @typedef {Record<string, any>} Config
 */

/** @type {{name: string, body: (t: Checks) => void | Promise<void>}[]} */
const tests = [];

/** What the harness passed in the page's address. @type {Config} */
export const config = JSON.parse(new URLSearchParams(location.search).get('config') ?? '{}');

/**
 * @param {string} name A sentence.
 * @param {(t: Checks) => void | Promise<void>} body
 */
export function test(name, body) {
  tests.push({ name, body });
}

/** What a test finds. */
export class Checks {
  /** @type {string[]} */
  problems = [];
  nChecks = 0;
  /** @type {(() => void)[]} */
  #ends = [];

  /**
   * Notes a problem unless something is true.
   *
   * @param {unknown} isRight
   * @param {string} what
   */
  check(isRight, what) {
    this.nChecks += 1;
    if (!isRight) this.problems.push(what);
    return Boolean(isRight);
  }

  /**
   * Notes a problem unless two values mean the same.
   *
   * @param {unknown} found
   * @param {unknown} wanted
   * @param {string} [what]
   */
  equal(found, wanted, what = '') {
    const isSame = means(found) === means(wanted);
    return this.check(isSame, `${what}: ${means(found).slice(0, 300)}, not ${means(wanted).slice(0, 300)}`);
  }

  /**
   * Waits until a condition holds; a problem if it doesn't within a time.
   *
   * @param {() => unknown} condition
   * @param {string} what
   * @param {number} [withinS]
   */
  async until(condition, what, withinS = 40) {
    const endMs = performance.now() + 1000 * withinS;
    while (!condition()) {
      if (performance.now() > endMs) return this.check(false, `not within ${withinS} s: ${what}`);
      await wait(0.016);
    }
    return this.check(true, what);
  }

  /**
   * Has something be done at the test's end.
   *
   * @param {() => void} end
   */
  atEnd(end) {
    this.#ends.push(end);
  }

  end() {
    for (const end of this.#ends.reverse()) end();
  }
}

/** @param {number} seconds */
export function wait(seconds) {
  return new Promise((resolve) => setTimeout(resolve, 1000 * seconds));
}

/**
 * Prints a line of JSON that the harness reads.
 *
 * @param {string} tag
 * @param {Record<string, unknown>} fields
 */
export function report(tag, fields) {
  console.log(`${tag} ${JSON.stringify(fields)}`);
}

/**
 * Has the harness take a picture of the page.
 *
 * @param {string} name
 * @returns {Promise<void>}
 */
export function takePicture(name) {
  return /** @type {any} */ (window).takePicture(name);
}

/**
 * @param {string} file Name of what holds the tests.
 * @param {string} only Run those whose names hold it.
 */
export async function runAll(file, only) {
  let nFailed = 0;
  const chosen = tests.splice(0).filter(({ name }) => name.includes(only));
  for (const { name, body } of chosen) {
    const checks = new Checks();
    const beganMs = performance.now();
    try {
      await body(checks);
    } catch (error) {
      checks.problems.push(`it threw ${error instanceof Error ? error.stack : String(error)}`);
    }
    checks.end();
    if (checks.nChecks === 0) checks.problems.push('it checks nothing');
    report('RESULT', {
      test: `${file}::${name}`,
      problems: checks.problems,
      ms: Math.round(performance.now() - beganMs),
    });
    nFailed += checks.problems.length > 0 ? 1 : 0;
  }
  return { nFailed, nRun: chosen.length };
}

/**
 * @param {unknown} value
 * @returns {string} The same for values that mean the same: keys in order, bytes as hexadecimal digits.
 */
export function means(value) {
  return (
    JSON.stringify(value, (_, part) => {
      if (part instanceof Uint8Array)
        return { $bin: Array.from(part, (byte) => byte.toString(16).padStart(2, '0')).join('') };
      if (part instanceof Error) return { ...part, message: part.message };
      if (typeof part !== 'object' || part === null || Array.isArray(part)) return Object.is(part, -0) ? 0 : part;
      return Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)));
    }) ?? 'undefined'
  );
}
