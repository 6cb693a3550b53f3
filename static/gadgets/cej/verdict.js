/** The verdict of last time: what an agent can take in within a second. */
import { bandOf, course } from '../bands.js';

const METRICS = /** @type {Metric[]} */ (['nps', 'csat', 'ces']);

/** How many of the last NPS answers say which way it is going. */
const COURSE_OF = 6;

/**
 * @typedef {object} Verdict
 * @property {Band | null} band of the last answer, null where it had no score
 * @property {Metric | null} metric the score that speaks: NPS, else CSAT, else CES
 * @property {number | null} value
 * @property {JourneyAnswer} answer the last one
 * @property {ReturnType<typeof course>} course
 * @property {number[]} nps all that are known, oldest first
 */

/** The scale an answer's own question gave a score, where it says one. @param {JourneyAnswer} answer @param {Metric} metric @returns {[number, number] | undefined} */
export function scaleOf(answer, metric) {
  const value = answer.scores[metric];
  const highest = { nps: [10], csat: [5], ces: [5, 7] }[metric];
  const question = answer.answers?.find((one) => one.of && one.value === value && highest.includes(one.of[1]));
  return question?.of ?? undefined;
}

/** @param {JourneyAnswer} answer @returns {{ metric: Metric, value: number, scale: [number, number] | undefined, band: Band }[]} */
export function scoresOf(answer) {
  return METRICS.flatMap((metric) => {
    const value = answer.scores[metric];
    if (typeof value !== 'number') return [];
    const scale = scaleOf(answer, metric);
    return [{ metric, value, scale, band: bandOf(metric, value, scale) }];
  });
}

/** @param {JourneyAnswer[]} answers newest first @returns {Verdict | null} null for a customer who never answered */
export function verdictOf(answers) {
  const last = answers[0];
  if (!last) return null;
  const [speaks] = scoresOf(last);
  const nps = answers.flatMap(({ scores }) => (typeof scores.nps === 'number' ? [scores.nps] : [])).reverse();
  return {
    band: speaks?.band ?? last.band ?? null,
    metric: speaks?.metric ?? null,
    value: speaks?.value ?? null,
    answer: last,
    course: course(nps.slice(-COURSE_OF)),
    nps,
  };
}
