/**
 * Starts the worker that holds the session. Its modules import each other by relative paths alone: a page's import map
 * doesn't reach workers.
 *
 * @returns {Worker}
 */
export function startWorker() {
  const url = new URL('./worker/worker.js', import.meta.url);
  if (url.origin === location.origin) {
    // Written out once more, which is how bundlers find it.
    return new Worker(new URL('./worker/worker.js', import.meta.url), { type: 'module' });
  }
  // Browsers start workers of the page's own origin only; such a one may import from others.
  const source = new Blob([`import ${JSON.stringify(url.href)};`], { type: 'text/javascript' });
  const local = URL.createObjectURL(source);
  const worker = new Worker(local, { type: 'module' });
  worker.addEventListener('message', () => URL.revokeObjectURL(local), { once: true });
  return worker;
}
