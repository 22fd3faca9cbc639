import { FrameBudget } from '../src/FrameBudget.js';
import { backoffS } from '../src/session/backoff.js';
import { test } from './runner.js';
import { SessionDesk } from './session_desk.js';

test('a greeting says who and what', (t) => {
  const desk = new SessionDesk();
  desk.open();
  const [hello] = desk.socket.sent;
  t.equal([hello.type, hello.version], ['hello', 1]);
  t.equal(hello.receive, { chunk_bytes: 1024, window_bytes: 4096 });
  t.check(!('token' in hello) && !('resume' in hello), 'nothing that is not there');
  desk.greet();
  t.equal(desk.link.phase, 'welcome');
});

test('an answer comes in order and ends once', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask({ kind: 'dialogue', params: {} });
  desk.say({ type: 'accepted', id, position: 2 });
  desk.say({ type: 'accepted', id, position: 0 });
  desk.say({ type: 'text', id, text: 'Grüß ', offset: 0 });
  desk.say({ type: 'text', id, text: 'Grüß ', offset: 0 });
  desk.say({ type: 'text', id, text: '🙂dich', offset: 5 });
  desk.say({ type: 'text', id, text: '!', offset: 10 });
  desk.say({ type: 'action', id, name: 'wave', arguments: {} });
  desk.say({ type: 'done', id, result: { text: 'Grüß 🙂dich!' }, timing: {} });
  desk.say({ type: 'error', id, code: 'internal', message: 'late', retryable: true });
  const events = desk.eventsOf(id);
  t.equal(
    events.map((event) => event.type),
    ['accepted', 'text', 'text', 'text', 'action', 'completed'],
  );
  t.equal(
    events
      .filter((event) => event.type === 'text')
      .map((event) => event.text)
      .join(''),
    'Grüß 🙂dich!',
  );
  t.equal(events.at(-1).result, { text: 'Grüß 🙂dich!' });
  t.equal(desk.core.received, 9);
  t.equal(desk.core.openRequests, []);
});

test('an error says what to do', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask();
  const fields = { message: 'Take a power of two.', retryable: false, field: 'params.size_px', retry_after_s: 2.5 };
  desk.say({ type: 'error', id, code: 'invalid_params', ...fields });
  const wanted = {
    code: 'invalid_params',
    message: 'Take a power of two.',
    retryable: false,
    retryAfterS: 2.5,
    field: 'params.size_px',
  };
  t.equal(desk.eventsOf(id)[0].error, wanted);
});

test('an asset is put together and checked', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask();
  const body = SessionDesk.bytes(3000);
  desk.announce(id, 7, body);
  desk.chunk(7, body, 0, 1024);
  desk.chunk(7, body, 1024, 2048);
  desk.chunk(7, body, 2048, 3000);
  t.equal(
    desk.assetsOf(id).map((asset) => asset.data),
    [body],
  );
  t.equal(desk.told.filter((output) => output.type === 'asset_grew').length, 2);
});

test('an empty asset is complete at once', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask();
  desk.announce(id, 1, new Uint8Array());
  t.equal(desk.assetsOf(id).length, 1);
});

test('a damaged asset fails its request and stops it', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask();
  const body = SessionDesk.bytes(100);
  desk.announce(id, 1, body);
  body[50] += 1;
  desk.chunk(1, body, 0, 100);
  t.equal(
    desk.eventsOf(id).map((event) => event.error.code),
    ['digest_mismatch'],
  );
  t.equal(desk.socket.sentOf('cancel').length, 1);
  desk.say({ type: 'error', id, code: 'cancelled', message: '', retryable: false });
  t.equal(desk.eventsOf(id).length, 1, 'the first end stays');
  t.equal(desk.assetsOf(id).length, 0);
});

test('credit grows with what is put together and stops while too much is held', (t) => {
  const desk = new SessionDesk({ maxHeldBytes: 2000 });
  desk.greet();
  const id = desk.ask();
  const body = SessionDesk.bytes(1024);
  const limits = () => desk.socket.sentOf('credit').map((message) => message.limit);
  for (const number of [0, 1]) {
    desk.announce(id, number, body);
    desk.chunk(number, body, 0, 1024);
  }
  t.equal(limits(), [5120]);
  desk.announce(id, 2, body);
  desk.chunk(2, body, 0, 1024);
  t.equal(limits(), [5120], '3 KiB are held, 2,000 bytes may be');
  desk.core.consumed(1024);
  desk.core.consumed(1024);
  desk.turn();
  t.equal(limits(), [5120, 7168]);
});

