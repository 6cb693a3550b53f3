/** The trend: a line of one metric, read by pointer, by touch and by arrow keys, and told in words. */
import { html, svg } from 'lit';
import { METRICS, figure } from './numbers.js';
import { axis, dots, lineValue, pieces, pointsOf, ticks } from './trend.js';

/** @typedef {import('../text.js').Text} Text */
/** @typedef {import('./trend.js').Point} Point */

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
  const points = pointsOf(pulse, metric);
  const { from, to } = pulse.period;
  const place = points.findIndex(({ date }) => date === pointed);
  return html`<figure class="trend">
    <figcaption class="trend-head small"><span class="muted">${from === to ? '' : caption(props, points, place)}</span> ${from === to && !pulse.agents ? '' : metricSwitch(props)}</figcaption>
    ${from !== to && points.some(({ score }) => score !== null)
      ? chart(props, points, place === -1 ? null : place, (at) => onPoint(at === null ? null : points[at].date))
      : html`<div class="trend-box"><p class="trend-none muted">${withoutLine(text, pulse, metric)}</p></div>`}
    <p class="trend-ends muted small"><span>${text.calendarDay(from)}</span>${from === to ? '' : html`<span>${text.calendarDay(to)}</span>`}</p>
  </figure>`;
}

/** One day makes no line: then it says what that day is compared with. @param {Text} text @param {Pulse} pulse @param {Metric} metric */
function withoutLine(text, { responses, period: { from, to, timeZone, previous } }, metric) {
  if (!responses) return text.t('pulse.noneYet');
  if (from !== to) return text.t('pulse.trendNone', { metric: text.t(`metric.${metric}`) });
  if (previous.until) return text.t('pulse.todaySoFar', { time: text.time(new Date(previous.until), timeZone) });
  return text.t('pulse.oneDay', { day: text.calendarDay(from), before: text.calendarDay(previous.from) });
}

/** @param {TrendProps} props @param {Point[]} points @param {number | null} place that is read @param {(at: number | null) => void} point */
function chart(props, points, place, point) {
  const { text, metric } = props;
  const last = points.length - 1;
  const now = place ?? last;
  const follow = (/** @type {PointerEvent} */ event) => {
    const at = placeAt(event, last);
    if (at !== place) point(at);
  };
  return html`<div
    class="trend-box"
    role="slider"
    tabindex="0"
    aria-label=${trendWords(props, points)}
    aria-valuemin="0"
    aria-valuemax=${last}
    aria-valuenow=${now}
    aria-valuetext=${text.t('pulse.reading', { day: text.calendarDay(points[now].date), score: readingWords(text, metric, points[now]) })}
    @keydown=${(/** @type {KeyboardEvent} */ event) => read(event, place, last, point)}
    @blur=${() => point(null)}
    @pointerdown=${follow}
    @pointermove=${follow}
    @pointerleave=${(/** @type {PointerEvent} */ { pointerType }) => pointerType !== 'touch' && point(null)}
  >
    ${plot(props, points, place)}
  </div>`;
}

/** The day under the pointer. @param {PointerEvent} event @param {number} last */
function placeAt({ clientX, currentTarget }, last) {
  const { left, width } = /** @type {Element} */ (/** @type {Element} */ (currentTarget).querySelector('.trend-plot')).getBoundingClientRect();
  return Math.round(Math.min(1, Math.max(0, (clientX - left) / (width || 1))) * last);
}

/** @param {TrendProps} props @param {Point[]} points @param {number | null} place */
function plot(props, points, place) {
  const { text, metric } = props;
  const range = axis(points, limits(props));
  const last = points.length - 1;
  const x = (/** @type {number} */ at) => (last ? (100 * at) / last : 50).toFixed(2);
  const y = (/** @type {number} */ value) => (100 * (1 - (value - range[0]) / (range[1] - range[0]))).toFixed(2);
  const marks = ticks(range);
  const line = pieces(points).map((piece) => piece.map(([at, value]) => `${x(at)},${y(value)}`).join(' '));
  const read = place === null ? null : lineValue(points[place]);
  return html`<svg class="trend-labels" aria-hidden="true">
      ${marks.map((mark) => svg`<text x="100%" y=${`${y(mark)}%`} dy=".35em">${tickWords(text, metric, mark)}</text>`)}
    </svg>
    <svg class="trend-plot" aria-hidden="true">
      ${marks.map((mark) => svg`<line class="grid" x1="0" x2="100%" y1=${`${y(mark)}%`} y2=${`${y(mark)}%`} />`)}
      ${dots(points).map(({ place: at, score, isFew }) => svg`<circle class=${isFew ? 'day few' : 'day'} cx=${`${x(at)}%`} cy=${`${y(score)}%`} r="2" />`)}
      <svg viewBox="0 0 100 100" preserveAspectRatio="none">
        ${line.map((piece) => svg`<polyline points=${piece.includes(' ') ? piece : `${piece} ${piece}`} />`)}
      </svg>
      ${place === null ? '' : svg`<line class="rule" x1=${`${x(place)}%`} x2=${`${x(place)}%`} y1="0" y2="100%" />`}
      ${place === null || read === null ? '' : svg`<circle class="read" cx=${`${x(place)}%`} cy=${`${y(read)}%`} r="4" />`}
    </svg>`;
}

/** @param {Text} text @param {Metric} metric @param {number} mark */
const tickWords = (text, metric, mark) => `${text.number(mark, Number.isInteger(mark) ? 0 : 1)}${metric === 'csat' ? '%' : ''}`;

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

/** "NPS −29 (7 answers) · 7-day mean 33 (61 answers)". @param {Text} text @param {Metric} metric @param {Point} point */
function readingWords(text, metric, { score, responses, mean }) {
  const name = text.t(`metric.${metric}`);
  const answers = (/** @type {number} */ count) => text.t('pulse.answers', { count });
  const day = score === null ? text.t('pulse.none') : text.t('pulse.dayScore', { metric: name, value: figure(text, metric, score), answers: answers(responses) });
  if (!mean || mean.score === null) return day;
  return text.t('pulse.dayAndMean', { day, count: mean.days, value: figure(text, metric, mean.score), answers: answers(mean.responses) });
}

/** @param {TrendProps} props @returns {[number, number]} */
function limits({ pulse, metric }) {
  return { nps: /** @type {[number, number]} */ ([-100, 100]), csat: /** @type {[number, number]} */ ([0, 100]), ces: pulse.metrics.ces.of ?? [1, 7] }[metric];
}

/** The line's name, or the day that is read. @param {TrendProps} props @param {Point[]} points @param {number} place */
function caption({ text, metric }, points, place) {
  if (place >= 0) {
    const point = points[place];
    return html`<span class="pointed">${text.calendarDay(point.date)} <strong>${readingWords(text, metric, point)}</strong></span>`;
  }
  const name = text.t(`metric.${metric}`);
  const window = points[points.length - 1]?.mean?.days ?? 1;
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

/** The line in words, for those who do not see it. @param {TrendProps} props @param {Point[]} points */
function trendWords({ text, metric, pulse: { period } }, points) {
  const shown = points.map(lineValue).filter((value) => value !== null);
  const values = shown.length ? shown : points.map(({ score }) => score).filter((value) => value !== null);
  const say = (/** @type {number} */ value) => figure(text, metric, value);
  return text.t('pulse.trendText', {
    from: text.calendarDay(period.from),
    to: text.calendarDay(period.to),
    metric: text.t(`metric.${metric}`),
    first: say(values[0]),
    last: say(values[values.length - 1]),
    lowest: say(Math.min(...values)),
    highest: say(Math.max(...values)),
  });
}
