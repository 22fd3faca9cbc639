import { SessionHost } from './SessionHost.js';
import { WebSocketPort } from './WebSocketPort.js';

// Acknowledgements, waits and time-outs are no more precise than this.
const TICK_MS = 50;

const host = new SessionHost(
  (sent, transfer) => self.postMessage(sent, { transfer }),
  (listeners) => new WebSocketPort(listeners),
  () => performance.now() / 1000,
);
self.onmessage = ({ data }) => host.take(data);
setInterval(() => host.advance(), TICK_MS);
