/** Ask again when it is time: spread out, never on a hidden tab, ever more slowly while nobody answers. */
import { asProblem } from './api.js';

const SPREAD = 0.2;
const FIRST_PAUSE = 5;
const LONGEST_PAUSE = 60;

/** @param {number} seconds @param {() => number} [random] seconds, ± 20 % */
export const spread = (seconds, random = Math.random) => seconds * (1 - SPREAD + 2 * SPREAD * random());

/**
 * Seconds to wait after the nth failure in a row; what the backend asks for is the least.
 *
 * @param {number} failures
 * @param {number | null} retryAfter
 * @param {() => number} [random]
 */
export function pause(failures, retryAfter, random = Math.random) {
  const backoff = Math.min(LONGEST_PAUSE, FIRST_PAUSE * 2 ** (failures - 1));
  return (retryAfter ?? 0) + backoff * (0.5 + 0.5 * random());
}

export class Poll {
  /**
   * @param {(signal: AbortSignal) => Promise<number | null>} ask gives the seconds until it wants to be asked again
   * @param {(problem: import('./api.js').Problem) => void} onProblem
   */
  constructor(ask, onProblem) {
    this.ask = ask;
    this.onProblem = onProblem;
    this.visible = true;
    this.failures = 0;
    /** Whether it came due while it could not be seen. */
    this.missed = false;
    this.stopped = true;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    /** @type {AbortController | null} */
    this.running = null;
  }

  /** Ask at once; whatever was under way is dropped. */
  start() {
    this.stop();
    this.stopped = false;
    this.failures = 0;
    void this.turn();
  }

  stop() {
    this.stopped = true;
    clearTimeout(this.timer);
    this.running?.abort();
    this.running = null;
  }

  /** @param {boolean} visible a poll that came due on a hidden tab, or failed, runs when the tab is shown */
  show(visible) {
    const returned = visible && !this.visible;
    this.visible = visible;
    if (returned) this.hurry();
  }

  /** Ask at once where that is due, or where the last answer was a failure. */
  hurry() {
    if ((this.missed || this.failures > 0) && !this.stopped && !this.running) void this.turn();
  }

  async turn() {
    const own = new AbortController();
    this.running = own;
    this.missed = false;
    clearTimeout(this.timer);
    try {
      const seconds = await this.ask(own.signal);
      if (own !== this.running) return;
      this.failures = 0;
      if (seconds !== null) this.wait(spread(seconds));
    } catch (error) {
      if (own !== this.running) return;
      this.running = null;
      return this.failed(asProblem(error));
    }
    this.running = null;
  }

  /** @param {import('./api.js').Problem} problem a refusal that no time mends is not asked again until a person does */
  failed(problem) {
    this.onProblem(problem);
    if (!problem.again) return this.stop();
    this.failures += 1;
    this.wait(pause(this.failures, problem.retryAfter));
  }

  /** By the timer alone: a clock that is set right meanwhile delays nothing. @param {number} seconds */
  wait(seconds) {
    this.timer = setTimeout(() => {
      if (this.visible) void this.turn();
      else this.missed = true;
    }, seconds * 1000);
  }
}
