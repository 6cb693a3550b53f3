/** The order of agents in the table: by a column, with those of few answers after the rest, by name. */
import { FEW } from '../bands.js';

/** @typedef {'name' | 'responses' | 'nps' | 'csat' | 'ces' | 'change'} Column */
/** @typedef {{ column: Column, descending: boolean }} Order */

/** @param {Row} row */
export const isFew = (row) => row.responses < FEW;

/** @param {Row} row @param {Column} column @returns {string | number | null} */
const cell = (row, column) => (column === 'change' ? row.change.nps : row[column]);

/**
 * @param {Row[]} rows
 * @param {Order} order
 * @param {string} language for names
 * @returns {Row[]}
 */
export function ranked(rows, { column, descending }, language) {
  const byName = new Intl.Collator(language, { numeric: true });
  const names = (/** @type {Row} */ one, /** @type {Row} */ other) => byName.compare(one.name, other.name);
  const sign = descending ? -1 : 1;
  return [...rows].sort((one, other) => {
    if (column === 'name') return sign * names(one, other);
    if (isFew(one) !== isFew(other)) return isFew(one) ? 1 : -1;
    if (isFew(one) && column !== 'responses') return names(one, other);
    return compare(cell(one, column), cell(other, column), sign) || names(one, other);
  });
}

/** A missing figure stands last whichever way the column is sorted. @param {any} one @param {any} other @param {number} sign */
function compare(one, other, sign) {
  if (one === other) return 0;
  if (one === null || one === undefined) return 1;
  if (other === null || other === undefined) return -1;
  return sign * (one - other);
}

/** A click on a column: the other way round where it is the one already, else its natural way. @param {Order} order @param {Column} column @returns {Order} */
export function reorder(order, column) {
  if (order.column === column) return { column, descending: !order.descending };
  return { column, descending: column !== 'name' };
}
