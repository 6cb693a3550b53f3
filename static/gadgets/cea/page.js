/** The page of CEA, put together from its parts. */
import { html, nothing } from 'lit';
import { problemMessage } from '../pieces.js';
import { commentsView } from './comments.js';
import { agentName, periodName } from './numbers.js';
import { agentTable } from './table.js';
import { tiles } from './tiles.js';
import { trendView } from './trend-view.js';
import { figuresOutline, header, skeleton } from './view.js';

/** @typedef {import('./analytics.js').AnalyticsGadget} Gadget */

const PERIODS = ['today', 'yesterday', '7d', '30d', '90d'];

/** @param {Gadget} gadget */
export function page(gadget) {
  const { text, announced, figures } = gadget;
  const { pulse, problem } = figures;
  const state = pulse ? 'figures' : problem ? 'problem' : 'loading';
  return html`<section class="gadget" aria-label=${text.t('shell.analytics')} data-state=${state} aria-busy=${pulse !== null && figures.isAwaited}>
    <p class="unseen" role="status">${announced}</p>
    ${pulse ? figuresPage(gadget, pulse) : problem ? problemMessage(text, problem, () => gadget.retry()) : skeleton(text)}
  </section>`;
}

/** @param {Gadget} gadget @param {Pulse} pulse */
function figuresPage(gadget, pulse) {
  const { text } = gadget;
  return html`${choices(gadget)} ${tiles(text, pulse)}
    <div class="below">
      <div class="main">${trend(gadget, pulse)} ${pulse.agents ? table(gadget) : nothing}</div>
      <div class="side">${comments(gadget, pulse)}</div>
    </div>
    ${footer(gadget)}`;
}

/** @param {Gadget} gadget */
function choices(gadget) {
  const { text, place } = gadget;
  const { team, period } = place.now;
  const periods = [...new Set([...PERIODS, place.usual.period, period])];
  return header({
    text,
    title: text.t(gadget.supervises() ? 'pulse.teamTitle' : 'pulse.agentTitle'),
    teams: gadget.teams(),
    team,
    periods: periods.map((id) => ({ id, name: periodName(text, id) })),
    period,
    onChoose: (choice) => gadget.choose(choice),
    onCsv: () => void gadget.saveCsv(),
  });
}

/** @param {Gadget} gadget @param {Pulse} pulse */
function trend(gadget, pulse) {
  return trendView({
    text: gadget.text,
    pulse,
    metric: gadget.place.now.metric,
    pointed: gadget.pointed,
    onMetric: (metric) => gadget.setMetric(metric),
    onPoint: (day) => {
      gadget.pointed = day;
    },
  });
}

/** @param {Gadget} gadget */
function table(gadget) {
  const { text, rows, agentFigures } = gadget;
  const { order, metric, opened } = gadget.place.now;
  const { pulse, problem, isAwaited } = agentFigures;
  return agentTable({
    text,
    rows,
    order,
    metric,
    opened,
    detail: pulse
      ? html`${tiles(text, pulse)} ${trend(gadget, pulse)}`
      : problem ? problemMessage(text, problem, () => agentFigures.start()) : figuresOutline(text),
    isDetailAwaited: pulse !== null && isAwaited,
    onOrder: (column) => gadget.sortBy(column),
    onOpen: (id) => gadget.toggle(id),
    onClose: () => gadget.close(),
  });
}

/** @param {Gadget} gadget @param {Pulse} pulse */
function comments(gadget, { agents }) {
  const { text, verbatims, place } = gadget;
  const { band, opened } = place.now;
  const agent = agents?.find(({ id }) => id === opened);
  return commentsView({
    text,
    verbatims,
    band,
    about: agent ? agentName(text, agent.id, agent.name) : '',
    opened,
    named: gadget.supervises(),
    onBand: (chosen) => place.go({ band: chosen }),
    onOpen: (id) => gadget.openFromComment(id),
    onEarlier: () => void verbatims.earlier(band),
    onNew: () => void gadget.showNewComments(),
    onRetry: () => void gadget.readComments(),
  });
}

/** One line that is always there, so that a lost connection moves nothing. @param {Gadget} gadget */
function footer(gadget) {
  const { text, told } = gadget;
  const { problem, freshAt } = gadget.figures;
  const time = text.time(freshAt);
  const retry = html`<button type="button" class="link" @click=${() => gadget.retry()}>${text.t('problem.retry')}</button>`;
  return html`<footer class="footer muted small" data-stale=${problem !== null}>
    ${problem ? nothing : html`<span>${text.t('pulse.fresh', { time })}</span>`}
    <span role="status">${problem ? text.t('pulse.stale', { time }) : told}</span> ${problem ? retry : nothing}
  </footer>`;
}
