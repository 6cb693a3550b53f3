/** A call's end is reported once, for calls that the backend has read, and again while nobody answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../static/gadgets/api.js';
import { Reports } from '../../static/gadgets/cej/reports.js';

const call = (id, part = 'ACTIVE') => ({ id, part, state: 'ACTIVE' });
const settled = () => new Promise((resolve) => setImmediate(resolve));

/** Reports of which the first so many are not answered, with what was sent and how long was waited. */
function reporting(problems = []) {
  const sent = [];
  const waits = [];
  const ask = async (path, { body }) => {
    sent.push([path, body]);
    const problem = problems.shift();
    if (problem) throw problem;
    return new Response(JSON.stringify({ survey: 'will_go_out' }));
  };
  return { sent, waits, reports: new Reports({ ask }, async (seconds) => void waits.push(seconds)) };
}

test('the end of a call is reported once, when it goes or in wrap-up', async () => {
  const { reports, sent } = reporting();
  reports.read('1', [call('1'), call('2')]);
  reports.read('2', [call('1'), call('2')]);
  assert.deepEqual(sent, []);
  reports.follow([call('1', 'WRAP_UP'), call('2')]);
  reports.follow([call('2')]);
  reports.follow([]);
  reports.follow([]);
  await settled();
  assert.deepEqual(sent, [
    ['/gadgets/calls/1', { state: 'ended' }],
    ['/gadgets/calls/2', { state: 'ended' }],
  ]);
});

test('a call that was gone before the backend had read it is reported at once', async () => {
  const { reports, sent } = reporting();
  reports.read('a/b', []);
  await settled();
  assert.deepEqual(sent, [['/gadgets/calls/a%2Fb', { state: 'ended' }]]);
});

test('a call that nobody has read is not reported', async () => {
  const { reports, sent } = reporting();
  reports.follow([call('1')]);
  reports.follow([]);
  assert.deepEqual(sent, []);
});

test('while nobody answers a report is sent again, ever more seldom', async () => {
  const { reports, sent, waits } = reporting([new Problem('unreachable', 0), new Problem('busy', 503, 30)]);
  assert.equal(await reports.send('1', { survey: 'declined' }), 'will_go_out');
  assert.equal(sent.length, 3);
  assert.ok(waits[0] <= 5 && waits[1] >= 30, String(waits));
});

test('a report that is refused, or that nobody takes for a quarter of an hour, is given up', async () => {
  const refused = reporting([new Problem('no_dialog', 404)]);
  await assert.rejects(refused.reports.send('1', { state: 'ended' }), { code: 'no_dialog' });
  const away = reporting(Array.from({ length: 99 }, () => new Problem('unreachable', 0)));
  await assert.rejects(away.reports.send('1', { state: 'ended' }), { code: 'unreachable' });
  const seconds = away.waits.reduce((sum, wait) => sum + wait, 0);
  assert.ok(seconds > 420 && seconds < 960, String(seconds));
});
