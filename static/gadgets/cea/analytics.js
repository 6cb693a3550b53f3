/** Customer Experience Analytics: an agent's own figures, or a supervisor's teams and each agent in them. */
import { LitElement } from 'lit';
import { asProblem } from '../api.js';
import { problemTitle } from '../pieces.js';
import { Figures, pathOf, save } from './figures.js';
import { agentName, periodName } from './numbers.js';
import { page } from './page.js';
import { placeFrom, placeKey, usualPlace } from './place.js';
import { inPlace, ranked, reorder } from './ranking.js';
import { reveal } from './table.js';
import { Verbatims } from './verbatims.js';

const USUAL_PERIOD = '30d';

/** Milliseconds after which a pointer that does not move reads no more. */
const PATIENCE = 60_000;

export class AnalyticsGadget extends LitElement {
  /** @override */
  static properties = {
    pulse: { state: true },
    agentPulse: { state: true },
    rows: { state: true },
    problem: { state: true },
    place: { state: true },
    pointed: { state: true },
    busy: { state: true },
    told: { state: true },
  };

  /** @param {import('../gadget.js').Surroundings} surroundings */
  constructor({ session, text, memory, parameters }) {
    super();
    this.session = session;
    this.text = text;
    this.parameters = parameters;
    this.usual = usualPlace(parameters.period || USUAL_PERIOD);
    this.memory = memory;
    this.placeKey = placeKey(parameters);
    this.place = this.usual;
    /** @type {Pulse | null} */
    this.pulse = null;
    /** @type {Pulse | null} the agent that was opened */
    this.agentPulse = null;
    /** @type {Row[]} agents in the order that they are shown in */
    this.rows = [];
    /** @type {import('../api.js').Problem | null} */
    this.problem = null;
    this.freshAt = new Date();
    /** @type {string | null} the day that is read in the trend */
    this.pointed = null;
    this.busy = false;
    /** What became of the file that was asked for. */
    this.told = '';
    this.announced = '';
    this.visible = true;
    this.begun = false;
    this.asked = false;
    /** When the pointer last moved over the lists; 0 while it is elsewhere. */
    this.pointedAt = 0;
    this.figures = new Figures({
      session,
      query: () => this.query(),
      onPulse: (pulse, isNew) => this.take(pulse, isNew),
      onProblem: (problem) => this.setProblem(problem),
    });
    this.agentFigures = new Figures({
      session,
      query: () => this.agentQuery(),
      onPulse: (pulse) => this.takeAgent(pulse),
      onProblem: (problem) => !problem.again && this.close(),
    });
    this.verbatims = new Verbatims({ session, query: () => this.agentQuery(), onChange: () => this.requestUpdate() });
  }

  /** The gadget's one stylesheet styles it, so it draws into the page itself. @override */
  createRenderRoot() {
    return this;
  }

  /** Figures that nobody sees are not asked for: the desktop opens on another tab. */
  async begin() {
    this.place = placeFrom(await this.memory.recall(this.placeKey), this.usual);
    this.begun = true;
    if (this.visible) this.ask();
  }

  ask() {
    this.asked = true;
    this.figures.poll.start();
    void this.readComments();
  }

  /** Another question begins at its newest comment. */
  async readComments() {
    await this.verbatims.begin();
    await this.updateComplete;
    this.querySelector('.comments-scroll')?.scrollTo({ top: 0 });
  }

  /** @param {boolean} visible */
  show(visible) {
    this.visible = visible;
    if (visible && this.begun && !this.asked) this.ask();
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
    const { parameters, place, session } = this;
    const usual = session.person?.roles.includes('Supervisor') ? 'cc_TeamId' : 'cc_AgentId';
    return { filterTags: parameters.filterTags || usual, period: place.period, team: place.team, questionnaire: parameters.questionnaire };
  }

  agentQuery() {
    return { ...this.query(), agent: this.place.opened ?? '' };
  }

  /** @param {Pulse} pulse @param {boolean} isNew */
  take(pulse, isNew) {
    const isChosen = this.busy || this.pulse === null;
    this.pulse = pulse;
    this.problem = null;
    this.freshAt = new Date();
    if (isChosen) this.announced = this.text.t('pulse.updated', { scope: this.scopeName(), period: periodName(this.text, this.place.period) });
    this.arrange(this.isRead() && !isChosen);
    this.busy = false;
    const { opened } = this.place;
    if (opened && !pulse.agents?.some(({ id }) => id === opened)) this.close();
    else if (opened && this.agentFigures.poll.stopped) this.agentFigures.poll.start();
    if (this.verbatims.problem?.again || (isNew && !isChosen)) void this.refreshComments();
  }

