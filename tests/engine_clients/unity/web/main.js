// Does with the plugin what `BrowserSocket` does, and tells what came of it.
const config = JSON.parse(new URLSearchParams(location.search).get('config'));
const tell = (what) => console.log(`TOLD ${JSON.stringify(what)}`);
const frame = () => new Promise((resolve) => setTimeout(resolve, 4));
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
const unhex = (digits) => Uint8Array.from(digits.match(/../g), (pair) => Number.parseInt(pair, 16));

const open = (url) => VRBridgeSocketOpen(text(url), text('vrbridge.v1', OTHER_TEXT));

async function settled(id) {
  while (VRBridgeSocketState(id) === 0) await frame();
  return id;
}

async function closed(id) {
  while (VRBridgeSocketState(id) !== 2) await frame();
  const length = VRBridgeSocketCloseReason(id, BUFFER, 124);
  return [VRBridgeSocketCloseCode(id), new TextDecoder().decode(HEAPU8.slice(BUFFER, BUFFER + length))];
}

function send(id, bytes) {
  HEAPU8.set(bytes, BUFFER);
  return VRBridgeSocketSend(id, BUFFER, bytes.length);
}

async function next(id) {
  let length = VRBridgeSocketNext(id);
  while (length === -1) {
    await frame();
    length = VRBridgeSocketNext(id);
  }
  if (length === -2) return 'text';
  VRBridgeSocketTake(id, BUFFER, length);
  return hex(HEAPU8.subarray(BUFFER, BUFFER + length));
}

async function talk() {
  const id = await settled(open(config.server));
  const greeted = send(id, unhex(config.hello));
  const messages = [await next(id)];
  send(id, unhex(config.request));
  while (!messages.at(-1).includes(config.last)) messages.push(await next(id));
  VRBridgeSocketClose(id, 1000, text(''));
  tell({ talk: { greeted, messages, closed: await closed(id), unsent: send(id, unhex(config.hello)) } });
}

async function main() {
  tell({ nonsense: open('nonsense://') });
  await talk();
  const refused = await settled(open(config.server));
  send(refused, unhex(config.forged));
  tell({ refused: await closed(refused) });
  tell({ nowhere: await closed(open(config.nowhere)) });
  const fault = await settled(open(config.server));
  send(fault, unhex(config.hello));
  await next(fault);
  VRBridgeSocketClose(fault, 1002, text('a fault'));
  tell({ fault: await closed(fault) });
  VRBridgeSockets.maxWaitingBytes = 100;
  const flooded = await settled(open(config.server));
  send(flooded, unhex(config.hello));
  tell({ flooded: await closed(flooded) });
  for (const id of Object.keys(VRBridgeSockets.all)) VRBridgeSocketFree(id);
  tell({ left: Object.keys(VRBridgeSockets.all).length });
}

main().then(
  () => (window.exitCode = 0),
  (error) => {
    console.error(String(error));
    window.exitCode = 1;
  },
);
