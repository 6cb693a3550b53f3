/** CEA's three controllers, each with an element that only counts how often it is asked to update. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../static/gadgets/api.js';
import { Figures } from '../../static/gadgets/cea/figures.js';
import { PlaceKeeper } from '../../static/gadgets/cea/place.js';
import { ReadingGuard } from '../../static/gadgets/cea/reading.js';

const passing = new Problem('unreachable', 0);
const refusal = new Problem('supervisors_only', 403);

class Host extends EventTarget {
  controllers = [];
  updates = 0;
  focused = null;

  addController(controller) {
    this.controllers.push(controller);
  }

  requestUpdate() {
    this.updates += 1;
  }

  /** Only the focus inside the part is looked for. */
  querySelector() {
    return this.focused;
  }
}

const pulse = (responses, more = {}) => ({ responses, pollAfter: 10, period: { from: 'a', to: 'b', ...more } });

/** Figures of a service that gives each answer once, the last one for ever. */
function figuresOf(context, ...answers) {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  const got = [];
  const problems = [];
  const session = {
    getToken: async () => 'token',
    ask: async () => {
      const next = answers.length > 1 ? answers.shift() : answers[0];
      if (next instanceof Problem) throw next;
      return new Response(JSON.stringify(next.body), { headers: { ETag: next.etag } });
    },
  };
  const figures = new Figures(new Host(), {
    session,
    query: () => ({ period: '30d' }),
    onPulse: (body, about) => got.push([body.responses, about]),
    onProblem: (problem) => problems.push(problem.code),
  });
  context.after(() => figures.clear());
  return { figures, got, problems };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Ask as the poll does when it is due. */
async function again(figures) {
  await settled();
  figures.poll.stop();
  figures.poll.start();
  await settled();
}

test('figures are chosen once, then fresh; what only tells another minute counts nothing anew', async (context) => {
  const { figures, got } = figuresOf(
    context,
    { body: pulse(1), etag: 'a' },
    { body: pulse(1), etag: 'a' },
    { body: pulse(1, { until: 'later' }), etag: 'b' },
    { body: pulse(2), etag: 'c' },
  );
  figures.start();
  for (let turn = 0; turn < 3; turn += 1) await again(figures);
  assert.deepEqual(got, [
    [1, { isNew: true, isChosen: true, isFirst: true }],
    [1, { isNew: false, isChosen: false, isFirst: false }],
    [1, { isNew: false, isChosen: false, isFirst: false }],
    [2, { isNew: true, isChosen: false, isFirst: false }],
  ]);
});

test('figures stay, and stay awaited, while nobody can be reached; a refusal removes them', async (context) => {
  const { figures, problems } = figuresOf(context, { body: pulse(1), etag: 'a' }, passing, refusal);
  figures.start();
  await settled();
  figures.start();
  await settled();
  assert.deepEqual([figures.pulse?.responses, figures.isAwaited, figures.problem?.code, problems], [1, true, 'unreachable', []]);
  await again(figures);
  assert.deepEqual([figures.pulse, figures.isAwaited, problems], [null, false, ['supervisors_only']]);
});

test('an answer that comes after figures were cleared is not shown', async (context) => {
  const { figures, got } = figuresOf(context, { body: pulse(1), etag: 'a' });
  figures.start();
  figures.clear();
  await settled();
  assert.deepEqual([got, figures.pulse, figures.isAwaited], [[], null, false]);
});

test('a place is kept after the update that shows it, once for several steps', () => {
  const kept = [];
  const host = new Host();
  const memory = { keep: (_, place) => kept.push(place.period) };
  const place = new PlaceKeeper(host, memory, { filterTags: '', period: '', questionnaire: '' });
  place.hostUpdated();
  place.go({ period: '7d' });
  place.go({ period: 'today' });
  place.hostUpdated();
  place.hostUpdated();
  assert.deepEqual(kept, ['today']);
  assert.equal(place.leave(), true);
  assert.equal(place.leave(), false);
  assert.equal(place.now.period, '30d');
});

test('what somebody points at is read until the pointer leaves or rests for a minute', (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 1e12 });
  globalThis.Element ??= class {};
  const host = new Host();
  let left = 0;
  const guard = new ReadingGuard(host, '.below', () => {
    left += 1;
  });
  guard.hostConnected();
  const over = Object.assign(new Element(), { closest: () => ({}) });
  const beside = Object.assign(new Element(), { closest: () => null });
  guard.handleEvent({ type: 'pointermove', target: over });
  assert.equal(guard.isRead, true);
  context.mock.timers.tick(60_000);
  assert.equal(guard.isRead, false);
  guard.handleEvent({ type: 'pointermove', target: over });
  guard.handleEvent({ type: 'pointermove', target: beside });
  assert.deepEqual([guard.isRead, left], [false, 1]);
  host.dispatchEvent(new Event('pointerleave'));
  assert.equal(left, 1);
});

test('what has the focus is read until the focus goes elsewhere', () => {
  globalThis.Element ??= class {};
  const host = new Host();
  let left = 0;
  const guard = new ReadingGuard(host, '.below', () => {
    left += 1;
  });
  const inside = Object.assign(new Element(), { closest: () => ({}) });
  host.focused = inside;
  assert.equal(guard.isRead, true);
  guard.handleEvent({ type: 'focusout', target: inside, relatedTarget: inside });
  assert.equal(left, 0);
  host.focused = null;
  guard.handleEvent({ type: 'focusout', target: inside, relatedTarget: null });
  assert.equal(left, 1);
});
