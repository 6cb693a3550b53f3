/** What both gadgets do when their module arrives: one start, the hub, the library, the session, the height. */
import { html, render } from 'lit';
import { Problem } from './api.js';
import { arrive, turnsOf } from './arrival.js';
import { CommentText } from './comment.js';
import { Finesse, authHeader } from './finesse.js';
import { keepHeight } from './height.js';
import { Memory } from './memory.js';
import { readParameters } from './parameters.js';
import { problemMessage } from './pieces.js';
import { Session } from './session.js';
import { Text } from './text.js';

/**
 * @typedef {object} Surroundings what a gadget's element works with
 * @property {Finesse} bridge
 * @property {Session} session
 * @property {Text} text
 * @property {Memory} memory
 * @property {import('./parameters.js').Parameters} parameters
 */

/** @typedef {HTMLElement & { begin(ahead: Promise<void>): void, show(visible: boolean): void, online(): void }} Element */

/**
 * Finesse's library is there once the page is read to its end; behind Cisco's reverse proxy the module may come before.
 *
 * @returns {Promise<void>}
 */
const pageRead = () =>
  new Promise((resolve) => {
    const look = () => document.readyState !== 'loading' && resolve();
    document.addEventListener('readystatechange', look);
    look();
  });

/** What stands in the gadget's place where Finesse's library did not load. @param {Text} text */
const withoutLibrary = (text) => html`<section class="gadget" role="alert" data-state="problem">
  ${problemMessage(text, new Problem('library_missing', -1), () => location.reload())}
</section>`;

/**
 * Start the gadget where it is the one of this shell.
 *
 * @param {string} tag
 * @param {CustomElementConstructor & { new (surroundings: Surroundings): Element }} Gadget
 * @param {string} style
 */
export async function open(tag, Gadget, style) {
  const shell = window.finessePulse;
  if (tag !== `pulse-${shell.gadget}` || !shell.arrive()) return;
  document.head.append(Object.assign(document.createElement('style'), { textContent: style }));
  await pageRead();
  const bridge = new Finesse();
  const text = new Text(bridge.language, bridge.country, () => Date.now() + bridge.drift);
  document.documentElement.lang = text.t('shell.lang');
  const parameters = readParameters(location.search, bridge.getPref);
  const root = /** @type {HTMLElement} */ (document.getElementById('pulse'));
  const height = keepHeight(bridge, root, { fixed: parameters.gadgetHeight });
  shell.dismissLoading();
  if (!bridge.isThere) return render(withoutLibrary(text), root);
  const session = new Session({ base: shell.base, user: bridge.user, getCredential: () => authHeader() });

  const memory = new Memory(bridge.user);

  customElements.define('pulse-comment', CommentText);
  customElements.define(tag, Gadget);
  const gadget = new Gadget({ bridge, session, text, memory, parameters });
  root.append(gadget);

  await shell.connected;
  bridge.start();
  bridge.watchVisibility((visible) => {
    height.show(visible);
    gadget.show(visible);
  });
  bridge.watchCanvas((canvas, limit) => height.setCanvas(canvas, limit));
  window.addEventListener('online', () => gadget.online());
  const turns = turnsOf(arrive(memory));
  session.hold(turns.waitedFor);
  gadget.begin(turns.ahead);
}
