/** What customers wrote: the newest page, asked anew with the figures, and earlier ones on request. */
import { asProblem } from '../api.js';
import { pathOf } from './figures.js';

/**
 * @typedef {object} Comment
 * @property {string} id
 * @property {string} respondedAt
 * @property {string | null} channel
 * @property {Partial<Record<Metric, number>>} scores
 * @property {Partial<Record<Metric, [number, number]>>} scales
 * @property {Band | null} band
 * @property {string} comment
 * @property {string | null} agentId
 * @property {string | null} agentName
 * @property {string | null} teamId
 * @property {string | null} teamName
 */

/** @typedef {{ comments: Comment[], next: string | null }} Page */

const PAGE = 20;
/** Pages that one click on "earlier" goes through at most to find comments of the band asked for. */
const MOST_PAGES = 5;
/** Comments that new ones are put on top of; a desktop is open for a whole shift. */
const MOST_KEPT = 200;

export class Verbatims {
  /**
   * @param {object} options
   * @param {import('../session.js').Session} options.session
   * @param {() => Record<string, string>} options.query
   * @param {() => void} options.onChange
   */
  constructor({ session, query, onChange }) {
    this.session = session;
    this.query = query;
    this.onChange = onChange;
    /** @type {AbortController | null} */
    this.running = null;
    /** @type {Comment[] | null} null until the first page is there */
    this.list = null;
    /** @type {Comment[]} came while somebody was reading */
    this.waiting = [];
    /** @type {Page | null} as it was last asked for */
    this.newest = null;
    /** @type {string | null} */
    this.next = null;
    /** @type {import('../api.js').Problem | null} */
    this.problem = null;
    this.loadingMore = false;
    /** Whether the list answers another question than the one that is asked now. */
    this.stale = true;
  }

  /** Another question: what is shown stays, as an answer to the last one, until the new one is answered. */
  async begin() {
    this.running?.abort();
    this.running = null;
    this.stale = true;
    this.loadingMore = false;
    this.waiting = [];
    this.onChange();
    await this.refresh();
  }

  /** The newest page again; what it adds waits until it is let in. */
  async refresh() {
    if (this.running) return;
    await this.ask(async (signal) => {
      const page = await this.page(null, signal);
      if (signal.aborted) return;
      this.newest = page;
      if (this.stale || !this.list?.length) return this.take(page);
      const known = new Set(this.list.map(({ id }) => id));
      this.waiting = page.comments.filter(({ id }) => !known.has(id));
    });
  }

  /** Reading begins anew. @param {Page} page the newest */
  take({ comments, next }) {
    this.list = comments;
    this.waiting = [];
    this.next = next;
    this.stale = false;
  }

  letIn() {
    const { list, waiting, newest } = this;
    if (!waiting.length || !list || !newest) return;
    const isGap = waiting.length === newest.comments.length;
    if (isGap || list.length + waiting.length > MOST_KEPT) this.take(newest);
    else this.list = [...waiting, ...list];
    this.waiting = [];
    this.onChange();
  }

  /** @param {Band | ''} band read on until there is one more of it */
  async earlier(band) {
    if (this.loadingMore || this.stale || !this.next) return;
    this.running?.abort();
    this.loadingMore = true;
    this.onChange();
    await this.ask(async (signal) => {
      for (let pages = 0; pages < MOST_PAGES && this.next; pages += 1) {
        const { comments, next } = await this.page(this.next, signal);
        if (signal.aborted) return;
        this.list = [...(this.list ?? []), ...comments];
        this.next = next;
        if (comments.some((comment) => !band || comment.band === band)) return;
      }
    });
  }

  /** @param {(signal: AbortSignal) => Promise<void>} action */
  async ask(action) {
    const own = new AbortController();
    this.running = own;
    try {
      await action(own.signal);
      if (!own.signal.aborted) this.problem = null;
    } catch (error) {
      if (!own.signal.aborted) this.failed(asProblem(error));
    }
    if (this.running !== own) return;
    this.running = null;
    this.loadingMore = false;
    this.onChange();
  }

  /** @param {import('../api.js').Problem} problem comments that answer another question do not stay for it */
  failed(problem) {
    this.problem = problem;
    if (this.stale) this.list = null;
  }

  /** @param {string | null} before @param {AbortSignal} signal @returns {Promise<Page>} */
  async page(before, signal) {
    /* The query may depend on who is signed in. */
    await this.session.getToken();
    const path = pathOf('/gadgets/comments', { ...this.query(), limit: String(PAGE), before: before ?? '' });
    return (await this.session.ask(path, { signal })).json();
  }
}
