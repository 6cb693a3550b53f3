/** What CEA draws: the choices on top, a tile a figure, the trend line. */
import { html, nothing } from 'lit';
import { FEW } from '../bands.js';
import { changeOf } from '../pieces.js';
import { trendOf } from './trend.js';

/** @typedef {import('../text.js').Text} Text */

const METRICS = /** @type {Metric[]} */ (['nps', 'csat', 'ces']);

/** More teams than this do not fit a row of buttons. */
const MOST_TEAM_BUTTONS = 4;

/** Digits after the point. @type {Record<Metric, number>} */
const DIGITS = { nps: 0, csat: 1, ces: 1 };

/** @param {Text} text @param {Metric} metric @param {number | null | undefined} value */
export function figure(text, metric, value) {
  if (value === null || value === undefined) return '–';
  return metric === 'csat' ? text.percent(value) : text.number(value, DIGITS[metric]);
}

/**
 * @typedef {object} HeaderProps
 * @property {Text} text
 * @property {string} title
 * @property {Team[]} teams
 * @property {string} team
 * @property {{ id: string, name: string }[]} periods
 * @property {string} period
 * @property {(choice: { period?: string, team?: string }) => void} onChoose
 * @property {(() => void) | null} onCsv null where there are no rows to save
 */

/** @param {HeaderProps} props */
export function header(props) {
  const { text, title, teams, periods, period, onChoose, onCsv } = props;
  return html`<header class="head">
    <h2>${title}</h2>
    ${teams.length > 1 ? teamPicker(props) : html`<span class="muted">${teams[0]?.name}</span>`}
    <span class="gap"></span>
    ${segments(text.t('pulse.period'), periods, period, (id) => onChoose({ period: id }))}
    ${onCsv ? html`<button type="button" class="link" title=${text.t('pulse.csvMore')} @click=${onCsv}>${text.t('pulse.csv')}</button>` : nothing}
  </header>`;
}

/** @param {HeaderProps} props */
function teamPicker({ text, teams, team, onChoose }) {
  const choices = [{ id: '', name: text.t('pulse.allTeams') }, ...teams];
  const choose = (/** @type {string} */ id) => onChoose({ team: id });
  if (teams.length <= MOST_TEAM_BUTTONS) return segments(text.t('pulse.team'), choices, team, choose);
  return html`<select
    class="picker"
    aria-label=${text.t('pulse.team')}
    @change=${(/** @type {Event} */ event) => choose(/** @type {HTMLSelectElement} */ (event.target).value)}
  >
    ${choices.map(({ id, name }) => html`<option value=${id} ?selected=${id === team}>${name}</option>`)}
  </select>`;
}

/** @param {string} label @param {{ id: string, name: string }[]} choices @param {string} chosen @param {(id: string) => void} onChoose */
function segments(label, choices, chosen, onChoose) {
  return html`<div class="segments" role="group" aria-label=${label}>
    ${choices.map(
      ({ id, name }) => html`<button type="button" data-choice=${id} aria-pressed=${id === chosen} @click=${() => onChoose(id)}>${name}</button>`,
    )}
  </div>`;
}

/**
 * @typedef {object} FiguresProps
 * @property {Text} text
 * @property {Pulse} pulse
 * @property {Metric} metric of the trend line
 * @property {number | null} pointed
 * @property {(metric: Metric) => void} onMetric
 * @property {(place: number | null) => void} onPoint
 */

/** @param {FiguresProps} props */
export function figuresView(props) {
  const { text, pulse } = props;
  return html`<div class="tiles" data-tiles=${typeof pulse.responseRate === 'number' ? 4 : 3}>
      ${METRICS.map((metric) => tile(text, metric, pulse.metrics[metric]))} ${rateTile(text, pulse)}
    </div>
    ${trendView(props)}`;
}

/** @param {Text} text @param {Metric} metric @param {Figure} data */
function tile(text, metric, data) {
  const few = data.responses < FEW;
  return html`<div class="tile" data-metric=${metric}>
    <h3 class="tile-name" title=${text.t(`metricLong.${metric}`)}>${text.t(`metric.${metric}`)}</h3>
    <p class="tile-figure ${few ? 'few' : ''}">
      <span class="score">${figure(text, metric, data.score)}</span> ${changeOf(text, data.change, DIGITS[metric])}
    </p>
    ${metric === 'nps' ? spreadBar(text, data) : nothing}
    <p class="tile-base muted small">${base(text, metric, data).join(' · ')}</p>
  </div>`;
}

/** What a figure stands on. @param {Text} text @param {Metric} metric @param {Figure} data @returns {string[]} */
function base(text, metric, data) {
  if (data.score === null) return [text.t('pulse.none')];
  const few = data.responses < FEW ? [text.t('pulse.few')] : [];
  const answers = text.t('pulse.answers', { count: data.responses });
  if (metric === 'nps') return [...few, answers, before(text, data)];
  if (metric === 'csat') return [text.t('pulse.meanOf', { value: text.number(data.mean ?? 0, 1), of: 5 }), ...few, answers];
  return [text.t('pulse.higherIsEasier', { of: data.of?.[1] ?? 7 }), ...few, answers];
}

