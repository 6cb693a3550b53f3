/** The scores of one answer: each with its metric, its scale and its band; as words, and as a chip. */
import { bandOf, SCALES } from './bands.js';
import { chip } from './pieces.js';

/** @typedef {import('./text.js').Text} Text */
/** @typedef {{ metric: Metric, value: number, scale: [number, number], band: Band }} Score */

const METRICS = /** @type {Metric[]} */ (['nps', 'csat', 'ces']);

/** @param {Pick<JourneyAnswer, 'scores' | 'scales'>} answer @returns {Score[]} */
export function scoresOf({ scores, scales }) {
  return METRICS.flatMap((metric) => {
    const value = scores[metric];
    if (typeof value !== 'number') return [];
    const scale = scales?.[metric] ?? SCALES[metric];
    return [{ metric, value, scale, band: bandOf(metric, value, scale) }];
  });
}

/** "NPS 3", "CSAT 2 / 5". @param {Text} text @param {Score} score */
export function scoreWords(text, { metric, value, scale }) {
  const words = { metric: text.t(`metric.${metric}`), value: String(value), of: String(scale[1]) };
  return text.t(metric === 'nps' ? 'score.of' : 'score.outOf', words);
}

/** @param {Text} text @param {Score} score */
export const scoreChip = (text, score) => chip(text, score.metric, score.band, scoreWords(text, score));
