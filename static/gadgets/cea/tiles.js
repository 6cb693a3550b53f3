/** A tile a figure: the score, its change, its spread, and what it stands on. */
import { html, nothing } from 'lit';
import { FEW, bandOf } from '../bands.js';
import { explained, explanation } from '../explanation.js';
import { changeOf, shape } from '../pieces.js';
import { DIGITS, METRICS, against, figure } from './numbers.js';

/** @typedef {import('../text.js').Text} Text */

/** Worst first, as a bar is read. */
const BANDS = /** @type {const} */ (['detractor', 'passive', 'promoter']);

/** @param {Text} text @param {Pulse} pulse */
export function tiles(text, pulse) {
  return html`<div class="tiles" data-tiles=${typeof pulse.responseRate === 'number' ? 4 : 3}>
    ${METRICS.map((metric) => tile(text, metric, pulse))} ${rateTile(text, pulse)}
  </div>`;
}

/** @param {Text} text @param {Metric} metric @param {Pulse} pulse */
function tile(text, metric, { metrics, scope }) {
  const data = metrics[metric];
  const few = data.responses < FEW;
  const id = `about-${metric}-${scope.agent ?? ''}`;
  return html`<div class="tile ${few ? 'few' : ''}" data-metric=${metric}>
    <h3 class="tile-name">${explained(id, text.t(`metric.${metric}`))}</h3>
    ${explanation(id, about(text, metric))}
    <p class="tile-figure">
      <span class="score">${figure(text, metric, data.score)}</span> ${changeOf(text, data.change, data.margin, DIGITS[metric])}
    </p>
    <p class="tile-base muted small">${base(text, metric, data).map((part) => html`<span>${part}</span> `)}</p>
    ${metric === 'nps' ? bandSpread(text, data) : valueSpread(text, metric, data)}
  </div>`;
}

/** @param {Text} text @param {Metric} metric */
const about = (text, metric) => html`<p>${text.t(`metricLong.${metric}`)}</p>
  <p class="muted">${text.t('pulse.aboutChance')}</p>`;

/** What a figure stands on. @param {Text} text @param {Metric} metric @param {Figure} data @returns {string[]} */
function base(text, metric, data) {
  const before = data.previous === null ? [] : [against(text, metric, data)];
  if (data.score === null) return [text.t('pulse.none'), ...before];
  const answers = text.t('pulse.answers', { count: data.responses });
  return [data.responses < FEW ? text.t('pulse.fewAnswers', { answers }) : answers, against(text, metric, data), ...scale(text, metric, data)];
}

/** @param {Text} text @param {Metric} metric @param {Figure} data */
function scale(text, metric, { mean, of }) {
  if (metric === 'csat') return [text.t('pulse.meanOf', { value: text.number(mean ?? 0, 1), of: 5 })];
  return metric === 'ces' ? [text.t('pulse.higherIsEasier', { of: of?.[1] ?? 7 })] : [];
}

/** @param {Text} text @param {Pulse} pulse */
function rateTile(text, { invited, invitedAnswered, responseRate, optedOut }) {
  if (typeof responseRate !== 'number') return nothing;
  const asked = text.t('pulse.asked', { answered: invitedAnswered ?? 0, invited: invited ?? 0 });
  return html`<div class="tile" data-metric="rate">
    <h3 class="tile-name">${text.t('pulse.responseRate')}</h3>
    <p class="tile-figure"><span class="score">${text.percent(responseRate * 100)}</span></p>
    <p class="tile-base muted small"><span>${asked}</span> ${optedOut ? html`<span>${text.t('pulse.optedOut', { count: optedOut })}</span>` : nothing}</p>
  </div>`;
}

/** @param {{ promoters?: number, passives?: number, detractors?: number }} data @returns {Record<Band, number>} */
const bandsOf = ({ promoters = 0, passives = 0, detractors = 0 }) => ({ detractor: detractors, passive: passives, promoter: promoters });

/** Promoters, passives, detractors: a bar, and their numbers beside their shapes. @param {Text} text @param {Figure} data */
function bandSpread(text, data) {
  const counts = bandsOf(data);
  return html`<div class="tile-spread">
    ${bar(counts)}
    <p class="legend muted">
      ${BANDS.map(
        (band) => html`<span class=${band}
          >${shape(band)} ${text.number(counts[band])} <span class="legend-word">${text.t(`bands.${band}`, { count: counts[band] })}</span></span
        > `,
      )}
    </p>
  </div>`;
}

/** @param {Record<Band, number>} counts */
const bar = (counts) => html`<div class="spread" aria-hidden="true">
  ${BANDS.map((band) => (counts[band] ? html`<i class=${band} style="flex-grow:${counts[band]}"></i>` : nothing))}
</div>`;

/** A row's spread: a bar over its numbers. @param {Text} text @param {{ promoters: number, passives: number, detractors: number }} of */
export function spreadBar(text, of) {
  const counts = bandsOf(of);
  const words = BANDS.map((band) => text.t('pulse.spread', { count: counts[band], who: text.t(`bands.${band}`, { count: counts[band] }) }));
  const label = words.join(text.t('pulse.comma'));
  return html`<div class="spread-box" role="img" aria-label=${label} title=${label}>
    ${bar(counts)}
    <p class="spread-counts">${BANDS.map((band) => html`<span class=${band}>${shape(band)} ${text.short(counts[band])}</span>`)}</p>
  </div>`;
}

/** How many gave each value of the scale. @param {Text} text @param {Metric} metric @param {Figure} data */
function valueSpread(text, metric, { counts, of }) {
  const range = metric === 'ces' ? (of ?? [1, 7]) : /** @type {[number, number]} */ ([1, 5]);
  const values = Array.from({ length: range[1] - range[0] + 1 }, (_, step) => range[0] + step);
  const most = Math.max(1, ...Object.values(counts));
  const list = values.map((value) => text.t('pulse.gave', { value, count: counts[value] ?? 0 })).join(text.t('pulse.comma'));
  return html`<div class="tile-spread histogram" role="img" aria-label=${text.t('pulse.gaveEach', { list })}>
    ${values.map((value) => {
      const count = counts[value] ?? 0;
      return html`<span class="column" title=${text.t('pulse.gave', { value, count })}
        ><span class="column-count">${text.short(count)}</span
        ><i class=${bandOf(metric, value, range)} style="height:${(22 * count) / most}px"></i><span class="column-value">${value}</span></span
      >`;
    })}
  </div>`;
}

/** The outline of tiles while they are on their way, as high as they will be. @param {Text} text */
export const tilesOutline = (text) => html`<div class="tiles" data-tiles="3" aria-hidden="true">
  ${METRICS.map(
    (metric) => html`<div class="tile" data-metric=${metric}>
      <h3 class="tile-name">${text.t(`metric.${metric}`)}</h3>
      <p class="tile-figure"><i class="bone"></i></p>
      <p class="tile-base small"><i class="bone w60"></i></p>
      <div class="tile-spread"></div>
    </div>`,
  )}
</div>`;
