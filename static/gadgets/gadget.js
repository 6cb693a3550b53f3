/** What both gadgets do when their module arrives: one start, the hub, the library, the session, the height. */
import { Finesse, authHeader } from './finesse.js';
import { keepHeight } from './height.js';
import { readParameters } from './parameters.js';
import { Session } from './session.js';
import { Text } from './text.js';

/**
 * @typedef {object} Surroundings what a gadget's element works with
 * @property {Finesse} bridge
 * @property {Session} session
 * @property {Text} text
 * @property {import('./parameters.js').Parameters} parameters
 */

/**
 * @param {string} tag
 * @param {CustomElementConstructor & { new (surroundings: Surroundings): HTMLElement & { begin(): void, show(visible: boolean): void, online(): void } }} Gadget
 */
export async function open(tag, Gadget) {
  const shell = window.finessePulse;
  if (!shell.arrive()) return;
  const bridge = new Finesse();
  const text = new Text(bridge.language, bridge.country);
  document.documentElement.lang = text.t('shell.lang');
  const parameters = readParameters(location.search, bridge.getPref);
  const session = new Session({ base: shell.base, user: bridge.user, getCredential: () => authHeader() });

  customElements.define(tag, Gadget);
  const gadget = new Gadget({ bridge, session, text, parameters });
  const root = /** @type {HTMLElement} */ (document.getElementById('pulse'));
  root.append(gadget);
  const height = keepHeight(bridge, root, { fixed: parameters.gadgetHeight });
  shell.dismissLoading();

  await shell.connected;
  bridge.start();
  bridge.watchVisibility((visible) => {
    height.show(visible);
    gadget.show(visible);
  });
  bridge.watchCanvas((canvas, limit) => height.setCanvas(canvas, limit));
  window.addEventListener('online', () => gadget.online());
  gadget.begin();
}