test('a cut in an asset goes on from its last byte', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask();
  const body = SessionDesk.bytes(3000);
  desk.announce(id, 7, body);
  desk.chunk(7, body, 0, 1024);
  desk.cut();
  t.equal(desk.waits, [0.125]);
  desk.turn(0.2);
  t.equal(desk.socket.nOpened, 2);
  desk.open();
  t.equal(desk.socket.sent[0].resume, { session: 's', secret: 'x', received: 1, assets: [{ asset: 7, offset: 1024 }] });
  desk.greet(true, { secret: 'y' });
  t.equal(desk.socket.sentOf('ack').length, 1, 'the first acknowledgement retires the secret');
  // It was not accepted yet as far as this side knows: the id makes it safe to send it again.
  t.equal(desk.socket.sentOf('request').length, 1);
  desk.chunk(7, body, 1024, 2048);
  desk.chunk(7, body, 2048, 3000);
  desk.say({ type: 'done', id, result: {}, timing: {} });
  t.equal(
    desk.assetsOf(id).map((asset) => asset.data),
    [body],
  );
  t.equal(
    desk.eventsOf(id).map((event) => event.type),
    ['completed'],
  );
});

test('a gap closes and resumes', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask();
  desk.say({ type: 'accepted', id, position: 0 });
  desk.seq += 1;
  desk.say({ type: 'done', id, result: {}, timing: {} });
  t.equal(desk.socket.closedWith, 4010);
  t.equal(desk.eventsOf(id).length, 1, 'what came after the gap does not count');
  desk.cut(4010);
  desk.turn(0.5);
  desk.open();
  t.equal(desk.socket.sent[0].resume.received, 1);
});

test('an end before the last chunk is a gap', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask();
  desk.announce(id, 1, SessionDesk.bytes(2000));
  desk.say({ type: 'done', id, result: {}, timing: {} });
  t.equal([desk.socket.closedWith, desk.core.received], [4010, 1]);
});

test('a lost session sends requests again that may be', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const again = desk.ask();
  const onlyOnce = desk.ask({ kind: 'dialogue', params: {} }, false);
  const stopped = desk.ask();
  desk.core.cancel(stopped);
  desk.say({ type: 'accepted', id: again, position: 0 });
  desk.cut();
  desk.turn(0.3);
  desk.greet(false, { session: 't' });
  t.equal(
    desk.socket.sentOf('request').map((message) => message.id),
    [again],
  );
  t.equal(desk.told.filter((output) => output.type === 'session_lost').length, 1);
  t.equal(
    desk.eventsOf(again).map((event) => event.type),
    ['accepted', 'restarted'],
  );
  t.equal(desk.eventsOf(onlyOnce)[0].error.code, 'session_lost');
  t.equal(desk.eventsOf(stopped)[0].error.code, 'cancelled');
  desk.say({ type: 'done', id: again, result: {}, timing: {} });
  t.equal(desk.eventsOf(again).at(-1).type, 'completed');
});

test('waits grow and a welcome ends them', (t) => {
  const desk = new SessionDesk();
  desk.link.start(0);
  for (let attempt = 0; attempt < 9; attempt += 1) {
    desk.cut();
    desk.turn(/** @type {number} */ (desk.waits.at(-1)) + 0.02);
  }
  t.equal(desk.waits, [0.125, 0.25, 0.5, 1, 2, 4, 8, 10, 10], 'half of the bound');
  desk.greet();
  desk.cut();
  t.equal(desk.waits.at(-1), 0.125);
  t.equal([backoffS(0, 0), backoffS(100, 0.999) < 20], [0, true]);
});

test('a server that says nothing to a greeting is left', (t) => {
  const desk = new SessionDesk();
  desk.open();
  desk.turn(9);
  t.equal(desk.waits.length, 0);
  desk.turn(2);
  t.check(desk.waits.length === 1 && desk.socket.nOpened === 2, 'it tries again');
});

test('it gives up after a time', (t) => {
  const desk = new SessionDesk({ giveUpS: 5 });
  desk.link.start(0);
  while (desk.nowS < 20 && desk.errors.length === 0) {
    desk.cut();
    desk.turn(0.1);
  }
  t.equal(
    desk.errors.map((error) => error.code),
    ['cannot_connect'],
  );
  t.check(desk.nowS > 5 && desk.nowS < 12, `at ${desk.nowS} s`);
  t.equal(desk.link.phase, 'ended');
});

