// Visits the page that the server shows at `/` as people do, in headless Chromium, and prints what it saw as JSON lines.
//
// node visit.mjs VISIT URL FOLDER
import { createRequire } from 'node:module';
import { readFileSync } from 'node:fs';
import path from 'node:path';

const require = createRequire(path.join(process.cwd(), 'tests/package.json'));
const { chromium } = require('playwright-core');

const [name, url, folder] = process.argv.slice(2);
const say = (kind, fields) => console.log(JSON.stringify({ kind, ...fields }));
const DESKTOP = { viewport: { width: 1280, height: 720 } };
// Fewer pixels, for visits whose pictures nobody looks at: a processor draws them.
const SMALL = { viewport: { width: 900, height: 560 }, deviceScaleFactor: 0.6 };
const PHONE = { viewport: { width: 390, height: 780 }, hasTouch: true, isMobile: true, deviceScaleFactor: 1 };
const WAIT_MS = 120_000;
// What the courtyard asks for by itself.
const BEGINNING = 12;
// Where the slab is that stands in a room, from where the player begins there.
const SLAB = [0, 1, -2];
// The wall between forge and gate.
const WALL = [-1.6, 1.9, -8.4];
// What shows them in the left half of a stereo picture.
const WALL_IN_EYE = [0.19, 0.4, 0.215, 0.5];
const SLAB_IN_EYE = [0.21, 0.58, 0.31, 0.74];

/** A visitor with a browser. */
class Visitor {
  static async arrive(options, prepare = async () => {}) {
    const browser = await chromium.launch({
      executablePath: '/usr/bin/chromium',
      headless: true,
      args: [
        '--no-sandbox', '--disable-quic', '--no-first-run', '--disable-background-networking',
        '--disable-component-update', '--disable-sync', '--use-gl=angle', '--use-angle=swiftshader',
        '--enable-unsafe-swiftshader', '--ignore-gpu-blocklist',
      ],
    });
    // Over https the certificate is the server's own, which people let pass once.
    const ignoreHTTPSErrors = url.startsWith('https:');
    const context = await browser.newContext({ ...options, acceptDownloads: true, ignoreHTTPSErrors });
    const page = await context.newPage();
    page.setDefaultTimeout(WAIT_MS);
    page.on('console', (message) => say('console', { level: message.type(), text: message.text() }));
    page.on('pageerror', (error) => say('page_error', { text: error.message }));
    page.on('crash', () => say('page_error', { text: 'the page crashed' }));
    const { hostname } = new URL(url);
    page.on('request', (request) => {
      const { protocol, hostname: asked } = new URL(request.url());
      if (!['blob:', 'data:'].includes(protocol) && asked !== hostname) say('foreign_request', { text: request.url() });
    });
    await prepare(page);
    await page.goto(url, { waitUntil: 'commit' });
    return new Visitor(browser, page);
  }

  constructor(browser, page) {
    this.browser = browser;
    this.page = page;
  }

  fact(key, value) {
    say('fact', { key, value });
  }

  /** Waits for the first frame that can be used; milliseconds since the address was entered. */
  async interactive() {
    const mark = () => performance.getEntriesByName('interactive')[0]?.startTime ?? 0;
    return this.until(mark, 'the first frame');
  }

  /** Asks a page's own scripts nothing but what a function of it returns, until that is something. */
  async until(ask, what, argument) {
    for (const endsAt = Date.now() + WAIT_MS; Date.now() < endsAt; await this.page.waitForTimeout(50)) {
      // A page that is loaded anew answers after that.
      const answer = await this.page.evaluate(ask, argument).catch(() => null);
      if (answer) return answer;
    }
    await this.picture('no_end');
    throw new Error(`Waited for ${what} in vain.`);
  }

  text(selector) {
    return this.page.locator(selector).innerText();
  }

  async open() {
    if (!(await this.page.locator('#panel').getAttribute('open').then((is) => is !== null))) await this.page.click('#panel summary');
  }

  /** Waits until everything that was asked for has ended. */
  async settled(lookMs = 1500) {
    const isSettled = (least) =>
      document.querySelectorAll('#log li').length >= least && document.querySelectorAll('#log progress').length === 0;
    await this.until(isSettled, 'the end of all requests', BEGINNING);
    // What is there is drawn with the next frame.
    await this.page.waitForTimeout(lookMs);
  }

