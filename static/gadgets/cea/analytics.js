/** Customer Experience Analytics: an agent's own figures, or a supervisor's teams and each agent in them. */
import { LitElement, html, nothing } from 'lit';
import { asProblem } from '../api.js';
import { message, problemMessage } from '../pieces.js';
import { Figures, pathOf, save } from './figures.js';
import { reorder } from './ranking.js';
import { agentTable, reveal } from './table.js';
import { figuresView, header, skeleton } from './view.js';

const PERIODS = ['7d', '30d', '90d'];
const USUAL_PERIOD = '30d';

export class AnalyticsGadget extends LitElement {
  /** @override */
  static properties = {
    pulse: { state: true },
    agentPulse: { state: true },
    problem: { state: true },
    period: { state: true },
    team: { state: true },
    opened: { state: true },
    order: { state: true },
    metric: { state: true },
    pointed: { state: true },
    busy: { state: true },
    csvFailed: { state: true },
  };

  /** @param {import('../gadget.js').Surroundings} surroundings */
  constructor({ session, text, parameters }) {
    super();
    this.session = session;
    this.text = text;
    this.parameters = parameters;
    /** @type {Pulse | null} */
    this.pulse = null;
    /** @type {Pulse | null} the agent that was opened */
    this.agentPulse = null;
    /** @type {import('../api.js').Problem | null} */
    this.problem = null;
    this.freshAt = new Date();
    this.period = parameters.period || USUAL_PERIOD;
    this.team = '';
    /** @type {string | null} an agent's id */
    this.opened = null;
    /** @type {import('./ranking.js').Order} */
    this.order = { column: 'nps', descending: true };
    /** @type {Metric} the trend line's */
    this.metric = 'nps';
    /** @type {number | null} the day pointed at */
    this.pointed = null;
    this.busy = false;
    this.csvFailed = false;
    this.announced = '';
    this.visible = true;
    this.begun = false;
    this.figures = new Figures({
      session,
      query: () => this.query(),
      onPulse: (pulse) => this.take(pulse),
      onProblem: (problem) => this.setProblem(problem),
    });
    this.agentFigures = new Figures({
      session,
      query: () => ({ ...this.query(), agent: this.opened ?? '' }),
      onPulse: (pulse) => this.takeAgent(pulse),
      onProblem: (problem) => this.agentProblem(problem),
    });
  }

  /**
   * The gadget's one stylesheet styles it, so it draws into the page itself.
   *
   * @override
   */
  createRenderRoot() {
    return this;
  }

  /** Figures that nobody sees are not asked for: the desktop opens on another tab. */
  begin() {
    this.begun = true;
    if (this.visible) this.figures.poll.start();
  }

  /** @param {boolean} visible */
  show(visible) {
    this.visible = visible;
    if (visible && this.begun && this.figures.poll.stopped) this.figures.poll.start();
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
    const supervisor = this.session.person?.roles.includes('Supervisor');
    return {
      filterTags: this.parameters.filterTags || (supervisor ? 'cc_TeamId' : 'cc_AgentId'),
      period: this.period,
      team: this.team,
      questionnaire: this.parameters.questionnaire,
    };
  }

  /** @param {Pulse} pulse */
  take(pulse) {
    this.pulse = pulse;
    this.problem = null;
    this.freshAt = new Date();
    if (this.busy) this.announced = this.text.t('pulse.updated', { scope: this.scopeName(), period: this.periodName() });
    this.busy = false;
    if (this.opened && !pulse.agents?.some(({ id }) => id === this.opened)) this.close();
  }

  /** @param {Pulse} pulse of the agent who was opened; the first one is brought into sight where the table scrolls */
  async takeAgent(pulse) {
    const isFirst = this.agentPulse === null;
    this.agentPulse = pulse;
    await this.updateComplete;
    if (isFirst) reveal(this.querySelector('.agents'), this.querySelector('tr.detail'));
  }

  /** Figures that were seen stay while nobody can be reached, still dimmed where others were chosen; a refusal takes them away. @param {import('../api.js').Problem} problem */
  setProblem(problem) {
    this.problem = problem;
    if (problem.passing) return;
    this.pulse = null;
    this.busy = false;
  }

  /** @param {import('../api.js').Problem} problem */
  agentProblem(problem) {
    if (!problem.passing) this.close();
  }

  retry() {
    this.session.retry();
    this.figures.poll.start();
  }