test('what makes no sense to repeat is not repeated', (t) => {
  for (const code of [1002, 1003, 1007, 1008, 1009, 4501, 4503, 4509, 4526]) {
    const desk = new SessionDesk();
    desk.link.start(0);
    desk.cut(code);
    desk.turn(60);
    t.equal([desk.errors.length, desk.socket.nOpened], [1, 1], `code ${code}`);
    t.equal(desk.errors[0].code, code === 4501 ? 'unauthorized' : 'cannot_connect');
  }
  for (const code of [1000, 1001, 1006, 1011, 4010, 4408, 4413, 4429, 4490]) {
    const desk = new SessionDesk();
    desk.link.start(0);
    desk.cut(code);
    desk.turn(1);
    t.equal(desk.socket.nOpened, 2, `code ${code}`);
  }
});

test('what is no address is told at once', (t) => {
  const desk = new SessionDesk();
  desk.socket.isAddress = false;
  desk.link.start(0);
  t.equal([desk.errors[0].code, desk.link.phase], ['cannot_connect', 'ended']);
});

test('its own ghost does not end a session', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  desk.cut();
  desk.turn(0.2);
  // This greeting stays without an answer; it may arrive late and take the session over.
  desk.open();
  desk.cut();
  desk.turn(1);
  desk.greet(true);
  desk.cut(4509);
  desk.turn(1);
  t.equal(desk.errors.length, 0, 'that was this client itself');
  desk.greet(true);
  desk.cut(4509);
  desk.turn(1);
  t.equal(desk.errors.length, 1, 'and this was somebody else');
});

test('a silent server is asked and then left', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  desk.turn(11);
  t.check(desk.socket.sentOf('ping').length >= 1, 'it is asked');
  desk.turn(12);
  t.check(desk.waits.length >= 1, 'it is left');
});

test('a page that stood still blames nobody', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  desk.turn(1);
  desk.nowS += 100;
  desk.turn(4);
  t.equal([desk.waits.length, desk.socket.nOpened], [0, 1]);
});

test('a draining server is left when all is done', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask();
  desk.hear({ type: 'goaway', reconnect_after_s: 1, reason: 'draining' });
  desk.turn(2);
  t.equal(desk.socket.closedWith, 0, 'a request is open');
  desk.say({ type: 'done', id, result: {}, timing: {} });
  desk.turn(0.1);
  t.equal(desk.socket.closedWith, 1001);
  desk.cut(1001);
  desk.turn(0.3);
  t.equal(desk.socket.nOpened, 2);
});

test('a draining server that closes is left alone for the time that it told', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  desk.ask();
  desk.hear({ type: 'goaway', reconnect_after_s: 3, reason: 'draining' });
  desk.cut(4490);
  t.equal(desk.waits, [3.125]);
});

test('a server of another version is refused', (t) => {
  const desk = new SessionDesk();
  desk.greet(false, { version: 2 });
  desk.cut(4526);
  t.equal(desk.errors.length, 1);
  t.check(desk.errors[0].message.includes('version'), desk.errors[0].message);
});

test('what it does not know it passes over', (t) => {
  const desk = new SessionDesk();
  desk.greet(false, { surprise: [1, 2] });
  desk.hear({ type: 'aurora', green: true });
  desk.say({ type: 'borealis' });
  desk.hear({ type: 'pong', t: 1, server_s: 2, more: {} });
  t.equal([desk.core.received, desk.socket.closedWith], [1, 0]);
});

test('malformed messages close with their code', (t) => {
  for (const [hex, code] of /** @type {[number[], number][]} */ ([
    [[0xc1], 1007],
    [[0x80], 1007],
    [[0x81, 0xa4, 0x74, 0x79, 0x70, 0x65, 0xc0], 1007],
    [[0x93, 1, 2, 3], 1007],
  ])) {
    const desk = new SessionDesk();
    desk.greet();
    desk.link.received(0, Uint8Array.from(hex));
    t.equal(desk.socket.closedWith, code, String(hex));
  }
  const desk = new SessionDesk();
  desk.greet();
  desk.link.received(0, 'text');
  t.equal(desk.socket.closedWith, 1003);
  const early = new SessionDesk();
  early.open();
  early.hear({ type: 'text', id: 1, text: 'x', offset: 0, seq: 1 });
  t.equal(early.socket.closedWith, 1002, 'before the welcome');
});

test('requests are bounded in number and size', (t) => {
  const desk = new SessionDesk();
  desk.greet(false, { limits: { max_open_requests: 2, max_message_bytes: 200 } });
  const code = (/** @type {Record<string, any>} */ params, id = 1) =>
    desk.core.request(id, { kind: 'texture', params })?.code;
  t.equal(code({ prompt: 'x'.repeat(300) }), 'too_large');
  t.equal(code({ prompt: new Map() }), 'invalid_params');
  t.equal(
    Array.from({ length: 8 }, (_, place) => code({}, 1 + place)),
    new Array(8).fill(undefined),
  );
  t.equal(code({}, 9), 'rate_limited');
});