  /** Waits until a row about some words has ended; its text. */
  async made(words) {
    const find = (wanted) => {
      const row = Array.from(document.querySelectorAll('#log li')).find((one) => one.textContent.includes(wanted));
      return row && !row.querySelector('progress') ? row.textContent : null;
    };
    return this.until(find, words, words);
  }

  async picture(picture) {
    await this.page.screenshot({ path: path.join(folder, `${picture}.png`), timeout: WAIT_MS });
  }

  leave() {
    return this.browser.close();
  }
}

const visits = {
  /** Comes, and waits until the courtyard is as it begins. */
  async arrival() {
    const visitor = await Visitor.arrive(DESKTOP);
    visitor.fact('interactive_ms', await visitor.interactive());
    await visitor.settled();
    visitor.fact('state', await visitor.text('#state'));
    await visitor.picture('courtyard');
    await visitor.open();
    await visitor.page.waitForTimeout(500);
    visitor.fact('figures', await visitor.text('#figures'));
    visitor.fact('log', await visitor.text('#log'));
    await visitor.picture('courtyard_panel');
    return visitor;
  },

  /** Looks at the clock only. */
  async load() {
    const visitor = await Visitor.arrive(DESKTOP);
    visitor.fact('interactive_ms', await visitor.interactive());
    await visitor.settled(0);
    visitor.fact('furnished_ms', await visitor.page.evaluate(() => performance.now()));
    visitor.fact('things', await visitor.page.locator('#log li').count());
    const loaded = () => performance.getEntriesByType('resource').reduce((sum, one) => sum + one.decodedBodySize, 0);
    visitor.fact('megabytes', (await visitor.page.evaluate(loaded)) / 1e6);
    return visitor;
  },

  /** Comes from another device of the network. */
  async lan() {
    const visitor = await Visitor.arrive(SMALL);
    await visitor.interactive();
    await visitor.settled(0);
    visitor.fact('state', await visitor.text('#state'));
    visitor.fact('is_secure', await visitor.page.evaluate(() => isSecureContext));
    visitor.fact('failed', await visitor.page.locator('#log .failed').count());
    return visitor;
  },

  /** Has no mouse. */
  async keyboard() {
    const visitor = await Visitor.arrive(SMALL);
    await visitor.interactive();
    await visitor.settled();
    const { keyboard } = visitor.page;
    const focused = () => visitor.page.evaluate(() => document.activeElement.id || document.activeElement.textContent.trim());
    const order = [];
    for (let stop = 0; stop < 24; stop += 1) {
      await keyboard.press('Tab');
      const name = await focused();
      if (name === order[0]) break;
      order.push(name);
    }
    visitor.fact('stops', order);
    await visitor.page.focus('#view');
    await keyboard.press('Tab');
    await keyboard.press('Shift+Tab');
    await visitor.picture('keyboard_before');
    const about = [];
    for (const key of ['', 'ArrowDown', 'KeyW', 'ArrowLeft']) {
      if (key) {
        await keyboard.down(key);
        await visitor.page.waitForTimeout(1500);
        await keyboard.up(key);
      }
      await keyboard.press('Enter');
      about.push(await visitor.text('#about'));
      await visitor.page.focus('#view');
    }
    visitor.fact('about', about);
    await visitor.picture('keyboard_after');
    await visitor.page.focus('#words');
    await keyboard.press('Shift+Tab');
    await visitor.page.evaluate(() => document.querySelector('button.mode[data-kind=talk]').focus());
    await keyboard.press('Enter');
    await keyboard.type('Good evening!');
    await keyboard.press('Enter');
    visitor.fact('answered', await visitor.made('Good evening!'));
    visitor.fact('read', await visitor.until(() => document.getElementById('spoken').textContent, 'words to read out'));
    await keyboard.press('Escape');
    visitor.fact('after_escape', await focused());
    return visitor;
  },

  /** Makes a wall and things of words, carries them, takes them away. */
  async mouse() {
    const visitor = await Visitor.arrive(SMALL);
    await visitor.interactive();
    await visitor.settled();
    const { page } = visitor;
    await visitor.picture('mouse_before');
    await page.click('button.mode[data-kind=surface]');
    visitor.fact('about_surface', await visitor.text('#about'));
    await page.keyboard.type('blue ceramic tiles');
    await page.keyboard.press('Enter');
    visitor.fact('surface', await visitor.made('blue ceramic tiles'));
    await page.waitForTimeout(1500);
    await visitor.picture('mouse_wall');
    const around = ([x, y]) => [(x - 32) / 900, (y - 48) / 560, (x + 32) / 900, (y + 6) / 560];
    const [from, to] = [[450, 372], [560, 376]];
    await page.mouse.click(...from);
    visitor.fact('about_ground', await visitor.text('#about'));
    await page.keyboard.type('a wooden crate');
    await page.keyboard.press('Enter');
    visitor.fact('prop', await visitor.made('a wooden crate'));
    visitor.fact('about_thing', await visitor.text('#about'));
    visitor.fact('crate', around(from));
    visitor.fact('crate_carried', around(to));
    await page.mouse.move(10, 300);
    await page.waitForTimeout(1500);
    await visitor.picture('mouse_prop');
    await page.mouse.move(from[0], from[1] - 12);
    await page.mouse.down();
    await page.mouse.move(500, 364, { steps: 3 });
    await page.mouse.move(...to, { steps: 3 });
    await page.mouse.up();
    await page.mouse.move(10, 300);
    await page.waitForTimeout(1500);
    await visitor.picture('mouse_carried');
    await page.click('#again');
    await visitor.settled();
    await page.click('#remove');
    visitor.fact('about_removed', await visitor.text('#about'));
    await page.waitForTimeout(1500);
    await visitor.picture('mouse_removed');
    await page.click('button.mode[data-kind=surface]');
    await page.fill('#words', '!!!');
    await page.keyboard.press('Enter');
    visitor.fact('refused', await visitor.made('!!!'));
    visitor.fact('told', await visitor.text('#trouble'));
    await page.click('button.mode[data-kind=prop]');
    await page.fill('#words', '???');
    await page.keyboard.press('Enter');
    await visitor.made('???');
    visitor.fact('about_refused', await visitor.text('#about'));
    return visitor;
  },

  /** Holds a phone. */
  async phone() {
    const visitor = await Visitor.arrive(PHONE);
    visitor.fact('interactive_ms', await visitor.interactive());
    await visitor.settled();
    const { page } = visitor;
    const fits = () => document.documentElement.scrollWidth <= innerWidth;
    visitor.fact('fits', await page.evaluate(fits));
    await page.tap('button.mode[data-kind=surface]');
    await page.locator('#suggestions button').first().tap();
    const first = await page.locator('#suggestions button').first().innerText();
    visitor.fact('made', await visitor.made(first));
    const cut = () =>
      Array.from(document.querySelectorAll('#ask button, #ask input, #panel summary'))
        .filter((one) => one.offsetParent !== null && one.closest('#suggestions') === null)
        .filter((one) => one.getBoundingClientRect().right > innerWidth || one.getBoundingClientRect().left < 0)
        .map((one) => one.id || one.textContent);
    visitor.fact('cut', await page.evaluate(cut));
    const stick = await page.locator('#stick').boundingBox();
    visitor.fact('has_stick', stick !== null);
    await page.waitForTimeout(600);
    await visitor.picture('phone');
    return visitor;
  },

  /** Keeps what is there. */
  async keeping() {
    const visitor = await Visitor.arrive(SMALL);
    await visitor.interactive();
    await visitor.settled();
    await visitor.open();
    for (const button of ['keep-panorama', 'keep-scene', 'keep-materials']) {
      const [download] = await Promise.all([visitor.page.waitForEvent('download'), visitor.page.click(`#${button}`)]);
      await download.saveAs(path.join(folder, download.suggestedFilename()));
      visitor.fact('kept', download.suggestedFilename());
      await visitor.page.waitForTimeout(300);
    }
    visitor.fact('said', await visitor.text('#kept'));
    await visitor.page.click('#forget');
    await visitor.until(() => document.getElementById('kept').textContent.startsWith('Forgotten'), 'what was forgotten');
    return visitor;
  },

  /** Is asked for a token, and has one. */
  async gate() {
    const [address, token] = url.split('#');
    const visitor = await Visitor.arrive(SMALL, async (page) => {
      page.goto = ((go) => (_, options) => go.call(page, address, options))(page.goto);
    });
    await visitor.interactive();
    await visitor.until(() => document.getElementById('gate').open, 'the question for a token');
    await visitor.picture('gate');
    await visitor.page.fill('#token', token.replace('token=', ''));
    await visitor.page.keyboard.press('Enter');
    await visitor.until(() => document.getElementById('state').textContent.startsWith('Connected'), 'a connection');
    visitor.fact('state', await visitor.text('#state'));
    return visitor;
  },

  vr: () => inHeadset('immersive-vr', 'vr'),
  ar: () => inHeadset('immersive-ar', 'ar'),
};

