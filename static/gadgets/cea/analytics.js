/** Customer Experience Analytics: an agent's own figures, or a supervisor's teams and each agent in them. */
import { LitElement } from 'lit';
import { asProblem } from '../api.js';
import { problemTitle } from '../pieces.js';
import { Figures, pathOf, save } from './figures.js';
import { agentName, periodName } from './numbers.js';
import { page } from './page.js';
import { PlaceKeeper } from './place.js';
import { inPlace, ranked, reorder } from './ranking.js';
import { ReadingGuard } from './reading.js';
import { reveal } from './table.js';
import { Verbatims } from './verbatims.js';

export class AnalyticsGadget extends LitElement {
  /** @override */
  static properties = {
    rows: { state: true },
    pointed: { state: true },
    told: { state: true },
  };

  /** @param {import('../gadget.js').Surroundings} surroundings */
  constructor({ session, text, memory, parameters }) {
    super();
    this.session = session;
    this.text = text;
    this.parameters = parameters;
    this.place = new PlaceKeeper(this, memory, parameters);
    this.reading = new ReadingGuard(this, '.below', () => this.letIn());
    this.figures = new Figures(this, {
      session,
      query: () => this.query(),
      onPulse: (pulse, about) => this.take(pulse, about),
      onProblem: (problem) => this.refuse(problem),
    });
    /** Of the agent that was opened. */
    this.agentFigures = new Figures(this, {
      session,
      query: () => this.agentQuery(),
      onPulse: (_, about) => this.takeAgent(about),
      onProblem: (problem) => !problem.again && this.close(),
    });
    this.verbatims = new Verbatims({ session, query: () => this.agentQuery(), onChange: () => this.requestUpdate() });
    /** @type {Row[]} agents in the order that they are shown in */
    this.rows = [];
    /** @type {string | null} the day that is read in the trend */
    this.pointed = null;
    /** What became of the file that was asked for. */
    this.told = '';
    this.announced = '';
    this.visible = true;
    /** Whether the first question waits until somebody sees the gadget. */
    this.isWaiting = false;
  }

  /** The gadget's one stylesheet styles it, so it draws into the page itself. @override */
  createRenderRoot() {
    return this;
  }

  /** Figures that nobody sees are not asked for: the desktop opens on another tab. */
  async begin() {
    await this.place.recall();
    if (this.visible) this.ask();
    else this.isWaiting = true;
  }

  ask() {
    this.isWaiting = false;
    this.figures.start();
    void this.readComments();
  }

  /** Another question begins at its newest comment. */
  async readComments() {
    await this.verbatims.begin();
    await this.scrollToNewest();
  }

  async scrollToNewest() {
    await this.updateComplete;
    this.querySelector('.comments-scroll')?.scrollTo({ top: 0 });
  }

  /** @param {boolean} visible */
  show(visible) {
    this.visible = visible;
    if (visible && this.isWaiting) this.ask();
    this.figures.poll.show(visible);
    this.agentFigures.poll.show(visible);
  }

  /** The network is back. */
  online() {
    this.figures.poll.hurry();
    this.agentFigures.poll.hurry();
  }

  /** @returns {Record<string, string>} */
  query() {
    const { parameters, session } = this;
    const { period, team } = this.place.now;
    const usual = session.person?.roles.includes('Supervisor') ? 'cc_TeamId' : 'cc_AgentId';
    return { filterTags: parameters.filterTags || usual, period, team, questionnaire: parameters.questionnaire };
  }

  agentQuery() {
    return { ...this.query(), agent: this.place.now.opened ?? '' };
  }

  /** @param {Pulse} pulse @param {{ isNew: boolean, isChosen: boolean }} about */
  take(pulse, { isNew, isChosen }) {
    const { opened, period } = this.place.now;
    if (isChosen) this.announced = this.text.t('pulse.updated', { scope: this.scopeName(), period: periodName(this.text, period) });
    this.arrange(this.reading.isRead && !isChosen);
    if (opened && !pulse.agents?.some(({ id }) => id === opened)) this.close();
    else if (opened && this.agentFigures.poll.stopped) this.agentFigures.start();
    if (this.verbatims.problem?.again || (isNew && !isChosen)) void this.refreshComments();
  }

  async refreshComments() {
    await this.verbatims.refresh();
    this.letCommentsIn();
  }

