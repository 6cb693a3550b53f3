/** The verdict of last time on ten made customers: what somebody says who reads their answers. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { scoreWords } from '../../static/gadgets/scores.js';
import { Text } from '../../static/gadgets/text.js';
import { verdictOf } from '../../static/gadgets/cej/verdict.js';

const NOW = new Date('2026-11-28T12:00:00Z');
const text = new Text('en');

/** @param {number} days ago @param {Record<string, number>} scores @param {string} [comment] @param {Record<string, [number, number]>} [scales] */
const answer = (days, scores, comment, scales = {}) => ({
  id: `${days}`,
  respondedAt: new Date(NOW.getTime() - days * 86_400_000).toISOString(),
  scores,
  scales: { nps: [0, 10], csat: [1, 5], ces: [1, 7], ...scales },
  comment: comment ?? null,
});

/** Name, answers newest first, band, the score that is told, whether it is old. */
const CUSTOMERS = [
  ['recommends us and is satisfied', [answer(3, { nps: 10, csat: 5, ces: 7 }, 'Great, thank you')], 'promoter', 'NPS 10', false],
  ['recommends us, but wants to cancel', [answer(3, { nps: 9, csat: 1, ces: 1 }, 'I want to cancel')], 'detractor', 'CSAT 1 / 5', false],
  ['would recommend us, but it was hard', [answer(1, { nps: 9, ces: 2 })], 'detractor', 'CES 2 / 7', false],
  ['was asked for effort alone, on five steps', [answer(9, { ces: 2 }, undefined, { ces: [1, 5] })], 'detractor', 'CES 2 / 5', false],
  ['is neither happy nor unhappy', [answer(20, { nps: 8, csat: 4 })], 'passive', 'NPS 8', false],
  ['was unhappy, and is happy again', [answer(2, { nps: 9, csat: 5 }), answer(40, { nps: 1, csat: 1 })], 'promoter', 'NPS 9', false],
  ['was happy, and is unhappy now', [answer(2, { nps: 3 }), answer(40, { nps: 10, csat: 5 })], 'detractor', 'NPS 3', false],
  ['wrote without a score', [answer(5, {}, 'Nobody called back'), answer(50, { nps: 10 })], null, null, false],
  ['was unhappy two years ago', [answer(730, { nps: 0, csat: 1 })], 'detractor', 'NPS 0', true],
  ['never answered', [], undefined, undefined, undefined],
];

for (const [name, answers, band, spoken, isOld] of CUSTOMERS) {
  test(`a customer who ${name}`, () => {
    const verdict = verdictOf(answers, NOW);
    assert.equal(verdict?.band, band);
    assert.equal(verdict?.worst ? scoreWords(text, verdict.worst) : verdict?.worst, spoken);
    assert.equal(verdict?.isOld, isOld);
  });
}
