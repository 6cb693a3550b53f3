/** The trend: a line of one metric, read by pointer, by touch and by arrow keys, and told in words. */
import { html } from 'lit';
import { METRICS, rounded } from './numbers.js';
import { trendOf } from './trend.js';

/** @typedef {import('../text.js').Text} Text */

/**
 * @typedef {object} TrendProps
 * @property {Text} text
 * @property {Pulse} pulse
 * @property {Metric} metric
 * @property {string | null} pointed the day that is read
 * @property {(metric: Metric) => void} onMetric
 * @property {(day: string | null) => void} onPoint
 */

const WEEK = 7;

/** @param {TrendProps} props */
export function trendView(props) {
  const { text, pulse, metric, pointed, onPoint } = props;
  const line = trendOf(pulse, metric);
  const known = line.values.filter((value) => value !== null);
  const { from, to } = pulse.period;
  const place = pointed === null ? null : line.dates.indexOf(pointed);
  const point = (/** @type {number | null} */ at) => onPoint(at === null ? null : line.dates[at]);
  return html`<figure class="trend">
    <figcaption class="trend-head small"><span class="muted">${caption(props, line)}</span> ${metricSwitch(props)}</figcaption>
    ${known.length > 1
      ? chart(props, { ...line, place: place === -1 ? null : place, words: trendWords(text, metric, known, from, to), point })
      : html`<div class="trend-box"><p class="trend-none muted">${text.t(pulse.responses ? 'pulse.trendNone' : 'pulse.noneYet')}</p></div>`}
    <p class="trend-ends muted small"><span>${text.calendarDay(from)}</span><span>${text.calendarDay(to)}</span></p>
  </figure>`;
}

/**
 * @param {TrendProps} props
 * @param {{ dates: string[], values: (number | null)[], place: number | null, words: string, point: (at: number | null) => void }} line
 */
function chart(props, { dates, values, place, words, point }) {
  const { text, metric } = props;
  const last = dates.length - 1;
  const now = place ?? last;
  return html`<div
    class="trend-box"
    role="slider"
    tabindex="0"
    aria-label=${words}
    aria-valuemin="0"
    aria-valuemax=${last}
    aria-valuenow=${now}
    aria-valuetext=${reading(text, metric, dates[now], values[now])}
    @keydown=${(/** @type {KeyboardEvent} */ event) => read(event, place, last, point)}
    @blur=${() => point(null)}
  >
    <pulse-trend .line=${{ values, place, limits: limits(props), unit: metric === 'csat' ? '%' : '', onPoint: point }}></pulse-trend>
  </div>`;
}

/** Arrow keys read the line day by day, Page keys week by week. @param {KeyboardEvent} event @param {number | null} place @param {number} last @param {(at: number | null) => void} point */
function read(event, place, last, point) {
  const step = { ArrowLeft: -1, ArrowDown: -1, ArrowRight: 1, ArrowUp: 1, PageUp: WEEK, PageDown: -WEEK, Home: -Infinity, End: Infinity }[event.key];
  if (event.key === 'Escape' && place !== null) {
    event.stopPropagation();
    point(null);
  }
  if (step === undefined) return;
  event.preventDefault();
  /* The first arrow key reads the newest day. */
  point(place === null && Number.isFinite(step) ? last : Math.min(last, Math.max(0, (place ?? last) + step)));
}

/** @param {Text} text @param {Metric} metric @param {string} day @param {number | null} value */
function reading(text, metric, day, value) {
  const score = value === null ? text.t('pulse.none') : `${text.t(`metric.${metric}`)} ${rounded(text, metric, value)}`;
  return text.t('pulse.reading', { day: text.calendarDay(day), score });
}

/** @param {TrendProps} props @returns {[number, number]} */
function limits({ pulse, metric }) {
  return { nps: /** @type {[number, number]} */ ([-100, 100]), csat: /** @type {[number, number]} */ ([0, 100]), ces: pulse.metrics.ces.of ?? [1, 7] }[metric];
}

/** The line's name, or the day that is read. @param {TrendProps} props @param {ReturnType<typeof trendOf>} line */
function caption({ text, metric, pointed }, { dates, values, window }) {
  const place = pointed === null ? -1 : dates.indexOf(pointed);
  if (pointed !== null && place >= 0) {
    const value = values[place];
    const score = value === null ? text.t('pulse.none') : `${text.t(`metric.${metric}`)} ${rounded(text, metric, value)}`;
    return html`<span class="pointed">${text.calendarDay(pointed)} <strong>${score}</strong></span>`;
  }
  const name = text.t(`metric.${metric}`);
  return window > 1 ? text.t('pulse.trendSmooth', { metric: name, count: window }) : text.t('pulse.trendDaily', { metric: name });
}

/** @param {TrendProps} props */
function metricSwitch({ text, metric, onMetric }) {
  return html`<span class="switch" role="group" aria-label=${text.t('pulse.trendMetric')}>
    ${METRICS.map((one) => {
      const name = text.t(`metric.${one}`);
      return html`<button
        type="button"
        class="link"
        data-trend=${one}
        data-word=${name}
        aria-pressed=${one === metric}
        aria-label=${text.t('pulse.showTrend', { metric: name })}
        @click=${() => onMetric(one)}
      >
        ${name}
      </button>`;
    })}
  </span>`;
}

/** The line in words, for those who do not see it. @param {Text} text @param {Metric} metric @param {number[]} known @param {string} from @param {string} to */
function trendWords(text, metric, known, from, to) {
  const say = (/** @type {number} */ value) => rounded(text, metric, value);
  return text.t('pulse.trendText', {
    from: text.calendarDay(from),
    to: text.calendarDay(to),
    metric: text.t(`metric.${metric}`),
    first: say(known[0]),
    last: say(known[known.length - 1]),
    lowest: say(Math.min(...known)),
    highest: say(Math.max(...known)),
  });
}