  /** @param {{ period?: string, team?: string }} choice */
  choose({ period = this.period, team = this.team }) {
    if (period === this.period && team === this.team) return;
    this.period = period;
    this.team = team;
    this.pointed = null;
    this.busy = true;
    this.figures.poll.start();
    if (this.opened) this.agentFigures.poll.start();
  }

  /** @param {string} id of the agent whose name was clicked: opened in place, closed by the same click */
  toggle(id) {
    if (this.opened === id) return this.close();
    this.opened = id;
    this.agentPulse = null;
    this.agentFigures.kept = null;
    this.agentFigures.poll.start();
  }

  close() {
    this.agentFigures.poll.stop();
    this.opened = null;
    this.agentPulse = null;
  }

  async saveCsv() {
    const { from, to } = this.pulse?.period ?? { from: '', to: '' };
    this.csvFailed = false;
    try {
      await save(this.session, pathOf('/gadgets/pulse.csv', this.query()), `pulse-${from}-${to}.csv`);
    } catch (error) {
      this.csvFailed = asProblem(error) !== null;
    }
  }

  periods() {
    return [...new Set([...PERIODS, this.parameters.period || USUAL_PERIOD])];
  }

  /** @param {string} period */
  periodName(period = this.period) {
    const days = /^(\d+)d$/.exec(period);
    if (days) return this.text.t('pulse.days', { count: Number(days[1]) });
    const [from, to] = period.split('..').map((day) => (Number.isNaN(Date.parse(day)) ? day : this.text.calendarDay(day)));
    return to ? this.text.t('pulse.range', { from, to }) : period;
  }

  scopeName() {
    const team = this.teams().find(({ id }) => id === this.team);
    return team?.name ?? this.text.t(this.supervises() ? 'pulse.allTeams' : 'pulse.agentTitle');
  }

  supervises() {
    return this.pulse?.agents !== undefined;
  }

  teams() {
    return this.supervises() ? (this.session.person?.supervises ?? []) : [];
  }

  /** @override */
  render() {
    const state = this.pulse ? 'figures' : this.problem ? 'problem' : 'loading';
    return html`<section class="gadget" aria-label=${this.text.t('shell.analytics')} data-state=${state} aria-busy=${this.busy}>
      <p class="unseen" role="status">${this.announced}</p>
      ${this.content()}
    </section>`;
  }

  content() {
    const { text, pulse, problem } = this;
    if (pulse) return this.page(pulse);
    if (problem) return problemMessage(text, problem, () => this.retry());
    return skeleton(text);
  }

  /** @param {Pulse} pulse */
  page(pulse) {
    const { text } = this;
    return html`${header({
      text,
      title: text.t(this.supervises() ? 'pulse.teamTitle' : 'pulse.agentTitle'),
      teams: this.teams(),
      team: this.team,
      periods: this.periods().map((period) => ({ id: period, name: this.periodName(period) })),
      period: this.period,
      onChoose: (choice) => this.choose(choice),
      onCsv: this.supervises() ? () => void this.saveCsv() : null,
    })}
    ${this.figuresOf(pulse)}
    ${pulse.agents ? this.table(pulse.agents) : nothing} ${this.footer()}`;
  }

  /** @param {Pulse} pulse */
  figuresOf(pulse) {
    return figuresView({
      text: this.text,
      pulse,
      metric: this.metric,
      pointed: this.pointed,
      onMetric: (metric) => {
        this.metric = metric;
        this.pointed = null;
      },
      onPoint: (place) => {
        this.pointed = place;
      },
    });
  }

  /** @param {Row[]} agents */
  table(agents) {
    const { text, order, opened } = this;
    return agentTable({
      text,
      agents,
      order,
      opened,
      detail: this.agentPulse ? this.figuresOf(this.agentPulse) : message({ kind: 'loading', title: text.t('pulse.loading') }),
      onOrder: (column) => {
        this.order = reorder(order, column);
      },
      onOpen: (id) => this.toggle(id),
    });
  }

  /** One line that is always there, so that a lost connection moves nothing. */
  footer() {
    const { text, problem } = this;
    const time = text.time(this.freshAt);
    const trouble = this.csvFailed ? text.t('pulse.csvFailed') : problem ? text.t('pulse.stale', { time }) : '';
    const retry = html`<button type="button" class="link" @click=${() => this.retry()}>${text.t('problem.retry')}</button>`;
    return html`<footer class="footer muted small" data-stale=${problem !== null}>
      ${trouble ? nothing : text.t('pulse.fresh', { time })}<span role="status">${trouble}</span> ${problem ? retry : nothing}
    </footer>`;
  }
}
