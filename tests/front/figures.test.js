/** Bands, verdicts, the order of agents and the trend line say what the answers say. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { bandOf, course } from '../../static/gadgets/bands.js';
import { ranked, reorder } from '../../static/gadgets/cea/ranking.js';
import { axis, dots, lineValue, pieces, pointsOf, ticks } from '../../static/gadgets/cea/trend.js';
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

const row = (name, responses, nps, change = 0) => ({ id: name, name, responses, nps, csat: null, ces: null, bases: { nps: nps === null ? 0 : responses }, change: { nps: change } });

test('agents of few answers come last and are not ranked', () => {
  const agents = [row('Omar', 2, 100), row('Ann', 31, 58), row('Ben', 22, 9), row('Bo', 1, -100), row('Zoe', 9, null)];
  const names = (order) => ranked(agents, order, 'en').map(({ name }) => name);
  assert.deepEqual(names({ column: 'nps', descending: true }), ['Ann', 'Ben', 'Bo', 'Omar', 'Zoe']);
  assert.deepEqual(names({ column: 'nps', descending: false }), ['Ben', 'Ann', 'Bo', 'Omar', 'Zoe']);
  assert.deepEqual(names({ column: 'name', descending: false }), ['Ann', 'Ben', 'Bo', 'Omar', 'Zoe']);
});

test('a second click on a column turns its order round', () => {
  const first = reorder({ column: 'nps', descending: true }, 'name');
  assert.deepEqual(first, { column: 'name', descending: false });
  assert.deepEqual(reorder(first, 'name'), { column: 'name', descending: true });
});

const day = (score, responses, mean = undefined) => ({ date: '2026-11-01', responses, nps: { score, responses, mean } });
const trend = (...days) => pointsOf({ trend: days }, 'nps');

test('the line of means breaks where no day up to it had an answer', () => {
  const mean = (score) => ({ score, responses: 3, days: 7 });
  const points = trend(day(null, 0, mean(null)), day(100, 2, mean(100)), day(null, 0, mean(100)), day(null, 0, mean(null)), day(-100, 1, mean(-100)));
  assert.deepEqual(pieces(points), [[[1, 100], [2, 100]], [[4, -100]]]);
  assert.deepEqual(dots(points), [{ place: 1, score: 100, isFew: true }, { place: 4, score: -100, isFew: true }]);
});

test('without means, a day with few answers is a dot and no part of the line', () => {
  const points = trend(day(50, 10), day(-100, 2), day(40, 12), day(null, 0), day(30, 200));
  assert.deepEqual(pieces(points), [[[0, 50]], [[2, 40]], [[4, 30]]]);
  assert.deepEqual(dots(points).map(({ isFew }) => isFew), [false, true, false, false]);
  assert.equal(lineValue(points[1]), null);
});

test('the axis has air around what is drawn and stays on the scale of the metric', () => {
  assert.deepEqual(axis(trend(day(100, 3), day(20, 30)), [-100, 100]), [8, 100]);
  assert.deepEqual(axis(trend(day(null, 0)), [1, 7]), [1, 7]);
});

test('the marks beside the line are round and lie on its axis', () => {
  assert.deepEqual(ticks([-100, 100]), [-100, -50, 0, 50, 100]);
  assert.deepEqual(ticks([4.1, 6.2]), [5, 6]);
  for (const [low, high] of [[1, 7], [33, 61.5], [-12, 3], [80, 100]]) {
    const marks = ticks([low, high]);
    assert.ok(marks.length >= 2 && marks.length <= 6 && marks.every((mark) => mark >= low && mark <= high), String(marks));
  }
});
