/** The Customer Experience Journey: whose call this is, and what that customer said before. */
import { LitElement, html, nothing } from 'lit';
import { Problem, asProblem } from '../api.js';
import { authHeader } from '../finesse.js';
import { message, problemMessage } from '../pieces.js';
import { Poll } from '../poll.js';
import { Calls } from './calls.js';
import { customerName, journeyView, skeleton } from './view.js';
import { verdictOf } from './verdict.js';

/** Answers asked for at once, and rows shown before somebody asks for more. */
const PAGE = 20;
const ROWS = 5;

/** Finesse may tell the desktop of a call a moment before its API lists it: milliseconds between looks. */
const LISTED_SOON = [400, 800, 1600];

/**
 * The session is opened ahead of the first call, but not by all desktops of a failed-over cluster at the same moment:
 * milliseconds.
 */
const SIGN_IN_WITHIN = 4000;

/** @typedef {{ call: import('../finesse.js').Call, journey: Journey, rows: number }} Shown a customer on the screen */

export class JourneyGadget extends LitElement {
  /** @override */
  static properties = {
    state: { state: true },
    shown: { state: true },
    problem: { state: true },
    ended: { state: true },
    moreState: { state: true },
  };

  /** @param {import('../gadget.js').Surroundings} surroundings */
  constructor({ bridge, session, text, parameters }) {
    super();
    this.bridge = bridge;
    this.session = session;
    this.text = text;
    this.parameters = parameters;
    this.calls = new Calls();
    /** @type {'idle' | 'loading' | 'journey' | 'unknown' | 'monitoring' | 'problem'} */
    this.state = 'idle';
    /** @type {import('../finesse.js').Call | null} the call that the gadget is about */
    this.call = null;
    /** @type {Shown | null} */
    this.shown = null;
    /** @type {Problem | null} */
    this.problem = null;
    this.ended = false;
    /** @type {'ready' | 'loading' | 'failed'} */
    this.moreState = 'ready';
    this.poll = new Poll(
      (signal) => this.lookUp(signal),
      (problem) => this.setProblem(problem),
    );
  }

  /**
   * The gadget's one stylesheet styles it, so it draws into the page itself.
   *
   * @override
   */
  createRenderRoot() {
    return this;
  }

  begin() {
    this.bridge.watchCalls({ onCall: (call) => this.onCall(call), onEnd: (id) => this.onEnd(id) });
    setTimeout(() => this.session.getToken().catch(() => undefined), Math.random() * SIGN_IN_WITHIN);
  }

  /** @param {boolean} visible */
  show(visible) {
    this.poll.show(visible);
  }

  /** The network is back. */
  online() {
    this.poll.hurry();
  }

  /** @param {import('../finesse.js').Call} call */
  onCall(call) {
    const isNew = this.calls.meet(call);
    if (isNew) this.turnTo(call);
    else if (!this.calls.get(call.id)) this.onEnd(call.id);
    else if (call.id === this.call?.id) this.updateCall(call);
  }

  /** @param {import('../finesse.js').Call} call */
  updateCall(call) {
    this.call = call;
    this.requestUpdate();
  }

  /** @param {string} id */
  onEnd(id) {
    this.calls.end(id);
    if (id !== this.call?.id) return;
    const other = this.calls.newest();
    if (other) this.turnTo(other);
    else this.finish();
  }

  /** The last call is over: its customer stays, marked, until the next one comes. */
  finish() {
    this.poll.stop();
    this.ended = true;
    if (this.shown?.call.id !== this.call?.id) this.shown = null;
    this.state = this.shown ? 'journey' : 'idle';
  }

  /** @param {import('../finesse.js').Call} call its customer takes the place of the last one */
  turnTo(call) {
    this.call = call;
    this.ended = false;
    this.problem = null;
    this.moreState = 'ready';
    if (this.shown?.call.id === call.id) {
      this.state = 'journey';
      return;
    }
    this.state = 'loading';
    if (this.parameters.autoActivate) this.bridge.activate();
    this.poll.start();
  }

