/** The order of agents in the table: by a column, with those of few answers after the rest, by name. */
import { FEW } from '../bands.js';

/** @typedef {'name' | 'responses' | 'nps' | 'spread' | 'csat' | 'ces' | 'change'} Column */
/** @typedef {{ column: Column, descending: boolean }} Order */

/** @type {readonly Column[]} */
export const COLUMNS = ['name', 'responses', 'nps', 'spread', 'csat', 'ces', 'change'];

/** @type {Order} */
export const USUAL_ORDER = { column: 'nps', descending: true };

/** Whether a score is of too few answers of its own metric. @param {Row} row @param {Metric} metric */
export const isFew = ({ bases }, metric) => bases[metric] < FEW;

/** The metric that a column is about. @param {Column} column @param {Metric} metric of the change @returns {Metric | null} */
function metricOf(column, metric) {
  if (column === 'change') return metric;
  if (column === 'spread') return 'nps';
  return column === 'name' || column === 'responses' ? null : column;
}

/** What a column is sorted by; the spread by its share of detractors. @param {Row} row @param {Column} column @param {Metric} metric of the change @returns {number | null} */
function cell(row, column, metric) {
  if (column === 'change') return row.change[metric];
  if (column === 'spread') return detractorShare(row);
  return /** @type {number | null} */ (row[column]);
}

/** @param {Row} row */
function detractorShare({ counts }) {
  if (!counts) return null;
  const answers = counts.promoters + counts.passives + counts.detractors;
  return answers ? counts.detractors / answers : null;
}

/**
 * @param {Row[]} rows
 * @param {Order} order
 * @param {string} language for names
 * @param {{ metric?: Metric, nameOf?: (row: Row) => string }} [options]
 * @returns {Row[]}
 */
export function ranked(rows, { column, descending }, language, { metric = 'nps', nameOf = ({ name }) => name ?? '' } = {}) {
  const byName = new Intl.Collator(language, { numeric: true });
  const names = (/** @type {Row} */ one, /** @type {Row} */ other) => byName.compare(nameOf(one), nameOf(other));
  const sign = descending ? -1 : 1;
  return [...rows].sort((one, other) => {
    if (column === 'name') return sign * names(one, other);
    const about = metricOf(column, metric);
    const few = (/** @type {Row} */ row) => about !== null && isFew(row, about);
    if (few(one) !== few(other)) return few(one) ? 1 : -1;
    if (few(one)) return names(one, other);
    return compare(cell(one, column, metric), cell(other, column, metric), sign) || names(one, other);
  });
}

/** A missing figure stands last whichever way the column is sorted. @param {number | null} one @param {number | null} other @param {number} sign */
function compare(one, other, sign) {
  if (one === other) return 0;
  if (one === null) return 1;
  if (other === null) return -1;
  return sign * (one - other);
}

/** A click on a column: the other way round where it is the one already, else its natural way. @param {Order} order @param {Column} column @returns {Order} */
export function reorder(order, column) {
  if (order.column === column) return { column, descending: !order.descending };
  return { column, descending: column !== 'name' };
}

/**
 * Rows as somebody reads them just now: numbers of this moment, every row where it was.
 *
 * @param {Row[]} shown
 * @param {Row[]} fresh
 */
export function inPlace(shown, fresh) {
  const known = new Map(fresh.map((row) => [row.id, row]));
  return shown.map((row) => known.get(row.id) ?? row);
}