/** @param {Text} text @param {Figure} data */
function before(text, { previous }) {
  return previous === null ? text.t('pulse.noBefore') : text.t('pulse.before', { value: text.number(previous) });
}

/** @param {Text} text @param {Pulse} pulse */
function rateTile(text, { responses, invited, responseRate }) {
  if (responseRate === null || responseRate === undefined) return nothing;
  const asked = text.t('pulse.asked', { answered: Math.round(responseRate * (invited ?? 0)) || responses, invited: invited ?? 0 });
  return html`<div class="tile" data-metric="rate">
    <h3 class="tile-name">${text.t('pulse.responseRate')}</h3>
    <p class="tile-figure"><span class="score">${text.percent(responseRate * 100)}</span></p>
    <p class="tile-base muted small">${asked}</p>
  </div>`;
}

/** @param {Text} text @param {{ promoters?: number, passives?: number, detractors?: number }} counts */
export function spreadBar(text, { promoters = 0, passives = 0, detractors = 0 }) {
  const parts = /** @type {const} */ ([['detractor', detractors], ['passive', passives], ['promoter', promoters]]);
  const label = text.t('pulse.spread', { promoters, passives, detractors });
  return html`<div class="spread" role="img" aria-label=${label} title=${label}>
    ${parts.map(([band, count]) => (count ? html`<i class=${band} style="flex-grow:${count}"></i>` : nothing))}
  </div>`;
}

/** @param {FiguresProps} props */
function trendView(props) {
  const { text, pulse, metric, onPoint } = props;
  const line = trendOf(pulse, metric);
  const known = line.values.filter((value) => value !== null);
  const { from, to } = pulse.period;
  const [first, last] = [text.calendarDay(from), text.calendarDay(to)];
  return html`<figure class="trend">
    <figcaption class="trend-head small">
      <span class="muted">${caption(props, line)}</span>
      ${metricSwitch(props)}
    </figcaption>
    <div class="trend-box" role="img" aria-label=${trendWords(text, metric, known, { from: first, to: last })}>
      ${known.length > 1
        ? html`<pulse-trend .line=${{ dates: line.dates, values: line.values, limits: limits(pulse, metric), onPoint }}></pulse-trend>`
        : html`<p class="trend-none muted">${text.t(pulse.responses ? 'pulse.trendNone' : 'pulse.noneYet')}</p>`}
    </div>
    <p class="trend-ends muted small"><span>${first}</span><span>${last}</span></p>
  </figure>`;
}

/** @param {Pulse} pulse @param {Metric} metric @returns {[number, number]} */
function limits({ metrics }, metric) {
  return { nps: /** @type {[number, number]} */ ([-100, 100]), csat: /** @type {[number, number]} */ ([0, 100]), ces: metrics.ces.of ?? [1, 7] }[metric];
}

/** The line's name, or the day pointed at. @param {FiguresProps} props @param {ReturnType<typeof trendOf>} line */
function caption({ text, metric, pointed }, { dates, values, window }) {
  const name = text.t(`metric.${metric}`);
  const value = pointed === null ? null : values[pointed];
  if (pointed !== null && value !== null && value !== undefined) {
    return html`${text.calendarDay(dates[pointed])} <strong>${name} ${figure(text, metric, rounded(value, metric))}</strong>`;
  }
  return window > 1 ? text.t('pulse.trendSmooth', { metric: name, count: window }) : text.t('pulse.trendDaily', { metric: name });
}

/** @param {number} value @param {Metric} metric */
const rounded = (value, metric) => Number(value.toFixed(DIGITS[metric]));

/** @param {FiguresProps} props */
function metricSwitch({ text, metric, onMetric }) {
  return html`<span class="switch">
    ${METRICS.map((one) => {
      const name = text.t(`metric.${one}`);
      return html`<button
        type="button"
        class="link"
        aria-pressed=${one === metric}
        aria-label=${text.t('pulse.showTrend', { metric: name })}
        @click=${() => onMetric(one)}
      >
        ${name}
      </button>`;
    })}
  </span>`;
}

/** The line in words, for those who do not see it. @param {Text} text @param {Metric} metric @param {number[]} known @param {{ from: string, to: string }} ends */
function trendWords(text, metric, known, ends) {
  if (known.length < 2) return text.t('pulse.trendNone');
  const say = (/** @type {number} */ value) => figure(text, metric, rounded(value, metric));
  return text.t('pulse.trendText', {
    ...ends,
    metric: text.t(`metric.${metric}`),
    first: say(known[0]),
    last: say(known[known.length - 1]),
    lowest: say(Math.min(...known)),
    highest: say(Math.max(...known)),
  });
}

/** The outline of the figures while they are on their way. @param {Text} text */
export function skeleton(text) {
  return html`<div class="skeleton">
    <header class="head"><p class="muted" role="status">${text.t('pulse.loading')}</p></header>
    <div class="tiles" aria-hidden="true">
      ${METRICS.map(
        (metric) => html`<div class="tile">
          <h3 class="tile-name">${text.t(`metric.${metric}`)}</h3>
          <p class="tile-figure"><i class="bone"></i></p>
          <p class="small"><i class="bone w60"></i></p>
        </div>`,
      )}
    </div>
    <div class="trend" aria-hidden="true"><div class="trend-box"></div></div>
  </div>`;
}
