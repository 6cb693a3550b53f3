/** The trend line: uPlot in our colours, redrawn in place when figures, size or theme change. */
import uPlot from 'uplot';

/**
 * @typedef {object} Line
 * @property {(number | null)[]} values one a day
 * @property {number | null} place the day that is read
 * @property {[number, number]} limits the metric's own scale: the line's axis stays inside it
 * @property {string} unit
 * @property {(place: number | null) => void} onPoint
 */

const FONT = '11px system-ui, sans-serif';
const dark = matchMedia('(prefers-color-scheme: dark)');
const forced = matchMedia('(forced-colors: active)');

export class TrendLine extends HTMLElement {
  constructor() {
    super();
    /** @type {Line | null} */
    this.current = null;
    /** @type {uPlot | null} */
    this.plot = null;
    this.redraw = () => this.draw();
    this.observer = new ResizeObserver(() => this.resize());
    this.addEventListener('pointerdown', (event) => this.point(event));
    this.addEventListener('pointermove', (event) => this.point(event));
    /* A finger that is lifted leaves its reading to be read. */
    this.addEventListener('pointerleave', ({ pointerType }) => pointerType !== 'touch' && this.current?.onPoint(null));
  }

  connectedCallback() {
    this.observer.observe(this);
    dark.addEventListener('change', this.redraw);
    forced.addEventListener('change', this.redraw);
    this.draw();
  }

  disconnectedCallback() {
    this.observer.disconnect();
    dark.removeEventListener('change', this.redraw);
    forced.removeEventListener('change', this.redraw);
    this.plot?.destroy();
    this.plot = null;
  }

  /** @param {Line} line */
  set line(line) {
    const before = this.current;
    this.current = line;
    if (!this.plot || !before || !sameScale(before, line)) this.draw();
    else if (!sameValues(before.values, line.values)) this.plot.setData(dataOf(line));
    else this.mark();
  }

  resize() {
    const { clientWidth: width, clientHeight: height } = this;
    if (!this.plot || !width || !height || (width === this.plot.width && height === this.plot.height)) return;
    this.plot.setSize({ width, height });
  }

  /** @param {PointerEvent} event */
  point({ clientX }) {
    if (!this.plot || !this.current) return;
    const { left, width } = this.plot.over.getBoundingClientRect();
    const place = this.plot.posToIdx(Math.min(width, Math.max(0, clientX - left)));
    if (place !== this.current.place) this.current.onPoint(place);
  }

  /** A rule on the day that is read, and a dot on the line. */
  mark() {
    if (!this.plot || !this.current) return;
    const { place, values } = this.current;
    const value = place === null ? null : values[place];
    this.plot.setCursor({
      left: place === null ? -10 : this.plot.valToPos(place, 'x'),
      top: value === null ? -10 : this.plot.valToPos(value, 'y'),
    });
  }

  draw() {
    this.plot?.destroy();
    this.plot = null;
    if (!this.isConnected || !this.current) return;
    this.plot = new uPlot(this.options(this.current), dataOf(this.current), this);
  }

  /** @param {Line} line @returns {uPlot.Options} */
  options({ limits, unit }) {
    const style = getComputedStyle(this);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    const ours = () => null;
    return {
      width: this.clientWidth || 300,
      height: this.clientHeight || 132,
      padding: [10, 4, 8, 0],
      legend: { show: false },
      cursor: {
        y: false,
        drag: { x: false, y: false },
        points: { size: 8, fill: colour('--accent') },
        bind: { mousemove: ours, mouseleave: ours, mouseenter: ours, mousedown: ours, mouseup: ours, click: ours, dblclick: ours },
      },
      scales: { x: { time: false }, y: { range: (_plot, low, high) => axis(low, high, limits) } },
      axes: [
        { show: false },
        {
          size: unit ? 40 : 34,
          gap: 4,
          space: 36,
          font: FONT,
          stroke: colour('--muted'),
          grid: { stroke: colour('--line'), width: 1 },
          ticks: { show: false },
          values: (_plot, splits) => splits.map((split) => String(split).replace('-', '\u2212') + unit),
        },
      ],
      series: [
        {},
        { stroke: colour('--accent'), width: 2, spanGaps: true, points: { show: false } },
      ],
      /* Where a day is, is known only when its scale is. */
      hooks: { draw: [() => this.mark()] },
    };
  }
}

/** @param {Line} line @returns {uPlot.AlignedData} */
const dataOf = ({ values }) => [values.map((_, place) => place), values];

/** @param {Line} one @param {Line} other */
const sameScale = (one, other) => one.limits[0] === other.limits[0] && one.limits[1] === other.limits[1] && one.unit === other.unit;

/** @param {(number | null)[]} one @param {(number | null)[]} other */
const sameValues = (one, other) => one.length === other.length && one.every((value, place) => value === other[place]);

/**
 * An axis with air around the line that never leaves the metric's own scale.
 *
 * @param {number | null} low
 * @param {number | null} high
 * @param {[number, number]} limits
 * @returns {[number, number]}
 */
export function axis(low, high, [least, most]) {
  if (low === null || high === null) return [least, most];
  const air = Math.max((high - low) * 0.25, (most - least) * 0.06);
  return [Math.max(least, low - air), Math.min(most, high + air)];
}
