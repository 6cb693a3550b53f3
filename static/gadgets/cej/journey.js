/** The Customer Experience Journey: whose call this is, and what that customer said before. */
import { LitElement } from 'lit';
import { asProblem } from '../api.js';
import { problemTitle } from '../pieces.js';
import { Poll } from '../poll.js';
import { Calls, choose, isConsult, isMonitoring, isWrappingUp } from './calls.js';
import { Lookup, PAGE } from './lookup.js';
import { page } from './page.js';
import { announcementOf } from './view.js';

/** Rows shown before somebody asks for more. */
const ROWS = 5;

/** "5 minutes ago" grows older: milliseconds. */
const MINUTE = 60_000;

/** Under this name the reference of the last customer is kept over a reload; it is sealed and lasts 30 minutes. */
const LAST = 'lastCustomer';

/** @typedef {import('../finesse.js').Call} Call */
/** @typedef {Pick<Call, 'id' | 'facts' | 'variables'> & { journey: Journey, rows: number }} Shown a customer, and the call that brought them */

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
  constructor({ bridge, session, text, memory, parameters }) {
    super();
    this.bridge = bridge;
    this.session = session;
    this.text = text;
    this.memory = memory;
    this.parameters = parameters;
    this.lookup = new Lookup(session);
    this.calls = new Calls();
    /** @type {Map<string, Shown>} what was learnt of the calls that are up, by dialog */
    this.known = new Map();
    /** @type {'idle' | 'loading' | 'journey' | 'unknown' | 'monitoring' | 'problem'} */
    this.state = 'idle';
    /** @type {Call | null} the call that the gadget is about */
    this.call = null;
    /** @type {Shown | null} */
    this.shown = null;
    /** @type {import('../api.js').Problem | null} */
    this.problem = null;
    this.ended = false;
    /** Whether a customer who is found now comes out of quiet, and may bring the tab to the front. */
    this.isNew = false;
    /** @type {import('./view.js').MoreState} */
    this.moreState = 'ready';
    this.announced = '';
    this.visible = true;
    this.poll = new Poll(
      (signal) => this.lookUp(signal),
      (problem) => this.setProblem(problem),
    );
  }

  /** The gadget's one stylesheet styles it, so it draws into the page itself. @override */
  createRenderRoot() {
    return this;
  }

  /** @param {Promise<void>} ahead the turn for a session that nobody waits for yet */
  begin(ahead) {
    this.bridge.watchCalls({
      onStart: (calls) => this.start(calls),
      onCall: (call) => this.onCall(call),
      onEnd: (id) => this.onEnd(id),
    });
    void ahead.then(() => this.session.getToken()).catch(() => undefined);
    setInterval(() => this.visible && this.requestUpdate(), MINUTE);
  }

  /** @param {boolean} visible */
  show(visible) {
    this.visible = visible;
    this.poll.show(visible);
    if (visible) this.requestUpdate();
  }

  /** The network is back. */
  online() {
    this.poll.hurry();
  }

  /** @param {Call[]} calls that were up before the gadget was there */
  start(calls) {
    for (const call of calls) this.calls.meet(call);
    this.follow();
    this.isNew = false;
    if (!this.call) void this.recall();
  }

  /** @param {Call} call */
  onCall(call) {
    if (!this.calls.all.has(call.id)) this.session.hurry();
    this.calls.meet(call);
    this.follow();
  }

  /** @param {string} id */
  onEnd(id) {
    this.calls.end(id);
    this.follow();
  }

  /** Turn to the call that the gadget is about now. */
  follow() {
    for (const id of this.known.keys()) if (!this.calls.has(id)) this.known.delete(id);
    const call = choose(this.calls.list, (one) => this.isStranger(one));
    const before = this.call;
    if (!call) return this.finish();
    this.call = call;
    if (before?.id === call.id && before.facts === call.facts) return this.requestUpdate();
    if (!before || isWrappingUp(before)) this.isNew = true;
    this.turnTo(call);
  }

  /** @param {Call} call whether it is known to bring no customer */
  isStranger({ id, facts }) {
    const known = this.known.get(id);
    return known?.facts === facts && !known.journey.customer?.knownBy;
  }

  /** @param {Call} call its customer takes the place of the one before */
  turnTo(call) {
    this.problem = null;
    this.moreState = 'ready';
    this.poll.stop();
    const known = this.known.get(call.id);
    if (isMonitoring(call)) return this.say('monitoring');
    if (known?.facts === call.facts) return this.present(known);
    /* Where a call becomes another, as a consult becomes a conference, its customer stays until the answer is there. */
    const goesOn = this.state === 'journey' && this.shown !== null && [call.id, call.associated].includes(this.shown.id);
    this.ended = false;
    if (!goesOn) this.say('loading');
    this.poll.start();
  }

  /** @param {Shown} shown */
  present(shown) {
    if (!shown.journey.customer?.knownBy) return this.say('unknown');
    this.ended = false;
    this.isNew = false;
    this.shown = shown;
    this.state = 'journey';
    this.announced = announcementOf(this.text, shown.journey);
    this.memory.keep(LAST, shown.journey.customerRef);
  }

  /** A customer who leaves the screen is not the last one any more. @param {'idle' | 'loading' | 'unknown' | 'monitoring'} state */
  say(state) {
    this.state = state;
    this.memory.keep(LAST, null);
    this.announced = this.text.t(`journey.${state}`);
  }

  /** The last call is over: its customer stays, marked, until the next one comes. */
  finish() {
    if (!this.call) return;
    this.poll.stop();
    this.call = null;
    this.problem = null;
    this.ended = this.state === 'journey';
    if (!this.ended) this.say('idle');
  }

  /** @param {AbortSignal} signal @returns {Promise<null>} nothing to ask again: a customer's past does not change during a call */
  async lookUp(signal) {
    const { call } = this;
    if (!call) return null;
    try {
      const journey = await this.lookup.ofCall(call.id, signal);
      if (!signal.aborted) this.take(call, journey);
    } catch (error) {
      if (asProblem(error).code !== 'monitoring') throw error;
      if (!signal.aborted) this.say('monitoring');
    }
    return null;
  }

  /** @param {Call} call @param {Journey} journey */
  take({ id, facts, variables }, journey) {
    const found = { id, facts, variables, journey, rows: ROWS };
    this.known.set(id, found);
    this.problem = null;
    if (!journey.customer?.knownBy) return this.withoutCustomer(found);
    if (this.isNew && this.parameters.autoActivate) this.bridge.activate();
    this.present(found);
  }

  /**
   * A call without a customer, such as one to a colleague, does not push away the customer of a call that is still up.
   * Where that very call carried somebody and now carries nobody, they go.
   *
   * @param {Shown} found
   */
  withoutCustomer(found) {
    const goesOn = this.state === 'journey' ? this.shown : null;
    this.follow();
    if (this.call?.id !== found.id) return;
    const isTakenBack = goesOn?.id === found.id && goesOn.variables !== found.variables;
    if (!goesOn || isTakenBack) return this.present(found);
    if (isConsult(this.call)) this.ended = true;
    else this.known.set(found.id, { ...found, journey: goesOn.journey, rows: goesOn.rows });
  }

  /** Nobody is on the phone: the last customer is shown, as before the reload. */
  async recall() {
    const reference = await this.memory.recall(LAST);
    if (typeof reference !== 'string' || this.call) return;
    try {
      const journey = await this.lookup.ofReference(reference);
      if (this.call || this.shown || this.isNew) return;
      this.shown = { id: '', facts: '', variables: '', journey, rows: ROWS };
      this.ended = true;
      this.state = 'journey';
    } catch (error) {
      if (!asProblem(error).again && !this.shown) this.memory.keep(LAST, null);
    }
  }

  /** @param {import('../api.js').Problem} problem */
  setProblem(problem) {
    this.problem = problem;
    this.state = 'problem';
    this.announced = problemTitle(this.text, problem);
  }

  retry() {
    this.session.retry();
    this.say('loading');
    this.poll.start();
    void this.keepFocus('section');
  }

  async more() {
    const { shown } = this;
    if (!shown || this.moreState === 'loading') return;
    const wanted = shown.rows + PAGE;
    const { journey } = shown;
    if (journey.responses.length >= wanted || !journey.next) return this.setRows(shown, journey, wanted);
    this.moreState = 'loading';
    try {
      const longer = await this.lookup.more(journey, this.calls.has(shown.id) ? shown.id : null);
      if (this.shown !== shown) return;
      this.setRows(shown, longer, wanted);
      this.moreState = 'ready';
    } catch (error) {
      if (this.shown === shown) this.moreState = asProblem(error).passing ? 'failed' : 'over';
    }
  }

  /** @param {Shown} shown @param {Journey} journey @param {number} rows */
  setRows(shown, journey, rows) {
    this.shown = { ...shown, journey, rows };
    if (this.calls.has(shown.id)) this.known.set(shown.id, this.shown);
    void this.keepFocus(`.answer:nth-child(${shown.rows + 1})`);
  }

  /** Where the button that had the focus is gone, what came for it gets it. @param {string} selector */
  async keepFocus(selector) {
    await this.updateComplete;
    if (document.activeElement !== document.body) return;
    /** @type {HTMLElement | null} */ (this.querySelector(selector))?.focus();
  }

  /** @override */
  render() {
    return page(this);
  }
}
