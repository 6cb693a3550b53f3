/** The Customer Experience Journey: whose call this is, and what that customer said before. */
import { LitElement } from 'lit';
import { asProblem } from '../api.js';
import { problemTitle } from '../pieces.js';
import { Poll } from '../poll.js';
import { includes } from './calls.js';
import { Lookup } from './lookup.js';
import { page } from './page.js';
import { Reports } from './reports.js';
import { BEGIN, customerOf, isExtending, lastOf, mayRecall, questionOf, step, surveyOf } from './state.js';
import { announcementOf } from './view.js';

/** "5 minutes ago" grows older: milliseconds. */
const MINUTE = 60_000;

/** A lookup that takes longer is seen to be under way: milliseconds. */
const PATIENCE = 150;

/** Under this name the reference of the last customer is kept over a reload; it is sealed and lasts 30 minutes. */
const LAST = 'lastCustomer';

/** @typedef {import('../finesse.js').Call} Call */
/** @typedef {import('./state.js').View} View */

export class JourneyGadget extends LitElement {
  /** @override */
  static properties = { state: { state: true } };

  /** @param {import('../gadget.js').Surroundings} surroundings */
  constructor({ bridge, session, text, memory, parameters }) {
    super();
    this.bridge = bridge;
    this.session = session;
    this.text = text;
    this.memory = memory;
    this.parameters = parameters;
    this.lookup = new Lookup(session);
    this.reports = new Reports(session);
    this.state = BEGIN;
    this.announced = '';
    this.visible = true;
    /** Whether its height is held. */
    this.isHeld = false;
    this.poll = new Poll(
      (signal) => this.lookUp(signal),
      (problem) => this.refuse(problem),
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
      onEnd: (id) => this.step({ type: 'hungUp', id }),
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

  /** One step on, and what follows from it. @param {import('./state.js').Event} event */
  step(event) {
    const before = this.state.view;
    this.state = step(this.state, event);
    const { view, calls } = this.state;
    this.reports.follow(calls);
    if (view === before) return;
    this.remember(before, view);
    this.announce(before, view);
    this.ask(before, view);
    this.extend(before, view);
  }

  /** @param {View} before @param {View} view */
  remember(before, view) {
    const last = lastOf(view);
    if (last !== undefined && last !== lastOf(before)) this.memory.keep(LAST, last);
  }

  /** Who comes on the screen is read out, but for the one from before a reload. @param {View} before @param {View} view */
  announce(before, view) {
    const { text } = this;
    const word = `survey.${surveyOf(view)}`;
    const survey = text.has(word) ? text.t(word) : '';
    if (view.kind === 'problem') this.announced = problemTitle(text, view.problem);
    else if (!('customer' in view)) this.announced = view.kind === before.kind ? this.announced : text.t(`journey.${view.kind}`);
    else if (view.kind === 'shown' && view.customer.journey.customer !== customerOf(before)?.journey.customer) {
      this.announced = `${announcementOf(text, view.customer.journey)} ${survey}`;
    } else if (survey && surveyOf(view) !== surveyOf(before)) this.announced = survey;
  }

  /** @param {View} before @param {View} view */
  ask(before, view) {
    const question = questionOf(view);
    if (question === questionOf(before)) return;
    this.poll.stop();
    if (!question) return;
    this.poll.start();
    setTimeout(() => this.step({ type: 'late', question }), PATIENCE);
  }

  /** @param {Call[]} calls that were up before the gadget was there */
  start(calls) {
    this.step({ type: 'started', calls });
    if (mayRecall(this.state.view)) void this.recall();
  }

  /** @param {Call} call */
  onCall(call) {
    if (!this.state.calls.some(({ id }) => id === call.id)) this.session.hurry();
    this.step({ type: 'called', call });
  }

  /** @param {AbortSignal} signal @returns {Promise<null>} nothing to ask again: a customer's past does not change during a call */
  async lookUp(signal) {
    const question = questionOf(this.state.view);
    if (!question) return null;
    try {
      const journey = await this.lookup.ofCall(question.id, signal);
      const isAwaited = this.state.isNew && question === questionOf(this.state.view);
      this.step({ type: 'answered', question, journey });
      if (journey.survey) this.reports.read(question.id, this.state.calls);
      if (isAwaited && journey.customer?.knownBy && this.parameters.autoActivate) this.bridge.activate();
    } catch (error) {
      const problem = asProblem(error);
      if (problem.code !== 'monitoring') throw error;
      this.step({ type: 'refused', question, problem });
    }
    return null;
  }

  /** @param {import('../api.js').Problem} problem */
  refuse(problem) {
    const question = questionOf(this.state.view);
    if (question) this.step({ type: 'refused', question, problem });
  }

  /** Nobody is on the phone: the last customer is shown, as before the reload. */
  async recall() {
    const reference = await this.memory.recall(LAST);
    if (typeof reference !== 'string' || !mayRecall(this.state.view)) return;
    try {
      this.step({ type: 'recalled', journey: await this.lookup.ofReference(reference) });
    } catch (error) {
      if (!asProblem(error).again) this.step({ type: 'forgotten' });
    }
  }

  retry() {
    this.session.retry();
    this.step({ type: 'retried' });
    void this.keepFocus('section');
  }

  /** The customer wants no survey after this call. @param {string} id of the dialog */
  async decline(id) {
    this.step({ type: 'surveyed', id, survey: 'declining' });
    const survey = await this.reports.send(id, { survey: 'declined' }).catch(() => /** @type {const} */ ('will_go_out'));
    this.step({ type: 'surveyed', id, survey });
    void this.keepFocus('section');
  }

  more() {
    this.step({ type: 'wantsMore' });
  }

  /** Earlier answers are fetched where they are wanted, and the first of them gets the focus. @param {View} before @param {View} view */
  extend(before, view) {
    const [customer, last] = [customerOf(view), customerOf(before)];
    if (!customer || !last) return;
    if (isExtending(view) && !isExtending(before)) void this.fetchMore(customer);
    const isLonger = customer.journey.customer === last.journey.customer && customer.rows > last.rows;
    if (isLonger) void this.keepFocus(`.answer:nth-child(${last.rows + 1})`);
  }

  /** @param {import('./state.js').Customer} customer */
  async fetchMore(customer) {
    const { id } = customer;
    try {
      const journey = await this.lookup.more(customer.journey, includes(this.state.calls, id) ? id : null);
      this.step({ type: 'gotMore', customer, journey });
    } catch (error) {
      this.step({ type: 'gotNoMore', customer, problem: asProblem(error) });
    }
  }

  /** Where the button that had the focus is gone, what came for it gets it. @param {string} selector */
  async keepFocus(selector) {
    await this.updateComplete;
    if (document.activeElement !== document.body) return;
    /** @type {HTMLElement | null} */ (this.querySelector(selector))?.focus();
  }

  /** While somebody is looked up the gadget stays as high as it was. @override */
  willUpdate() {
    const isLoading = this.state.view.kind === 'loading';
    if (isLoading === this.isHeld) return;
    this.isHeld = isLoading;
    const { height } = this.getBoundingClientRect();
    this.style.height = isLoading && height > 0 ? `${height}px` : '';
  }

  /** @override */
  render() {
    return page(this);
  }
}