test('what finds no room goes out later and in order', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  desk.socket.bufferedBytes = 1 << 24;
  desk.ask();
  desk.ask();
  t.equal(desk.socket.sentOf('request').length, 0);
  desk.socket.bufferedBytes = 0;
  desk.turn();
  t.equal(
    desk.socket.sentOf('request').map((message) => message.id),
    [1, 2],
  );
});

test('acknowledgements come in time', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask();
  desk.turn(0.3);
  for (let number = 0; number < 5; number += 1)
    desk.say({ type: 'progress', id, stage: 'generate', fraction: 0.1 * number });
  desk.turn(0.3);
  t.equal(desk.socket.sentOf('ack').at(-1), { type: 'ack', received: 5 });
  desk.say({ type: 'done', id, result: {}, timing: {} });
  t.equal(desk.socket.sentOf('ack').at(-1), { type: 'ack', received: 6 });
  const second = desk.ask();
  for (let number = 0; number < 16; number += 1) desk.say({ type: 'progress', id: second, stage: 's', fraction: 0 });
  t.equal(desk.socket.sentOf('ack').at(-1), { type: 'ack', received: 22 }, 'sixteen are enough');
});

test('what was heard is told again after a cut', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  desk.core.heard(1, 12);
  desk.cut();
  desk.turn(0.3);
  desk.greet(true);
  t.equal(desk.socket.sentOf('heard'), [{ type: 'heard', id: 1, characters: 12 }]);
});

test('the newest context goes out as often as the server wants and no more', (t) => {
  const desk = new SessionDesk();
  desk.greet(false, { limits: { context_hz: 5 } });
  for (let turn = 0; turn < 20; turn += 1) {
    desk.link.updateContext({ place: `p${turn}` });
    desk.turn(0.05);
  }
  const places = desk.socket.sentOf('context').map((message) => message.place);
  t.check(places.length >= 5 && places.length <= 6, `sent ${places}`);
  desk.link.updateContext({ place: 'here' });
  desk.link.hastenContext();
  desk.ask();
  t.equal(
    desk.socket.sent.slice(-2).map((message) => message.type),
    ['context', 'request'],
    'before a question',
  );
  t.equal(desk.socket.sentOf('context').at(-1)?.place, 'here');
});

test('a dropped connection resumes and nothing of the old one counts', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask();
  desk.link.drop();
  t.equal([desk.link.phase, desk.waits.length], ['waiting', 1]);
  desk.say({ type: 'accepted', id, position: 0 });
  t.equal(desk.core.received, 0);
  desk.turn(0.3);
  desk.open();
  t.equal(desk.socket.sent[0].resume.session, 's');
});

test('requests that are open when it gives up fail', (t) => {
  const desk = new SessionDesk();
  desk.greet();
  const id = desk.ask();
  const outputs = desk.core.failAll({ code: 'cannot_connect', message: 'gone' });
  t.equal(outputs, [
    { type: 'event', id, event: { type: 'failed', error: { code: 'cannot_connect', message: 'gone' } } },
  ]);
  t.equal(desk.core.openRequests, []);
});

test('a frame takes what fits into its budget and something at least', (t) => {
  let nowMs = 0;
  const budget = new FrameBudget(1.5, () => nowMs);
  /** @type {string[]} */
  const done = [];
  for (const name of ['a', 'b', 'c']) {
    let left = 2;
    budget.add(() => {
      nowMs += 0.6;
      done.push(name);
      left -= 1;
      return left === 0;
    });
  }
  budget.addHeavy(() => {
    nowMs += 5;
    done.push('heavy');
  });
  budget.addHeavy(() => {
    nowMs += 5;
    done.push('heavy');
  });
  const frames = [];
  while (budget.nWaiting > 0 && frames.length < 20) {
    budget.begin();
    budget.run();
    budget.end();
    frames.push(done.splice(0).join(' '));
  }
  t.equal(frames, ['heavy', 'a a b', 'heavy', 'b c c']);
});

test('after a long frame it takes a tenth of that, and not more than is felt', (t) => {
  let nowMs = 0;
  const budget = new FrameBudget(1.5, () => nowMs);
  for (let number = 0; number < 30; number += 1) {
    budget.addHeavy(() => {
      nowMs += 2;
    });
  }
  const took = [10, 50, 90, 5000].map((sinceLastMs) => {
    const before = budget.nWaiting;
    budget.begin(sinceLastMs);
    budget.run();
    budget.end();
    return before - budget.nWaiting;
  });
  t.equal(took, [1, 1, 5, 10]);
});
