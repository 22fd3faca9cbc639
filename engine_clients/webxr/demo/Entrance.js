import { dialog, element, input } from './page.js';

/** Lets the player in: connects, and asks for a token where the server wants one. */
export class Entrance {
  #bridge;

  /** @param {import('vrbridge').VRBridge} bridge */
  constructor(bridge) {
    this.#bridge = bridge;
    element('address').textContent = `${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/ws`;
    bridge.on('connected', () => {
      const { server, capabilities } = bridge;
      element('capabilities').textContent =
        `${Object.keys(capabilities).join(', ')} (${server.name} ${server.version}).`;
    });
    element('gate-form').addEventListener('submit', () => this.#enter(input('token').value.trim()));
  }

  open() {
    this.#bridge.connect().catch((error) => {
      // Everything else is told by the panel, and tried again.
      if (error.code === 'unauthorized') dialog('gate').showModal();
    });
  }

  /** @param {string} token */
  #enter(token) {
    // What was asked for without it has failed; the page begins anew with it.
    location.hash = new URLSearchParams({ token }).toString();
    location.reload();
  }
}
