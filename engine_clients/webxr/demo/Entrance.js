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
    bridge.on('error', ({ code }) => {
      if (code === 'unauthorized' && !bridge.isOpen && !dialog('gate').open) dialog('gate').showModal();
    });
    // Without a token there is nothing behind it.
    dialog('gate').addEventListener('cancel', (event) => event.preventDefault());
    element('gate-form').addEventListener('submit', () => this.#enter(input('token').value.trim()));
  }

  open() {
    // Told by the panel, and tried again for as long as the page is open.
    this.#bridge.connect({ giveUpS: Infinity }).catch(() => {});
  }

  /** @param {string} token */
  #enter(token) {
    // What was asked for without it has failed; the page begins anew with it.
    location.hash = new URLSearchParams({ token }).toString();
    location.reload();
  }
}
