/** One pulse that is kept fresh: its query, its ETag, its poll; a controller of the element that shows it. */
import { Poll } from '../poll.js';

/** @typedef {import('../api.js').Problem} Problem */

/**
 * @typedef {object} About a pulse that came
 * @property {boolean} isNew whether anything was counted anew
 * @property {boolean} isChosen whether somebody has just asked for it
 * @property {boolean} isFirst whether there was none before
 */

export class Figures {
  /**
   * @param {import('lit').ReactiveControllerHost} host
   * @param {object} options
   * @param {import('../session.js').Session} options.session
   * @param {() => Record<string, string>} options.query asked anew for each request
   * @param {(pulse: Pulse, about: About) => void} options.onPulse
   * @param {(problem: Problem) => void} options.onProblem
   */
  constructor(host, { session, query, onPulse, onProblem }) {
    this.host = host;
    this.session = session;
    this.query = query;
    this.onPulse = onPulse;
    this.onProblem = onProblem;
    /** @type {Pulse | null} what is shown; while another question is on its way, the answer to the last one */
    this.pulse = null;
    /** @type {Problem | null} why it is not fresh */
    this.problem = null;
    this.freshAt = new Date();
    /** Whether the answer to a question that somebody asked is on its way. */
    this.isAwaited = false;
    /** @type {{ path: string, etag: string, pulse: Pulse } | null} */
    this.kept = null;
    this.poll = new Poll((signal) => this.ask(signal), (problem) => this.fail(problem));
    host.addController(this);
  }

  hostDisconnected() {
    this.poll.stop();
  }

  /** Ask now, and again and again. */
  start() {
    this.isAwaited = true;
    this.poll.start();
    this.host.requestUpdate();
  }

  /** Show nothing, ask nothing. */
  clear() {
    this.poll.stop();
    this.pulse = this.kept = this.problem = null;
    this.isAwaited = false;
    this.host.requestUpdate();
  }

  /** The browser asks with the ETag that it keeps. @param {AbortSignal} signal @returns {Promise<number>} seconds until the next one is due */
  async ask(signal) {
    /* The query may depend on who is signed in. */
    await this.session.getToken();
    const path = pathOf('/gadgets/pulse', this.query());
    const response = await this.session.ask(path, { signal });
    const etag = response.headers.get('ETag') ?? '';
    const known = this.kept?.path === path && etag && this.kept.etag === etag ? this.kept.pulse : null;
    const pulse = known ?? /** @type {Pulse} */ (await response.json());
    if (!signal.aborted) {
      this.kept = { path, etag, pulse };
      this.take(pulse, !known);
    }
    return pulse.pollAfter;
  }

  /** @param {Pulse} pulse @param {boolean} isOther whether it differs from the last one in anything */
  take(pulse, isOther) {
    const isFirst = this.pulse === null;
    const isChosen = this.isAwaited || isFirst;
    const isNew = isOther && counted(pulse) !== counted(this.pulse);
    this.pulse = pulse;
    this.problem = null;
    this.freshAt = new Date();
    this.isAwaited = false;
    this.host.requestUpdate();
    this.onPulse(pulse, { isNew, isChosen, isFirst });
  }

  /** While nobody can be reached the last figures stay, dimmed if they answer another question; a refusal removes them. @param {Problem} problem */
  fail(problem) {
    this.problem = problem;
    this.host.requestUpdate();
    if (problem.passing && this.pulse) return;
    this.pulse = null;
    this.isAwaited = false;
    this.onProblem(problem);
  }
}

/** What was counted: today's period is told anew each minute. @param {Pulse | null} pulse */
const counted = (pulse) => JSON.stringify({ ...pulse, period: null });

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
