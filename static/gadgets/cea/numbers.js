/** Figures as words: each metric with its digits, a change with its direction, an agent with a name. */

import { mayBeChance } from '../bands.js';

/** @typedef {import('../text.js').Text} Text */

export const METRICS = /** @type {Metric[]} */ (['nps', 'csat', 'ces']);

/** Digits after the point. @type {Record<Metric, number>} */
export const DIGITS = { nps: 0, csat: 1, ces: 1 };

/** @param {Text} text @param {Metric} metric @param {number | null | undefined} value */
export function figure(text, metric, value) {
  if (value === null || value === undefined) return '–';
  return metric === 'csat' ? text.percent(value) : text.number(value, DIGITS[metric]);
}

/** "up from 35", where that is no chance. @param {Text} text @param {Metric} metric @param {Pick<Figure, 'previous' | 'change' | 'margin'>} data */
export function against(text, metric, { previous, change, margin }) {
  if (previous === null) return text.t('pulse.noBefore');
  const value = figure(text, metric, previous);
  if (change === null || mayBeChance(change, margin)) return text.t('pulse.before', { value });
  return text.t(change > 0 ? 'pulse.upFrom' : change < 0 ? 'pulse.downFrom' : 'pulse.sameAs', { value });
}

/** Somebody whom the directory does not know has a number. @param {Text} text @param {string | null} id @param {string | null | undefined} name */
export const agentName = (text, id, name) => name || text.t('pulse.unknownAgent', { id: id ?? '–' });

/** @param {Text} text @param {string} period as it is asked for */
export function periodName(text, period) {
  if (period === 'today' || period === 'yesterday') return text.t(`pulse.${period}`);
  const days = /^(\d+)d$/.exec(period);
  if (days) return text.t('pulse.days', { count: Number(days[1]) });
  const [from, to] = period.split('..').map((day) => (Number.isNaN(Date.parse(day)) ? day : text.calendarDay(day)));
  if (!to) return period;
  return from === to ? from : text.t('pulse.range', { from, to });
}
