/**
 * The clock of a page as a test puts it forward. It goes on as the browser's own does, every timer is the browser's own,
 * and nothing but `putForward` changes that: what falls due by then rings at once, an interval once, and the rest is set
 * anew for what is left.
 */
(() => {
  const { setTimeout, clearTimeout, Date } = window;
  let ahead = 0;
  const now = () => Date.now() + ahead;
  const timers = new Map();

  class AheadDate extends Date {
    constructor(...facts) {
      super(...(facts.length ? facts : [now()]));
    }
    static now() {
      return now();
    }
  }

  /** Begin to wait for a timer; its name stays, whatever the browser calls it. */
  function arm(name, timer) {
    const ring = () => {
      if (timer.every === undefined) timers.delete(name);
      else timer.at = now() + timer.every;
      timer.call(...timer.facts);
      if (timer.every !== undefined && timers.has(name)) arm(name, timer);
    };
    timer.ring = ring;
    timer.id = setTimeout(ring, Math.max(0, timer.at - now()));
    timers.set(name, timer);
  }

  function keep(call, delay, facts, every) {
    const wait = Number(delay) || 0;
    const timer = { call, facts, at: now() + wait, every };
    const name = setTimeout(() => {}, 0);
    arm(name, timer);
    return name;
  }

  function drop(name) {
    clearTimeout(timers.get(name)?.id);
    timers.delete(name);
  }

  window.Date = AheadDate;
  window.setTimeout = (call, delay, ...facts) => keep(call, delay, facts);
  window.setInterval = (call, delay, ...facts) => keep(call, delay, facts, Number(delay) || 0);
  window.clearTimeout = drop;
  window.clearInterval = drop;
  window.putForward = (milliseconds) => {
    ahead += milliseconds;
    for (const [name, timer] of [...timers].sort(([, a], [, b]) => a.at - b.at)) {
      if (!timers.has(name)) continue;
      clearTimeout(timer.id);
      if (timer.at <= now()) timer.ring();
      else arm(name, timer);
    }
  };
})();
