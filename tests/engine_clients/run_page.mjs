// Opens a page in headless Chromium, prints what its console says as JSON lines, takes the pictures that the
// page asks for, and ends with the page's exit code.
//
// node run_page.mjs URL TIMEOUT_S PICTURE_FOLDER [CHROMIUM]
import { createRequire } from 'node:module';
import path from 'node:path';
const { chromium } = createRequire(path.join(process.cwd(), 'tests/package.json'))('playwright-core');

const [url, timeoutS, pictures, executablePath = '/usr/bin/chromium'] = process.argv.slice(2);
const say = (kind, fields) => console.log(JSON.stringify({ kind, ...fields }));
const browser = await chromium.launch({
  executablePath,
  headless: true,
  args: [
    '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking', '--disable-component-update',
    '--disable-sync', '--use-gl=angle', '--use-angle=swiftshader', '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist',
    '--autoplay-policy=no-user-gesture-required',
  ],
});
// A smaller page draws faster where there is no graphics card.
const scale = Number(new URL(url).searchParams.get('scale') ?? 1);
const page = await browser.newPage({ viewport: { width: 800 * scale, height: 450 * scale } });
const origin = new URL(url).hostname;
page.on('console', (message) => say('console', { level: message.type(), text: message.text() }));
page.on('pageerror', (error) => say('page_error', { text: error.message }));
page.on('crash', () => say('page_error', { text: 'the page crashed' }));
page.on('request', (request) => {
  const host = new URL(request.url());
  if (!['blob:', 'data:'].includes(host.protocol) && host.hostname !== origin) say('foreign_request', { text: request.url() });
});
await page.exposeFunction('takePicture', (name) => page.screenshot({ path: path.join(pictures, `${name}.png`) }).then(() => true));
await page.exposeFunction('press', (key) => page.keyboard.press(key));
// For pages that know nothing of tests: a picture once what they asked for is there, or soon after a message
// with the words of `until`.
const picture = new URL(url).searchParams.get('picture');
const until = new URL(url).searchParams.get('until');
let isEnding = false;
async function end() {
  // One end is enough.
  if (isEnding) return;
  isEnding = true;
  await page.waitForTimeout(2000);
  await page.screenshot({ path: path.join(pictures, `${picture}.png`) });
  await page.evaluate(() => { window.exitCode = 0; });
}
if (picture !== null) {
  page.on('websocket', (socket) => socket.on('framereceived', ({ payload }) => {
    const isAwaited = until !== null || page.workers().length === 0;
    if (isAwaited && Buffer.from(payload).includes(until ?? 'queued_ms')) end();
  }));
  // What pages ask of workers tells when all of it is done.
  await page.exposeFunction('requestIsDone', end);
  await page.addInitScript(() => {
    let nOpen = 0;
    window.Worker = class extends Worker {
      constructor(...parameters) {
        super(...parameters);
        this.addEventListener('message', ({ data }) => {
          if (!['completed', 'failed'].includes(data?.report?.event?.type)) return;
          nOpen -= 1;
          if (nOpen === 0) window.requestIsDone();
        });
      }
      postMessage(order, ...rest) {
        if (order.op === 'request') nOpen += 1;
        super.postMessage(order, ...rest);
      }
    };
  });
}
await page.goto(url);
// Asked again and again: waiting inside of the page takes an `eval`, which the server's own pages forbid.
let code;
for (const endsAt = Date.now() + timeoutS * 1000; code === undefined && Date.now() < endsAt;) {
  await page.waitForTimeout(50);
  code = await page.evaluate(() => window.exitCode).catch(() => undefined);
}
if (code === undefined) {
  say('page_error', { text: 'no end; the picture no_end shows the page as it was left' });
  await page.screenshot({ path: path.join(pictures, 'no_end.png') });
  code = 124;
}
await browser.close();
process.exit(code);
