/** The trend line: uPlot in our colours, redrawn in place when figures, size or theme change. */
import uPlot from 'uplot';

/**
 * @typedef {object} Line
 * @property {string[]} dates
 * @property {(number | null)[]} values
 * @property {[number, number]} limits the metric's own scale: the line's axis stays inside it
 * @property {(place: number | null) => void} onPoint the day pointed at
 */

const HEIGHT = 132;
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
    const same = this.current && sameScale(this.current.limits, line.limits);
    this.current = line;
    if (this.plot && same) this.plot.setData(dataOf(line));
    else this.draw();
  }

  resize() {
    if (this.plot && this.clientWidth && this.clientWidth !== this.plot.width) {
      this.plot.setSize({ width: this.clientWidth, height: HEIGHT });
    }
  }

  draw() {
    this.plot?.destroy();
    this.plot = null;
    if (!this.isConnected || !this.current) return;
    this.plot = new uPlot(this.options(this.current.limits), dataOf(this.current), this);
  }

  /** @param {[number, number]} limits @returns {uPlot.Options} */
  options(limits) {
    const style = getComputedStyle(this);
    const colour = (/** @type {string} */ name) => style.getPropertyValue(name).trim();
    return {
      width: this.clientWidth || 300,
      height: HEIGHT,
      padding: [8, 4, 8, 0],
      legend: { show: false },
      cursor: { x: true, y: false, drag: { x: false, y: false }, points: { size: 7, fill: colour('--accent') } },
      scales: { x: { time: false }, y: { range: (_plot, low, high) => axis(low, high, limits) } },
      axes: [
        { show: false },
        {
          size: 34,
          gap: 4,
          space: 36,
          font: FONT,
          stroke: colour('--muted'),
          grid: { stroke: colour('--line'), width: 1 },
          ticks: { show: false },
          values: (_plot, splits) => splits.map((split) => String(split).replace('-', '\u2212')),
        },
      ],
      series: [
        {},
        { stroke: colour('--accent'), width: 2, spanGaps: true, points: { show: false } },
      ],
      hooks: { setCursor: [(plot) => this.current?.onPoint(plot.cursor.idx ?? null)] },
    };
  }
}

/** @param {Line} line @returns {uPlot.AlignedData} */
const dataOf = ({ dates, values }) => [dates.map((_, place) => place), values];

/** @param {[number, number]} one @param {[number, number]} other */
const sameScale = (one, other) => one[0] === other[0] && one[1] === other[1];

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