  async refreshComments() {
    await this.verbatims.refresh();
    this.letCommentsIn();
  }

  /** New comments come on top where nobody reads, and nobody has scrolled down to read. */
  letCommentsIn() {
    if (!this.isRead() && !this.querySelector('.comments-scroll')?.scrollTop) this.verbatims.letIn();
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
    if (problem.passing && this.pulse) return;
    this.pulse = null;
    this.busy = false;
    this.announced = problemTitle(this.text, problem);
    if (problem.again || JSON.stringify(this.place) === JSON.stringify(this.usual)) return;
    /* What was kept may not be this person's to see any more. */
    this.close();
    this.go(this.usual);
    queueMicrotask(() => this.ask());
  }

  retry() {
    this.session.retry();
    this.figures.poll.start();
    if (this.verbatims.list === null) void this.readComments();
  }

  /** @param {Partial<import('./place.js').Place>} change */
  go(change) {
    this.place = change === this.usual ? this.usual : { ...this.place, ...change };
    this.memory.keep(this.placeKey, this.place);
  }

  /** @param {{ period?: string, team?: string }} choice */
  choose({ period = this.place.period, team = this.place.team }) {
    if (period === this.place.period && team === this.place.team) return;
    this.go({ period, team });
    this.pointed = null;
    this.busy = true;
    this.ask();
    if (this.place.opened) this.agentFigures.poll.start();
  }

  /** @param {string} id of the agent whose name was clicked: opened in place, closed by the same click */
  toggle(id) {
    if (this.place.opened === id) return this.close();
    this.go({ opened: id });
    this.agentPulse = null;
    this.agentFigures.kept = null;
    this.agentFigures.poll.start();
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
    const { opened } = this.place;
    this.agentFigures.poll.stop();
    this.agentPulse = null;
    if (!opened) return;
    if (this.querySelector('tr.detail')?.contains(document.activeElement)) this.focusName(opened);
    this.go({ opened: null });
    void this.readComments();
  }

  /** @param {string} id */
  focusName(id) {
    /** @type {HTMLElement | null} */ (this.querySelector(`tr[data-agent="${CSS.escape(id)}"] button`))?.focus({ preventScroll: true });
  }

  /** Whether somebody points at the lists or is in them with the keyboard: then nothing in them moves. */
  isRead() {
    return Date.now() - this.pointedAt < PATIENCE || this.querySelector('.below :focus-visible') !== null;
  }

  pointAtLists() {
    this.pointedAt = Date.now();
  }

  /** What had to wait comes now. */
  leaveLists() {
    this.pointedAt = 0;
    if (this.isRead()) return;
    this.arrange(false);
    this.letCommentsIn();
  }

  /** @param {boolean} still each row stays where it is */
  arrange(still) {
    const { place, text } = this;
    const agents = this.pulse?.agents ?? [];
    const nameOf = (/** @type {Row} */ { id, name }) => agentName(text, id, name);
    this.rows = still && this.rows.length ? inPlace(this.rows, agents) : ranked(agents, place.order, text.tag, { metric: place.metric, nameOf });
  }

  async saveCsv() {
    const { from, to } = this.pulse?.period ?? { from: '', to: '' };
    this.told = '';
    try {
      const name = await save(this.session, pathOf('/gadgets/pulse.csv', this.query()), `pulse_${from}_${to}.csv`);
      this.told = this.text.t('pulse.csvSaved', { name });
    } catch (error) {
      this.told = this.text.t('pulse.csvFailed', { why: problemTitle(this.text, asProblem(error)) });
    }
  }

  scopeName() {
    const team = this.teams().find(({ id }) => id === this.place.team);
    return team?.name ?? this.text.t(this.supervises() ? 'pulse.allTeams' : 'pulse.agentTitle');
  }

  supervises() {
    return this.pulse?.agents !== undefined;
  }

  teams() {
    return this.supervises() ? (this.session.person?.supervises ?? []) : [];
  }

  /** @param {Metric} metric of the trend, and of the changes in the table: no row moves for it */
  setMetric(metric) {
    this.go({ metric });
    this.arrange(true);
  }

  /** @param {import('./ranking.js').Column} column */
  sortBy(column) {
    this.go({ order: reorder(this.place.order, column) });
    this.arrange(false);
  }

  async showNewComments() {
    this.verbatims.letIn();
    await this.updateComplete;
    this.querySelector('.comments-scroll')?.scrollTo({ top: 0 });
  }

  /** @override */
  render() {
    return page(this);
  }
}
