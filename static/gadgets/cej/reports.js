/** What CEJ reports of calls: that one has ended, or that its customer wants no survey. */
import { asProblem } from '../api.js';
import { pause } from '../poll.js';
import { isWrappingUp } from './calls.js';

/** How often a report is sent while nobody answers: for about a quarter of an hour. */
const TRIES = 18;

/** @param {number} seconds @returns {Promise<void>} */
const sleep = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

export class Reports {
  /** @param {import('../session.js').Session} session @param {(seconds: number) => Promise<void>} [wait] */
  constructor(session, wait = sleep) {
    this.session = session;
    this.wait = wait;
    /** @type {Set<string>} calls that the backend knows as this person's, and as going on */
    this.open = new Set();
  }

  /** The backend has read a call. @param {string} id @param {readonly import('../finesse.js').Call[]} calls */
  read(id, calls) {
    this.open.add(id);
    this.follow(calls);
  }

  /** Report those that are over: gone, or in wrap-up. @param {readonly import('../finesse.js').Call[]} calls */
  follow(calls) {
    for (const id of this.open) {
      const call = calls.find((one) => one.id === id);
      if (call && !isWrappingUp(call)) continue;
      this.open.delete(id);
      /* Of one that nobody could be told of, the backend finds the end by itself. */
      void this.send(id, { state: 'ended' }).catch(() => undefined);
    }
  }

  /**
   * Sent again while the backend is away; a repeat changes nothing there.
   *
   * @param {string} id of a dialog
   * @param {{ state: 'ended' } | { survey: 'declined' }} body
   * @returns {Promise<Survey>} what becomes of the survey
   */
  async send(id, body) {
    for (let failures = 1; ; failures += 1) {
      try {
        const response = await this.session.ask(`/gadgets/calls/${encodeURIComponent(id)}`, { method: 'POST', body });
        return (await response.json()).survey;
      } catch (error) {
        const problem = asProblem(error);
        if (!problem.passing || failures === TRIES) throw problem;
        await this.wait(pause(failures, problem.retryAfter));
      }
    }
  }
}
