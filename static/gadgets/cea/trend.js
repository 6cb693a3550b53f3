/** The trend as points: of each day its own score, and the mean of the days up to it. */

/** Fewer answers than this are a dot, and no part of a line. */
export const FEW_A_DAY = 10;

/**
 * @typedef {object} Point
 * @property {string} date
 * @property {number | null} score of the day alone
 * @property {number} responses
 * @property {{ score: number | null, responses: number, days: number } | null} mean null where the line has few days
 */

/** @param {Pulse} pulse @param {Metric} metric @returns {Point[]} */
export const pointsOf = ({ trend }, metric) =>
  trend.map((day) => ({ date: day.date, score: day[metric].score, responses: day[metric].responses, mean: day[metric].mean ?? null }));

/** What the line shows of a day: the mean, or the day's own score where enough gave one. @param {Point} point */
export const lineValue = ({ score, responses, mean }) => (mean ? mean.score : responses >= FEW_A_DAY ? score : null);

/** The line in pieces: it breaks where there is nothing to show. @param {Point[]} points @returns {[number, number][][]} places with values */
export function pieces(points) {
  /** @type {[number, number][][]} */
  const lines = [];
  let open = false;
  points.forEach((point, place) => {
    const value = lineValue(point);
    if (value === null) open = false;
    else if (open) lines[lines.length - 1].push([place, value]);
    else {
      lines.push([[place, value]]);
      open = true;
    }
  });
  return lines;
}

/** Days' own scores as dots. @param {Point[]} points @returns {{ place: number, score: number, isFew: boolean }[]} */
export const dots = (points) =>
  points.flatMap(({ score, responses }, place) => (score === null ? [] : [{ place, score, isFew: responses < FEW_A_DAY }]));

/**
 * An axis with air around what is drawn that never leaves the metric's own scale.
 *
 * @param {Point[]} points
 * @param {[number, number]} limits
 * @returns {[number, number]}
 */
export function axis(points, [least, most]) {
  const drawn = points.flatMap((point) => [point.score, lineValue(point)]).filter((value) => value !== null);
  if (!drawn.length) return [least, most];
  const low = Math.min(...drawn);
  const high = Math.max(...drawn);
  const air = Math.max((high - low) * 0.1, (most - least) * 0.06);
  return [Math.max(least, low - air), Math.min(most, high + air)];
}

const STEPS = [1, 2, 2.5, 5];

/** Round values across an axis, three to five of them. @param {[number, number]} axis @returns {number[]} */
export function ticks([low, high]) {
  const rough = (high - low) / 4;
  const size = 10 ** Math.floor(Math.log10(rough));
  const step = size * (STEPS.find((times) => times * size >= rough) ?? 10);
  const first = Math.ceil(low / step);
  return Array.from({ length: Math.floor(high / step) - first + 1 }, (_, place) => Number(((first + place) * step).toFixed(6)));
}
