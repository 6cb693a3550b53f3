/** A line that can be read, from days that have few answers each: one point a day, as a mean of the days around it. */

const DAY = 86_400_000;

/** Days that a point is the mean of, by how many days the line has. @param {number} days */
export const windowOf = (days) => (days <= 14 ? 1 : days <= 180 ? 7 : 29);

/**
 * @param {Pulse} pulse
 * @param {Metric} metric
 * @returns {{ dates: string[], values: (number | null)[], window: number }} null where the days around had no answer
 */
export function trendOf({ period, trend }, metric) {
  const dates = daysOf(period.from, period.to);
  const known = new Map(trend.map((day) => [day.date, day]));
  const window = windowOf(dates.length);
  const half = (window - 1) / 2;
  const values = dates.map((_, place) => {
    const around = dates.slice(Math.max(0, place - half), place + half + 1);
    return weighted(around.map((date) => known.get(date)), metric);
  });
  return { dates, values, window };
}

/** @param {(TrendDay | undefined)[]} days @param {Metric} metric */
function weighted(days, metric) {
  let sum = 0;
  let weight = 0;
  for (const day of days) {
    const value = day?.[metric];
    if (!day || value === null || value === undefined) continue;
    sum += value * day.responses;
    weight += day.responses;
  }
  return weight ? sum / weight : null;
}

/** @param {string} from @param {string} to @returns {string[]} every day, both ends included */
export function daysOf(from, to) {
  const days = [];
  for (let day = Date.parse(from); day <= Date.parse(to); day += DAY) days.push(new Date(day).toISOString().slice(0, 10));
  return days;
}