  /** New comments come on top where nobody reads, and nobody has scrolled down to read. */
  letCommentsIn() {
    if (!this.reading.isRead && !this.querySelector('.comments-scroll')?.scrollTop) this.verbatims.letIn();
  }

  /** What waited for somebody who read. */
  letIn() {
    this.arrange(false);
    this.letCommentsIn();
  }

  /** The figures of the agent who was opened are brought into sight once, where the table scrolls. @param {{ isFirst: boolean }} about */
  async takeAgent({ isFirst }) {
    await this.updateComplete;
    if (isFirst) reveal(this.querySelector('.agents'), this.querySelector('tr.detail'));
  }

  /** What was kept may not be this person's to see any more. @param {import('../api.js').Problem} problem */
  refuse(problem) {
    this.announced = problemTitle(this.text, problem);
    if (problem.again) return;
    this.close();
    if (this.place.leave()) queueMicrotask(() => this.ask());
  }

  retry() {
    this.session.retry();
    this.figures.poll.start();
    if (this.verbatims.list === null) void this.readComments();
  }

  /** @param {{ period?: string, team?: string }} choice */
  choose({ period = this.place.now.period, team = this.place.now.team }) {
    if (period === this.place.now.period && team === this.place.now.team) return;
    this.place.go({ period, team });
    this.pointed = null;
    this.ask();
    if (this.place.now.opened) this.agentFigures.start();
  }

  /** @param {string} id of the agent whose name was clicked: opened in place, closed by the same click */
  toggle(id) {
    if (this.place.now.opened === id) return this.close();
    this.place.go({ opened: id });
    this.agentFigures.clear();
    this.agentFigures.start();
    void this.readComments();
  }

  /** @param {string} id of an agent who is named beside a comment: the name in the table is the way back */
  openFromComment(id) {
    this.toggle(id);
    this.focusName(id);
    reveal(this.querySelector('.agents'), this.querySelector(`tr[data-agent="${CSS.escape(id)}"]`));
  }

  /** The way back ends on the name that was opened. */
  close() {
    const { opened } = this.place.now;
    this.agentFigures.clear();
    if (!opened) return;
    if (this.querySelector('tr.detail')?.contains(document.activeElement)) this.focusName(opened);
    this.place.go({ opened: null });
    void this.readComments();
  }

  /** @param {string} id */
  focusName(id) {
    /** @type {HTMLElement | null} */ (this.querySelector(`tr[data-agent="${CSS.escape(id)}"] button`))?.focus({ preventScroll: true });
  }

  /** @param {boolean} still each row stays where it is */
  arrange(still) {
    const { text } = this;
    const { order, metric } = this.place.now;
    const agents = this.figures.pulse?.agents ?? [];
    const nameOf = (/** @type {Row} */ { id, name }) => agentName(text, id, name);
    this.rows = still && this.rows.length ? inPlace(this.rows, agents) : ranked(agents, order, text.tag, { metric, nameOf });
  }

  async saveCsv() {
    const { from, to } = this.figures.pulse?.period ?? { from: '', to: '' };
    this.told = '';
    try {
      const name = await save(this.session, pathOf('/gadgets/pulse.csv', this.query()), `pulse_${from}_${to}.csv`);
      this.told = this.text.t('pulse.csvSaved', { name });
    } catch (error) {
      this.told = this.text.t('pulse.csvFailed', { why: problemTitle(this.text, asProblem(error)) });
    }
  }

  scopeName() {
    const team = this.teams().find(({ id }) => id === this.place.now.team);
    return team?.name ?? this.text.t(this.supervises() ? 'pulse.allTeams' : 'pulse.agentTitle');
  }

  supervises() {
    return this.figures.pulse?.agents !== undefined;
  }

  teams() {
    return this.supervises() ? (this.session.person?.supervises ?? []) : [];
  }

  /** @param {Metric} metric of the trend, and of the changes in the table: no row moves for it */
  setMetric(metric) {
    this.place.go({ metric });
    this.arrange(true);
  }

  /** @param {import('./ranking.js').Column} column */
  sortBy(column) {
    this.place.go({ order: reorder(this.place.now.order, column) });
    this.arrange(false);
  }

  async showNewComments() {
    this.verbatims.letIn();
    await this.scrollToNewest();
  }

  /** @override */
  render() {
    return page(this);
  }
}
