/** Where a person was in the figures: kept, so that a reload or a failover comes back to it. */
import { COLUMNS, USUAL_ORDER } from './ranking.js';

/**
 * @typedef {object} Place
 * @property {string} period
 * @property {string} team
 * @property {string | null} opened an agent's id
 * @property {Metric} metric of the trend
 * @property {import('./ranking.js').Order} order of the agents
 * @property {Band | ''} band of the comments
 */

const USUAL_PERIOD = '30d';
const METRICS = ['nps', 'csat', 'ces'];
const BANDS = ['', 'detractor', 'passive', 'promoter'];
const PERIOD = /^(today|yesterday|\d{1,3}d|\d{4}-\d{2}-\d{2}\.\.\d{4}-\d{2}-\d{2})$/;
const ID = /^[\w.@-]{1,64}$/;

/** @param {RegExp} form @param {unknown} value */
const isLike = (form, value) => typeof value === 'string' && form.test(value);

/** @param {string} period what the layout says @returns {Place} */
export const usualPlace = (period) => ({ period, team: '', opened: null, metric: 'nps', order: USUAL_ORDER, band: '' });

/**
 * What was kept, as far as it still makes sense; everything else as usual.
 *
 * @param {unknown} kept
 * @param {Place} usual
 * @returns {Place}
 */
export function placeFrom(kept, usual) {
  const found = /** @type {any} */ (kept) ?? {};
  const { column, descending } = found.order ?? {};
  return {
    period: isLike(PERIOD, found.period) ? found.period : usual.period,
    team: isLike(ID, found.team) ? found.team : usual.team,
    opened: isLike(ID, found.opened) ? found.opened : null,
    metric: METRICS.includes(found.metric) ? found.metric : usual.metric,
    order: COLUMNS.includes(column) ? { column, descending: descending === true } : usual.order,
    band: BANDS.includes(found.band) ? found.band : usual.band,
  };
}

/** The place of a gadget, kept: a controller of its element. */
export class PlaceKeeper {
  /**
   * @param {import('lit').ReactiveControllerHost} host
   * @param {import('../memory.js').Memory} memory
   * @param {import('../parameters.js').Parameters} parameters
   */
  constructor(host, memory, parameters) {
    this.host = host;
    this.memory = memory;
    this.key = placeKey(parameters);
    this.usual = usualPlace(parameters.period || USUAL_PERIOD);
    /** Where the person is; and what was kept of it last. */
    this.now = this.kept = this.usual;
    host.addController(this);
  }

  /** What is shown is kept: several steps at once are one. */
  hostUpdated() {
    if (this.now === this.kept) return;
    this.kept = this.now;
    this.memory.keep(this.key, this.now);
  }

  async recall() {
    this.now = this.kept = placeFrom(await this.memory.recall(this.key), this.usual);
    this.host.requestUpdate();
  }

  /** @param {Partial<Place>} change */
  go(change) {
    this.now = { ...this.now, ...change };
    this.host.requestUpdate();
  }

  /** @returns {boolean} whether it was another place than the usual one */
  leave() {
    if (JSON.stringify(this.now) === JSON.stringify(this.usual)) return false;
    this.go(this.usual);
    return true;
  }
}

/** Under which name a gadget's place is kept: what an administrator changes in the layout begins anew. @param {import('../parameters.js').Parameters} parameters */
export const placeKey = ({ filterTags, period, questionnaire }) => `cea.${JSON.stringify([filterTags, period, questionnaire])}`;
