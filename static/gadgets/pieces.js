/** Small pieces that both gadgets draw: shapes, chips, changes, messages. */
import { html, nothing, svg } from 'lit';
import { direction, mayBeChance } from './bands.js';

/** @typedef {import('./text.js').Text} Text */

/** A shape a band, so that colour is never the only sign. */
const SHAPES = {
  detractor: svg`<path d="M1 2h10L6 11z"/>`,
  passive: svg`<circle cx="6" cy="6" r="4.5"/>`,
  promoter: svg`<path d="M6 1l5 9H1z"/>`,
};

/** @param {Band | null} band */
export const shape = (band) =>
  band ? html`<svg class="shape" viewBox="0 0 12 12" aria-hidden="true">${SHAPES[band]}</svg>` : nothing;

/** A score with the shape and the colour of its band, which is read out too. @param {Text} text @param {Metric} metric @param {Band} band @param {string} label */
export function chip(text, metric, band, label) {
  const name = text.t(`band.${band}`);
  return html`<span class="chip ${band}" data-metric=${metric} title=${name}
    >${shape(band)}${label}<span class="unseen">${text.t('score.inBand', { band: name })}</span></span
  >`;
}

/**
 * A change against the period before: an arrow and the amount, coloured and read out as better or worse. One that may be
 * chance is neither.
 *
 * @param {Text} text
 * @param {number | null} change
 * @param {number | null} margin a change inside it may be chance
 * @param {number} [digits]
 */
export function changeOf(text, change, margin, digits = 0) {
  if (change === null || change === undefined) return nothing;
  const way = direction(change);
  const amount = text.number(Math.abs(change), digits);
  if (mayBeChance(change, margin)) return chance(text, change, amount, digits);
  const sign = way === 'same' ? '=' : shape(way === 'up' ? 'promoter' : 'detractor');
  return html`<span class="change ${way}"
    ><span aria-hidden="true">${sign} ${amount}</span
    ><span class="unseen">${text.t(`pulse.${way}`, { value: amount })}</span></span
  >`;
}

/** @param {Text} text @param {number} change @param {string} amount @param {number} digits */
function chance(text, change, amount, digits) {
  const words = text.t('pulse.chance', { change: text.t(`pulse.${direction(change)}`, { value: amount }) });
  return html`<span class="change chance" title=${words}
    ><span aria-hidden="true">≈ ${change > 0 ? '+' : ''}${text.number(change, digits)}</span><span class="unseen">${words}</span></span
  >`;
}

/**
 * A state that takes the place of figures: a title, what it means, and where it can help a button.
 *
 * @param {{ title: string, more?: string, kind: string, action?: unknown }} message
 */
export const message = ({ title, more, kind, action = nothing }) => html`<div class="message" data-state=${kind}>
  <p class="message-title">${title}</p>
  ${more ? html`<p class="muted">${more}</p>` : nothing} ${action}
</div>`;

/** What an administrator corrects in the layout. @type {Record<string, string>} */
const PARAMETERS = { unknown_filter: 'filterTags', bad_period: 'period', unknown_questionnaire: 'questionnaire' };

/** The key of the words for a problem. @param {Text} text @param {import('./api.js').Problem} problem */
function problemKey(text, { code, passing }) {
  if (code in PARAMETERS) return 'problem.bad_layout';
  if (code === 'session_required') return 'problem.invalid_credentials';
  return text.has(`problem.${code}`) ? `problem.${code}` : passing ? 'problem.unreachable' : 'problem.unexpected';
}

/** @param {Text} text @param {import('./api.js').Problem} problem */
export const problemTitle = (text, problem) => text.t(problemKey(text, problem));

/** @param {Text} text @param {import('./api.js').Problem} problem @param {() => void} onRetry */
export function problemMessage(text, problem, onRetry) {
  return message({
    kind: problem.passing ? 'unreachable' : 'refused',
    title: problemTitle(text, problem),
    more: text.t(`${problemKey(text, problem)}More`, { parameter: PARAMETERS[problem.code] }),
    action: html`<button type="button" class="button" data-code=${problem.code} @click=${onRetry}>${text.t('problem.retry')}</button>`,
  });
}
