/** Bands, verdicts, the order of agents and the trend line say what the answers say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bandOf, course } from '../../static/gadgets/bands.js';
import { ranked, reorder } from '../../static/gadgets/cea/ranking.js';
import { daysOf, trendOf } from '../../static/gadgets/cea/trend.js';
import { verdictOf } from '../../static/gadgets/cej/verdict.js';
import { scoresOf } from '../../static/gadgets/scores.js';

test('every value of a scale has its band', () => {
  const bands = (metric, scale) =>
    Array.from({ length: scale[1] - scale[0] + 1 }, (_, step) => bandOf(metric, scale[0] + step, scale)[1]).join('');
  assert.equal(bands('nps', [0, 10]), 'eeeeeeeaarr');
  assert.equal(bands('csat', [1, 5]), 'eearr');
  assert.equal(bands('ces', [1, 7]), 'eeeaarr');
  assert.equal(bands('ces', [1, 5]), 'eearr');
});

test('the course compares the later half with the earlier one', () => {
  assert.equal(course([9, 9, 8, 3]), 'falling');
  assert.equal(course([3, 8]), 'rising');
  assert.equal(course([7, 8, 7]), 'steady');
  assert.equal(course([7]), null);
});

const NOW = new Date('2026-11-20T00:00:00Z');
const answer = (scores, scales = {}, respondedAt = '2026-11-08T00:00:00Z') => ({ scores, scales, answers: [], respondedAt, band: null });

test('the worst score of the newest answer speaks, whatever its metric', () => {
  assert.equal(verdictOf([], NOW), null);
  const worst = (...answers) => verdictOf(answers, NOW);
  assert.deepEqual(worst(answer({ nps: 9, csat: 1, ces: 2 })).worst, { metric: 'csat', value: 1, scale: [1, 5], band: 'detractor' });
  assert.deepEqual(worst(answer({ nps: 9, csat: 5, ces: 1 })).others.map(({ metric }) => metric), ['nps', 'csat']);
  assert.equal(worst(answer({ nps: 8, csat: 5 })).band, 'passive');
  assert.equal(worst(answer({ nps: 10, csat: 5, ces: 7 })).band, 'promoter');
  assert.equal(worst(answer({ csat: 2, ces: 4 }), answer({ nps: 9 })).worst.metric, 'csat');
  assert.deepEqual(worst(answer({ csat: 2 }), answer({ nps: 9 }), answer({ nps: 3 })).nps, [3, 9]);
  assert.equal(worst(answer({}), answer({ nps: 0 })).band, null);
});

test('a verdict of more than a year ago is muted', () => {
  assert.equal(verdictOf([answer({ nps: 0 }, {}, '2025-11-19T00:00:00Z')], NOW).isOld, true);
  assert.equal(verdictOf([answer({ nps: 0 }, {}, '2025-11-21T00:00:00Z')], NOW).isOld, false);
});

test('a score is read on the scale that comes with it, also where two have the same value', () => {
  const [csat, ces] = scoresOf(answer({ csat: 4, ces: 4 }, { csat: [1, 5], ces: [1, 7] }));
  assert.deepEqual([csat.scale, csat.band, ces.scale, ces.band], [[1, 5], 'promoter', [1, 7], 'passive']);
  assert.equal(scoresOf(answer({ ces: 4 }, { ces: [1, 5] }))[0].band, 'promoter');
});

const row = (name, responses, nps, change = 0) => ({ id: name, name, responses, nps, csat: null, ces: null, change: { nps: change } });

test('agents of few answers come last and are not ranked', () => {
  const agents = [row('Omar', 2, 100), row('Ann', 31, 58), row('Ben', 22, 9), row('Bo', 1, -100), row('Zoe', 9, null)];
  const names = (order) => ranked(agents, order, 'en').map(({ name }) => name);
  assert.deepEqual(names({ column: 'nps', descending: true }), ['Ann', 'Ben', 'Zoe', 'Bo', 'Omar']);
  assert.deepEqual(names({ column: 'nps', descending: false }), ['Ben', 'Ann', 'Zoe', 'Bo', 'Omar']);
  assert.deepEqual(names({ column: 'name', descending: false }), ['Ann', 'Ben', 'Bo', 'Omar', 'Zoe']);
});

test('a second click on a column turns its order round', () => {
  const first = reorder({ column: 'nps', descending: true }, 'name');
  assert.deepEqual(first, { column: 'name', descending: false });
  assert.deepEqual(reorder(first, 'name'), { column: 'name', descending: true });
});

test('a trend has a place for every day, and none for days without answers around', () => {
  assert.deepEqual(daysOf('2026-10-30', '2026-11-02'), ['2026-10-30', '2026-10-31', '2026-11-01', '2026-11-02']);
  const day = (date, responses, nps) => ({ date, responses, nps, csat: null, ces: null });
  const pulse = { period: { from: '2026-11-01', to: '2026-11-07' }, trend: [day('2026-11-02', 2, 50)] };
  assert.deepEqual(trendOf(pulse, 'nps').values, [null, 50, null, null, null, null, null]);
  const month = { period: { from: '2026-10-01', to: '2026-10-30' }, trend: [day('2026-10-10', 1, 100), day('2026-10-11', 3, 0)] };
  assert.equal(trendOf(month, 'nps').values[9], 25);
  assert.equal(trendOf(month, 'nps').values[20], null);
});
