import { addressOf } from '../src/session/addressOf.js';
import { test } from './runner.js';
import { SessionDesk } from './session_desk.js';

test('a session is added to what the page gave', async (t) => {
  const golden = await (await fetch('/wire/resume_addresses.json')).json();
  t.check(golden.length > 5, `${golden.length} golden addresses`);
  for (const { url, session, address } of golden) t.equal(addressOf(url, session), address);
});

test('a connection says which session it goes on with', (t) => {
  const desk = new SessionDesk();
  const comeBack = () => {
    const nOpened = desk.socket.nOpened;
    desk.cut();
    desk.turn(0.3);
    t.equal(desk.socket.nOpened, nOpened + 1);
  };
  desk.greet(false, { session: 'a-1' });
  t.equal(desk.socket.url, 'ws://test/ws');
  comeBack();
  t.equal(desk.socket.url, 'ws://test/ws?session=a-1');
  desk.greet(true, { session: 'a-1' });
  comeBack();
  t.equal(desk.socket.url, 'ws://test/ws?session=a-1');
  desk.greet(false, { session: 'b-2' });
  comeBack();
  t.equal(desk.socket.url, 'ws://test/ws?session=b-2');
});
