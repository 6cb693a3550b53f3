/** The parameters an administrator wrote on the gadget's URL or, from Finesse 12.6(2), on its element. */

const NAMES = ['filterTags', 'period', 'questionnaire', 'gadgetHeight', 'autoActivate'];

/**
 * @typedef {object} Parameters
 * @property {string} filterTags
 * @property {string} period
 * @property {string} questionnaire
 * @property {number | null} gadgetHeight pixels
 * @property {boolean} autoActivate
 */

/**
 * The gadget's own URL rides in the frame's `url` parameter, so a value in it may be encoded once more
 * (docs/cisco/finesse.md §1.5). An attribute on the gadget element reaches us as a UserPref and wins (§1.4).
 *
 * @param {string} search `location.search` of the frame
 * @param {(name: string) => string} getPref the UserPref of a name, empty where there is none
 * @returns {Parameters}
 */
export function readParameters(search, getPref) {
  const own = gadgetQuery(search);
  const [filterTags, period, questionnaire, height, activate] = NAMES.map(
    (name) => (getPref(name) || own.get(name) || '').trim(),
  );
  const pixels = Number.parseInt(height, 10);
  return {
    filterTags,
    period,
    questionnaire,
    gadgetHeight: pixels > 0 ? pixels : null,
    autoActivate: /^(true|yes|1|on)$/i.test(activate),
  };
}

/**
 * A UserPref as it was written: Shindig's getString hands out a quote, an angle bracket and the like as `&#39;`, and an
 * ampersand as it is (docs/cisco/finesse.md §1.2).
 *
 * @param {string} escaped
 */
export const unescaped = (escaped) => escaped.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(code));

/** @param {string} search @returns {Map<string, string>} */
function gadgetQuery(search) {
  const outer = new RegExp('[?&]url=([^&]*)').exec(search);
  const url = outer ? decode(outer[1]) : '';
  const start = url.indexOf('?');
  const pairs = start < 0 ? [] : url.slice(start + 1).split('#')[0].split('&');
  return new Map(pairs.filter(Boolean).map(splitPair));
}

/** @param {string} pair @returns {[string, string]} */
function splitPair(pair) {
  const equals = pair.indexOf('=');
  return equals < 0 ? [decode(pair), ''] : [decode(pair.slice(0, equals)), decode(pair.slice(equals + 1))];
}

/** @param {string} text */
function decode(text) {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}