/** Wears an emulated Quest 3, points with the right hand, and chooses words in the panel. */
async function inHeadset(mode, button) {
  const module = (file) => readFileSync(path.join(process.cwd(), 'tests/node_modules', file), 'utf8');
  const room = mode === 'immersive-ar' ? module('@iwer/sem/captures/living_room.json') : null;
  const visitor = await Visitor.arrive({ viewport: { width: 1000, height: 560 }, deviceScaleFactor: 0.8 }, async (page) => {
    await page.addInitScript({ content: module('iwer/build/iwer.min.js') });
    if (room) await page.addInitScript({ content: module('@iwer/sem/build/iwer-sem.min.js') });
    await page.addInitScript(() => {
      window.device = new IWER.XRDevice(IWER.metaQuest3, { stereoEnabled: true });
      window.device.installRuntime({ forceInstall: true });
    });
  });
  const { page } = visitor;
  await visitor.interactive();
  await visitor.settled();
  if (room) {
    await page.evaluate(async (environment) => {
      device.installSEM(IWER_SEM.SyntheticEnvironmentModule);
      await device.sem.loadEnvironment(JSON.parse(environment));
    }, room);
  }
  await page.click(`#${button}`);
  await page.waitForTimeout(1500);
  await visitor.picture(`${button}_begins`);
  /** Points the right hand from a place at another, in the session's space. */
  const point = (from, at) =>
    page.evaluate(
      ([[x, y, z], [tx, ty, tz]]) => {
        const { right } = device.controllers;
        const [dx, dy, dz] = [tx - x, ty - y, tz - z];
        const [yaw, pitch] = [Math.atan2(-dx, -dz), Math.atan2(dy, Math.hypot(dx, dz))];
        const [cy, sy, cp, sp] = [Math.cos(yaw / 2), Math.sin(yaw / 2), Math.cos(pitch / 2), Math.sin(pitch / 2)];
        right.position.set(x, y, z);
        right.quaternion.set(cy * sp, sy * cp, -sy * sp, cy * cp);
      },
      [from, at],
    );
  const press = async (control) => {
    await page.evaluate((name) => device.controllers.right.updateButtonValue(name, 1), control);
    // A session looks at buttons once a frame, and frames drawn by a processor take long.
    await page.waitForTimeout(2000);
    await page.evaluate((name) => device.controllers.right.updateButtonValue(name, 0), control);
    await page.waitForTimeout(400);
  };
  const hand = [0.2, 1.3, -0.2];
  await point(hand, mode === 'immersive-vr' ? WALL : SLAB);
  await page.waitForTimeout(1500);
  await visitor.picture(`${button}_points`);
  await press('trigger');
  const isOpen = () => !document.getElementById('about').textContent.startsWith('Say');
  await visitor.until(isOpen, 'a surface that was chosen');
  visitor.fact('about', await visitor.text('#about'));
  // The second of the words: where the panel opens, its upper right.
  await point(hand, [0.2, 1.6 - 0.22 + 0.13, -1.15]);
  await page.waitForTimeout(1500);
  await visitor.picture(`${button}_menu`);
  await press('trigger');
  const words = await page.locator('#suggestions button').nth(1).innerText();
  visitor.fact('words', words);
  visitor.fact('where', mode === 'immersive-vr' ? WALL_IN_EYE : SLAB_IN_EYE);
  const isAsked = (wanted) => document.querySelector('#log li')?.textContent.startsWith(wanted);
  await visitor.until(isAsked, 'words that were chosen', words);
  visitor.fact('made', await visitor.made(words));
  await page.waitForTimeout(1500);
  await visitor.picture(`${button}_after`);
  await page.evaluate(() => device.controllers.right.updateAxes('thumbstick', 1, 0));
  await page.waitForTimeout(1500);
  await visitor.picture(`${button}_turned`);
  return visitor;
}

const visitor = await visits[name]();
await visitor.leave();
