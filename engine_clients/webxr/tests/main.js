import { runAll } from './runner.js';

// Which files to run, and which of their tests.
const query = new URLSearchParams(location.search);
let nFailed = 0;
let nRun = 0;
for (const file of query.getAll('file')) {
  await import(`./${file}.js`);
  const ran = await runAll(file, query.get('only') ?? '');
  nFailed += ran.nFailed;
  nRun += ran.nRun;
}
/** @type {any} */ (window).exitCode = nFailed === 0 && nRun > 0 ? 0 : 1;
