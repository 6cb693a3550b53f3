/** The verdict of last time: what an agent can take in within a second. */
import { course } from '../bands.js';
import { scoresOf } from '../scores.js';

/** How many of the last NPS answers say which way it is going. */
const COURSE_OF = 6;

/** Milliseconds after which an answer says little of how the customer feels today. */
const YEAR = 365 * 86_400_000;

/** @type {Band[]} the worst first */
const BANDS = ['detractor', 'passive', 'promoter'];

/** @typedef {import('../scores.js').Score} Score */

/**
 * @typedef {object} Verdict
 * @property {Band | null} band of the worst score of the last answer, null where it had none
 * @property {Score | null} worst the score that speaks
 * @property {JourneyAnswer} answer the last one
 * @property {boolean} isOld
 * @property {ReturnType<typeof course>} course
 * @property {number[]} nps all that are known, oldest first
 */

/** The lowest band, and in it the lowest place on its scale. @param {Score[]} scores */
function worstOf(scores) {
  const place = (/** @type {Score} */ { value, scale: [low, high] }) => (value - low) / (high - low);
  return [...scores].sort((one, other) => BANDS.indexOf(one.band) - BANDS.indexOf(other.band) || place(one) - place(other))[0] ?? null;
}

/** @param {JourneyAnswer[]} answers newest first @param {Date} now @returns {Verdict | null} null for a customer who never answered */
export function verdictOf(answers, now) {
  const last = answers[0];
  if (!last) return null;
  const worst = worstOf(scoresOf(last));
  const nps = answers.flatMap(({ scores: { nps: value } }) => (typeof value === 'number' ? [value] : [])).reverse();
  return {
    band: worst?.band ?? null,
    worst,
    answer: last,
    isOld: now.getTime() - Date.parse(last.respondedAt) > YEAR,
    course: course(nps.slice(-COURSE_OF)),
    nps,
  };
}