  /** @param {AbortSignal} signal @returns {Promise<null>} nothing to ask again: a customer's past does not change during a call */
  async lookUp(signal) {
    const call = this.call;
    if (!call) return null;
    try {
      const journey = await this.fetchJourney(call.id, signal);
      if (!signal.aborted) this.take(call, journey);
    } catch (error) {
      if (asProblem(error).code !== 'monitoring') throw error;
      if (!signal.aborted) this.state = 'monitoring';
    }
    return null;
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<Journey>} */
  async fetchJourney(id, signal) {
    for (const wait of LISTED_SOON) {
      try {
        return await this.ask(id, signal);
      } catch (error) {
        if (asProblem(error).code !== 'no_dialog') throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    return this.ask(id, signal);
  }

  /** @param {string} id @param {AbortSignal} signal @returns {Promise<Journey>} */
  async ask(id, signal) {
    const query = new URLSearchParams({ dialogId: id, limit: String(PAGE) });
    const headers = { 'X-Finesse-Authorization': authHeader() };
    const response = await this.session.get(`/gadgets/journey?${query}`, { headers, signal });
    return response.json();
  }

  /** @param {import('../finesse.js').Call} call @param {Journey} journey */
  take(call, journey) {
    if (!journey.customer?.knownBy) return this.withoutCustomer();
    this.shown = { call, journey, rows: ROWS };
    this.problem = null;
    this.state = 'journey';
  }

  /** A call without a customer, such as a consult, does not push away the customer of a call that is still up. */
  withoutCustomer() {
    const before = this.shown && this.calls.get(this.shown.call.id);
    if (before) this.turnTo(before);
    else this.state = 'unknown';
  }

  /** @param {Problem} problem */
  setProblem(problem) {
    this.problem = problem;
    this.state = 'problem';
  }

  retry() {
    this.session.retry();
    this.state = 'loading';
    this.poll.start();
  }

  async more() {
    const shown = this.shown;
    if (!shown || this.moreState === 'loading') return;
    const wanted = shown.rows + PAGE;
    const { journey } = shown;
    if (journey.responses.length >= wanted || !journey.next) return this.setRows(shown, journey, wanted);
    this.moreState = 'loading';
    try {
      const page = await this.fetchPage(shown);
      if (this.shown !== shown) return;
      const responses = [...journey.responses, ...page.responses];
      this.setRows(shown, { ...journey, responses, next: page.next, customerRef: page.customerRef ?? journey.customerRef }, wanted);
      this.moreState = 'ready';
    } catch {
      if (this.shown === shown) this.moreState = 'failed';
    }
  }

  /** @param {Shown} shown @param {Journey} journey @param {number} rows */
  setRows(shown, journey, rows) {
    this.shown = { ...shown, journey, rows };
    void this.keepFocus(shown.rows);
  }

  /** Where the button that had the focus is gone, the first of the new rows gets it. @param {number} place */
  async keepFocus(place) {
    await this.updateComplete;
    if (document.activeElement !== document.body) return;
    const rows = this.querySelectorAll('.answer');
    /** @type {HTMLElement | undefined} */ (rows[place])?.focus();
  }

  /** A reference lasts 30 minutes: where it has run out during a long call, the call gives a new one. @param {Shown} shown @returns {Promise<Journey>} */
  async fetchPage({ call, journey }) {
    const page = async (/** @type {string} */ ref) => {
      const query = new URLSearchParams({ customerRef: ref, before: String(journey.next), limit: String(PAGE) });
      return (await this.session.get(`/gadgets/journey?${query}`)).json();
    };
    try {
      return await page(String(journey.customerRef));
    } catch (error) {
      if (asProblem(error).passing || !this.calls.get(call.id)) throw error;
      const renewed = await this.ask(call.id, new AbortController().signal);
      return page(String(renewed.customerRef));
    }
  }

  /** @override */
  render() {
    return html`<section class="gadget" aria-label=${this.text.t('shell.journey')} data-state=${this.state}>
      <p class="unseen" role="status">${this.announcement()}</p>
      ${this.content()}
    </section>`;
  }

  announcement() {
    const { text, shown } = this;
    if (this.state === 'loading') return text.t('journey.loading');
    if (this.state !== 'journey' || !shown || this.ended) return nothing;
    const customer = customerName(text, shown.journey);
    const verdict = verdictOf(shown.journey.responses);
    if (!verdict) return text.t('journey.announceNone', { customer });
    return text.t('journey.announce', {
      customer,
      verdict: text.t(`journey.verdict.${verdict.band ?? 'none'}`),
      when: text.since(new Date(verdict.answer.respondedAt)),
    });
  }

  content() {
    const { text, state } = this;
    if (state === 'loading') return skeleton(text, this.call?.state ?? '');
    if (state === 'problem' && this.problem) return problemMessage(text, this.problem, () => this.retry());
    if (state === 'journey' && this.shown) return this.journey(this.shown);
    return message({ kind: state, title: text.t(`journey.${state}`), more: text.t(`journey.${state}More`) });
  }

  /** @param {Shown} shown */
  journey(shown) {
    return journeyView({
      text: this.text,
      journey: shown.journey,
      rows: shown.rows,
      callState: this.ended ? 'ended' : (this.call?.state ?? ''),
      teams: this.teams(),
      moreState: this.moreState,
      onMore: () => void this.more(),
    });
  }

  /** Names of the teams that this person knows, by id. */
  teams() {
    const person = this.session.person;
    const own = person?.team ? [person.team] : [];
    return new Map([...own, ...(person?.supervises ?? [])].map(({ id, name }) => [id, name]));
  }
}
