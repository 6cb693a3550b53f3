/** Which band a score is in: detractor, passive or promoter, in every metric; and how a change reads. */

/** Scales of the questionnaires as they come when an answer does not say its own. @type {Record<Metric, [number, number]>} */
export const SCALES = { nps: [0, 10], csat: [1, 5], ces: [1, 7] };

/** Fewer answers than this are shown as few, and not ranked. */
export const FEW = 5;

/**
 * NPS by its definition; CSAT and CES by where the value lies on its scale (of 5: 3 is in the middle; of 7: 4 and 5).
 *
 * @param {Metric} metric
 * @param {number} value
 * @param {[number, number]} [scale]
 * @returns {Band}
 */
export function bandOf(metric, value, scale = SCALES[metric]) {
  if (metric === 'nps') return value >= 9 ? 'promoter' : value >= 7 ? 'passive' : 'detractor';
  const place = (value - scale[0]) / (scale[1] - scale[0]);
  return place >= 0.75 ? 'promoter' : place >= 0.5 ? 'passive' : 'detractor';
}

/** @param {number} change @returns {'up' | 'down' | 'same'} */
export const direction = (change) => (change > 0 ? 'up' : change < 0 ? 'down' : 'same');

/** Whether a change may be chance: one without a margin is of too few answers to say. @param {number} change @param {number | null} margin */
export const mayBeChance = (change, margin) => change !== 0 && (margin === null || Math.abs(change) <= margin);

/**
 * Which way a customer's scores are going: the later half against the earlier half, oldest first.
 *
 * @param {number[]} values NPS, 0 to 10
 * @returns {'rising' | 'falling' | 'steady' | null} null where there is nothing to compare
 */
export function course(values) {
  const half = Math.floor(values.length / 2);
  if (half === 0) return null;
  const change = mean(values.slice(-half)) - mean(values.slice(0, half));
  return change >= 1 ? 'rising' : change <= -1 ? 'falling' : 'steady';
}

/** @param {number[]} values */
const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
