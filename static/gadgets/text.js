/** Words, numbers and dates in the language of the desktop. */
import { LOCALES } from './locales.js';

/** @typedef {Record<string, string>} Values */

/** A day in milliseconds, and the units of "how long ago", largest first. */
const DAY = 86_400_000;
const UNITS = /** @type {const} */ ([
  ['year', 365 * DAY],
  ['month', 30 * DAY],
  ['day', DAY],
  ['hour', 3_600_000],
  ['minute', 60_000],
]);

export class Text {
  /**
   * @param {string} language as the container says it, e.g. `zh`
   * @param {string} [country] its region, for numbers and dates
   * @param {() => number} [clock] milliseconds; Finesse's own clock may differ from this machine's
   */
  constructor(language, country = '', clock = Date.now) {
    this.clock = clock;
    const wanted = language.toLowerCase().startsWith('zh') ? 'zh-TW' : 'en';
    /* The container chose the module by the same language; where it did not, the module's own is spoken. */
    const tag = wanted in LOCALES ? wanted : Object.keys(LOCALES)[0];
    this.words = LOCALES[tag];
    this.tag = tag === 'en' && /^[A-Za-z]{2}$/.test(country) ? `en-${country.toUpperCase()}` : tag;
    this.plurals = new Intl.PluralRules(this.tag);
    this.ago = new Intl.RelativeTimeFormat(this.tag, { numeric: 'always' });
    /** @type {Map<string, Intl.NumberFormat | Intl.DateTimeFormat>} */
    this.formats = new Map();
  }

  /**
   * The word of a dotted key with its `{places}` filled; `count` chooses between plural forms.
   *
   * @param {string} key
   * @param {Record<string, string | number>} [values]
   * @returns {string}
   */
  t(key, values = {}) {
    let entry = this.find(key);
    if (entry === undefined) return key;
    if (typeof entry !== 'string') entry = entry[this.plurals.select(Number(values.count))] ?? entry.other;
    return entry.replace(/\{(\w+)\}/g, (/** @type {string} */ whole, /** @type {string} */ name) => {
      const value = values[name];
      if (value === undefined) return whole;
      return typeof value === 'number' ? this.number(value) : value;
    });
  }

  /** @param {string} key @returns {any} */
  find(key) {
    return key.split('.').reduce((words, part) => words?.[part], this.words);
  }

  /** Whether the locale knows a word, e.g. for a channel that somebody else named. @param {string} key */
  has(key) {
    return typeof this.find(key) === 'string';
  }

  /** @param {number} value @param {number} [digits] after the point */
  number(value, digits = 0) {
    const format = this.format(`n${digits}`, () =>
      new Intl.NumberFormat(this.tag, { minimumFractionDigits: digits, maximumFractionDigits: digits }));
    return /** @type {Intl.NumberFormat} */ (format).format(value).replace('-', '\u2212');
  }

  /** A number for where there is little room: 12K, 1.2萬. @param {number} value */
  short(value) {
    const format = this.format('s', () => new Intl.NumberFormat(this.tag, { notation: 'compact', maximumSignificantDigits: 2 }));
    return value < 1000 ? this.number(value) : /** @type {Intl.NumberFormat} */ (format).format(value);
  }

  /** @param {number} value percent @returns {string} with one digit after the point */
  percent(value) {
    return `${this.number(value, 1)}%`;
  }

  /**
   * A day, with its year where it is not this one.
   *
   * @param {Date} date
   * @param {{ zone?: string, now?: Date, month?: boolean }} [options] `month`: the month alone
   */
  day(date, { zone, now = new Date(this.clock()), month = false } = {}) {
    const yearOf = (/** @type {Date} */ day) => (zone === 'UTC' ? day.getUTCFullYear() : day.getFullYear());
    const otherYear = yearOf(date) !== yearOf(now);
    const format = this.format(`d${zone}${month}${otherYear}`, () =>
      new Intl.DateTimeFormat(this.tag, {
        day: month ? undefined : 'numeric',
        month: month ? 'long' : 'short',
        year: otherYear ? 'numeric' : undefined,
        timeZone: zone,
      }));
    return /** @type {Intl.DateTimeFormat} */ (format).format(date);
  }

  /** A calendar day such as 2026-10-22, which belongs to no time zone. @param {string} iso */
  calendarDay(iso) {
    return this.day(new Date(`${iso}T00:00:00Z`), { zone: 'UTC' });
  }

  /** "2:37 PM", "下午 2:37". @param {Date} date @param {string} [zone] not this machine's own */
  time(date, zone) {
    const format = this.format(`t${zone}`, () => new Intl.DateTimeFormat(this.tag, { hour: 'numeric', minute: '2-digit', timeZone: zone }));
    return /** @type {Intl.DateTimeFormat} */ (format).format(date).replace(/(\p{Script=Han})(?=\d)/u, '$1 ');
  }

  /** The full moment, for those who point at it. @param {Date} date */
  moment(date) {
    const format = this.format('m', () => new Intl.DateTimeFormat(this.tag, { dateStyle: 'long', timeStyle: 'short' }));
    return /** @type {Intl.DateTimeFormat} */ (format).format(date);
  }

  /** By the clock of the desktop's server. */
  now() {
    return new Date(this.clock());
  }

  /** "12 days ago". @param {Date} date @param {Date} [now] */
  since(date, now = this.now()) {
    const passed = now.getTime() - date.getTime();
    const unit = UNITS.find(([, length]) => passed >= length);
    return unit ? this.ago.format(-Math.floor(passed / unit[1]), unit[0]) : this.t('time.now');
  }

  /** @template {Intl.NumberFormat | Intl.DateTimeFormat} F @param {string} key @param {() => F} make */
  format(key, make) {
    const known = this.formats.get(key);
    if (known) return known;
    const made = make();
    this.formats.set(key, made);
    return made;
  }
}
