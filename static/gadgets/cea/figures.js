/** One pulse that is kept fresh: its query, its ETag, its poll. */
import { Poll } from '../poll.js';

export class Figures {
  /**
   * @param {object} options
   * @param {import('../session.js').Session} options.session
   * @param {() => Record<string, string>} options.query asked anew for each request
   * @param {(pulse: Pulse, isNew: boolean) => void} options.onPulse
   * @param {(problem: import('../api.js').Problem) => void} options.onProblem
   */
  constructor({ session, query, onPulse, onProblem }) {
    this.session = session;
    this.query = query;
    this.onPulse = onPulse;
    /** @type {{ path: string, etag: string | null, pulse: Pulse } | null} */
    this.kept = null;
    this.poll = new Poll((signal) => this.ask(signal), onProblem);
  }

  /** The browser asks with the ETag that it keeps. @param {AbortSignal} signal @returns {Promise<number>} seconds until the next one is due */
  async ask(signal) {
    const path = pathOf('/gadgets/pulse', await this.prepared());
    const response = await this.session.ask(path, { signal });
    const etag = response.headers.get('ETag');
    const isSame = etag !== null && this.kept?.path === path && this.kept.etag === etag;
    const pulse = isSame && this.kept ? this.kept.pulse : /** @type {Pulse} */ (await response.json());
    if (!signal.aborted) {
      this.kept = { path, etag, pulse };
      this.onPulse(pulse, !isSame);
    }
    return pulse.pollAfter;
  }

  /** The query may depend on who is signed in. */
  async prepared() {
    await this.session.getToken();
    return this.query();
  }
}

/** @param {string} path @param {Record<string, string>} query empty values are left out */
export function pathOf(path, query) {
  const given = Object.entries(query).filter(([, value]) => value !== '');
  return `${path}?${new URLSearchParams(given)}`;
}

/**
 * Save what a path gives, under the name that the server gives it; a link of its own could not carry the session.
 *
 * @param {import('../session.js').Session} session
 * @param {string} path
 * @param {string} usualName where the server's cannot be read
 * @returns {Promise<string>} the name of the file
 */
export async function save(session, path, usualName) {
  const response = await session.ask(path);
  const address = URL.createObjectURL(await response.blob());
  const link = document.createElement('a');
  link.href = address;
  link.download = fileName(response.headers.get('Content-Disposition')) ?? usualName;
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
  return link.download;
}

/** @param {string | null} disposition */
export function fileName(disposition) {
  const found = /filename="?([\w .()-]+?)"?(?:;|$)/.exec(disposition ?? '');
  return found ? found[1] : null;
}
