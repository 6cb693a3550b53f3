/** Whom the journey gadget shows, through every order of calls, answers and failures: nobody in another one's place. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Problem } from '../../static/gadgets/api.js';
import { choose, includes, isMonitoring } from '../../static/gadgets/cej/calls.js';
import { BEGIN, callOf, customerOf, lastOf, mayRecall, questionOf, step } from '../../static/gadgets/cej/state.js';

/** A call as `asCall` gives it. */
const call = (id, more = {}) => ({
  id,
  state: 'ACTIVE',
  part: 'ACTIVE',
  type: 'PREROUTE_ACD_IN',
  associated: '',
  outgoing: false,
  parties: 2,
  variables: '[]',
  facts: `${id} ${more.type ?? ''} ${more.variables ?? '[]'}`,
  ...more,
});

/** What is answered of a customer; without a name nobody is known. */
const journey = (name, more = {}) => ({
  customer: name ? { customerId: name, knownBy: 'customerId' } : null,
  customerRef: name ? `ref ${name}` : null,
  responses: Array.from({ length: 20 }, (_, place) => ({ id: place })),
  next: 'next',
  ...more,
});

const called = (one) => ({ type: 'called', call: one });
const unreachable = new Problem('unreachable', 0);
const after = (events, state = BEGIN) => events.reduce((now, event) => step(now, typeof event === 'function' ? event(now) : event), state);
const answered = (name) => ({ view }) => ({ type: 'answered', question: questionOf(view), journey: journey(name) });
const refused = (problem) => ({ view }) => ({ type: 'refused', question: questionOf(view), problem });
const shown = ({ view }) => [view.kind, callOf(view)?.id, customerOf(view)?.journey.customer?.customerId];

const ON_THE_PHONE = after([called(call('1')), answered('Ann')]);

test('a call is looked up, and its customer stays as the last one when it is over', () => {
  const ringing = after([called(call('1', { part: 'ALERTING' }))]);
  assert.deepEqual([shown(ringing), questionOf(ringing.view).id], [['loading', '1', undefined], '1']);
  assert.deepEqual([shown(ON_THE_PHONE), questionOf(ON_THE_PHONE.view)], [['shown', '1', 'Ann'], null]);
  assert.deepEqual(shown(after([{ type: 'hungUp', id: '1' }], ON_THE_PHONE)), ['ended', undefined, 'Ann']);
});

test('the next call shows nobody until its own answer is there', () => {
  const next = after([{ type: 'hungUp', id: '1' }, called(call('2'))], ON_THE_PHONE);
  assert.deepEqual(shown(next), ['loading', '2', undefined]);
  assert.deepEqual(shown(after([answered('Wei')], next)), ['shown', '2', 'Wei']);
});

test('on hold and back asks nothing, other variables ask anew and keep whom they are about until the answer', () => {
  const held = after([called(call('1', { part: 'HELD' })), called(call('1'))], ON_THE_PHONE);
  assert.equal(questionOf(held.view), null);
  const changed = after([called(call('1', { variables: '[1]' }))], held);
  assert.deepEqual([shown(changed), questionOf(changed.view).variables], [['shown', '1', 'Ann'], '[1]']);
  assert.deepEqual(shown(after([answered('Wei')], changed)), ['shown', '1', 'Wei']);
  assert.deepEqual(shown(after([answered('')], changed)), ['unknown', '1', undefined]);
});

test('whoever a call’s variables named before is gone once the answer about the new ones takes long', () => {
  const changed = after([called(call('1', { variables: '[1]' }))], ON_THE_PHONE);
  const question = questionOf(changed.view);
  for (const event of [{ type: 'late', question }, { type: 'refused', question, problem: unreachable }]) {
    const waiting = step(changed, event);
    assert.deepEqual([shown(waiting), waiting.view.isLate, questionOf(waiting.view)], [['loading', '1', undefined], true, question]);
    assert.deepEqual(shown(after([answered('Wei')], waiting)), ['shown', '1', 'Wei']);
    assert.deepEqual(shown(after([answered('')], waiting)), ['unknown', '1', undefined]);
  }
});

test('a customer whose conversation goes on as another call stays through a failure, and where that call names nobody', () => {
  const conference = called(call('2', { type: 'CONFERENCE', associated: '1' }));
  const goingOn = after([{ type: 'hungUp', id: '1' }], after([conference], ON_THE_PHONE));
  const question = questionOf(goingOn.view);
  assert.deepEqual(shown(goingOn), ['shown', '2', 'Ann']);
  const failed = after([{ type: 'late', question }, { type: 'refused', question, problem: unreachable }], goingOn);
  assert.deepEqual([shown(failed), questionOf(failed.view)], [['shown', '2', 'Ann'], question]);
  assert.deepEqual(shown(after([answered('')], failed)), ['shown', '2', 'Ann']);
});

test('an answer to an earlier question, and a failure of one, change nothing', () => {
  const first = after([called(call('1'))]);
  const question = questionOf(first.view);
  const next = after([{ type: 'hungUp', id: '1' }, called(call('2'))], first);
  for (const event of [
    { type: 'answered', question, journey: journey('Ann') },
    { type: 'refused', question, problem: unreachable },
    { type: 'late', question },
    { type: 'recalled', journey: journey('Ann') },
    { type: 'forgotten' },
    { type: 'retried' },
    { type: 'wantsMore' },
  ]) assert.equal(step(next, event), next, event.type);
});

test('a lookup is late only while it is awaited', () => {
  const first = after([called(call('1'))]);
  const late = { type: 'late', question: questionOf(first.view) };
  assert.equal(step(first, late).view.isLate, true);
  const there = after([answered('Ann')], first);
  assert.equal(step(there, late), there);
});

test('a failure keeps its question, so that it can be answered later, and a person can ask anew', () => {
  const failed = after([called(call('1')), refused(unreachable)]);
  assert.deepEqual(shown(failed), ['problem', '1', undefined]);
  assert.deepEqual(shown(after([answered('Ann')], failed)), ['shown', '1', 'Ann']);
  const again = after([{ type: 'retried' }], failed);
  assert.deepEqual(shown(again), ['loading', '1', undefined]);
  assert.notEqual(questionOf(again.view), questionOf(failed.view));
  assert.deepEqual(shown(after([{ type: 'hungUp', id: '1' }], failed)), ['idle', undefined, undefined]);
});

test('who listens in sees nobody, whether the call says so or the answer', () => {
  assert.deepEqual(shown(after([called(call('1', { type: 'SUPERVISOR_MONITOR' }))])), ['monitoring', '1', undefined]);
  assert.deepEqual(shown(after([called(call('1')), refused(new Problem('monitoring', 403))])), ['monitoring', '1', undefined]);
});

test('a call to a colleague pushes nobody away who is still up', () => {
  const consult = called(call('2', { type: 'CONSULT', outgoing: true, associated: '1' }));
  const both = after([called(call('1', { part: 'HELD' })), consult], ON_THE_PHONE);
  assert.deepEqual(shown(both), ['shown', '1', 'Ann']);
  const alone = after([{ type: 'hungUp', id: '1' }], both);
  assert.deepEqual([shown(alone), questionOf(alone.view).id], [['shown', '2', 'Ann'], '2']);
  assert.deepEqual(shown(after([answered('')], alone)), ['ended', '2', 'Ann']);
  const internal = after([called(call('1', { part: 'HELD' })), called(call('3'))], ON_THE_PHONE);
  assert.deepEqual(shown(internal), ['loading', '3', undefined]);
  assert.deepEqual(shown(after([answered('')], internal)), ['shown', '1', 'Ann']);
});

test('a call that becomes another keeps its customer, also where the answer brings nobody', () => {
  const moved = after([{ type: 'hungUp', id: '1' }, called(call('2', { type: 'CONFERENCE', associated: '1' }))], ON_THE_PHONE);
  assert.deepEqual(shown(moved), ['shown', '2', 'Ann']);
  const kept = after([answered('')], moved);
  assert.deepEqual([shown(kept), questionOf(kept.view)], [['shown', '2', 'Ann'], null]);
});

test('the last customer is recalled only where nothing happened since, and no call belongs to them', () => {
  const recalled = after([{ type: 'started', calls: [] }, { type: 'recalled', journey: journey('Ann') }]);
  assert.deepEqual(shown(recalled), ['ended', undefined, 'Ann']);
  assert.deepEqual(shown(after([called(call('2'))], recalled)), ['loading', '2', undefined]);
  const since = after([called(call('1')), answered(''), { type: 'hungUp', id: '1' }]);
  assert.deepEqual(shown(after([{ type: 'recalled', journey: journey('Ann') }], since)), ['idle', undefined, undefined]);
});

test('what is remembered over a reload is who is on the screen, and nobody else', () => {
  assert.equal(lastOf(BEGIN.view), undefined);
  assert.equal(lastOf(ON_THE_PHONE.view), 'ref Ann');
  assert.equal(lastOf(after([{ type: 'hungUp', id: '1' }], ON_THE_PHONE).view), 'ref Ann');
  assert.equal(lastOf(after([called(call('2')), refused(unreachable)], ON_THE_PHONE).view), null);
  assert.equal(lastOf(after([{ type: 'forgotten' }]).view), null);
});

test('a customer comes out of quiet on the first call and after wrap-up, not on one that was up before', () => {
  assert.equal(after([called(call('1'))]).isNew, true);
  assert.equal(ON_THE_PHONE.isNew, false);
  assert.equal(after([{ type: 'started', calls: [call('1')] }]).isNew, false);
  assert.equal(after([called(call('1', { part: 'HELD' })), called(call('2'))], ON_THE_PHONE).isNew, false);
  assert.equal(after([called(call('1', { part: 'WRAP_UP' })), called(call('2'))], ON_THE_PHONE).isNew, true);
});

test('earlier answers come by page: those that are there at once, then those that are fetched', () => {
  const wanted = after([{ type: 'wantsMore' }], ON_THE_PHONE);
  assert.equal(wanted.view.more, 'loading');
  assert.equal(step(wanted, { type: 'wantsMore' }), wanted);
  const customer = customerOf(wanted.view);
  const longer = { ...customer.journey, next: null };
  const there = after([{ type: 'gotMore', customer, journey: longer }], wanted);
  assert.deepEqual([customerOf(there.view).rows, there.view.more, there.known.get('1').rows], [25, 'ready', 25]);
  assert.equal(step(there, { type: 'gotMore', customer, journey: longer }), there);
  assert.equal(customerOf(after([{ type: 'wantsMore' }], there).view).rows, 45);
  assert.equal(after([{ type: 'gotNoMore', customer, problem: unreachable }], wanted).view.more, 'failed');
  assert.equal(after([{ type: 'gotNoMore', customer, problem: new Problem('no_customer_ref', 404) }], wanted).view.more, 'over');
});

/** Numbers that look like chance and are the same each time. @param {number} seed */
const chance = (seed) => () => {
  seed = (seed * 1664525 + 1013904223) % 2 ** 32;
  return seed / 2 ** 32;
};

/** @param {() => number} random */
function randomEvent(random, state, asked) {
  const pick = (list) => list[Math.floor(random() * list.length)];
  const id = pick(['1', '2', '3']);
  const more = { part: pick(['ACTIVE', 'ALERTING', 'HELD', 'WRAP_UP', 'DROPPED']), variables: pick(['[]', '[1]']) };
  const kind = pick([{}, {}, { type: 'CONSULT', outgoing: true }, { type: 'CONFERENCE' }, { type: 'SUPERVISOR_MONITOR' }]);
  const question = pick(asked);
  const customer = customerOf(state.view);
  return pick([
    called(call(id, { ...more, ...kind, associated: pick(['', '', '1', '2']) })),
    called(call(id, more)),
    { type: 'hungUp', id },
    { type: 'retried' },
    { type: 'wantsMore' },
    { type: 'recalled', journey: journey('last') },
    ...(question ? [{ type: 'late', question }, { type: 'refused', question, problem: pick([unreachable, new Problem('monitoring', 403)]) }] : []),
    /* A customer is named for the very call and what it carried. */
    ...(question ? Array(3).fill({ type: 'answered', question, journey: journey(pick(['', `${question.id} ${question.variables}`])) }) : []),
    ...(customer ? [{ type: 'gotMore', customer, journey: { ...customer.journey, next: null } }] : []),
  ]);
}

test('what becomes of the survey is said of its own call alone, and stays said', () => {
  const survey = ({ view }) => customerOf(view)?.journey.survey;
  const declined = (id) => ({ type: 'surveyed', id, survey: 'declined' });
  assert.equal(survey(after([declined('1')], ON_THE_PHONE)), 'declined');
  assert.equal(survey(after([declined('1'), called(call('1', { part: 'HELD' })), { type: 'hungUp', id: '1' }], ON_THE_PHONE)), 'declined');
  assert.equal(survey(after([declined('2')], ON_THE_PHONE)), undefined);
  const second = after([called(call('1', { part: 'HELD' })), called(call('2')), answered('Wei'), declined('1')], ON_THE_PHONE);
  assert.equal(survey(second), undefined);
  assert.equal(survey(after([{ type: 'hungUp', id: '2' }], second)), 'declined');
});

/** Whoever is shown belongs to the call, to the one it came from, or was there when it turned out to bring nobody. */
function isInPlace(before, { view, known }) {
  const customer = customerOf(view);
  if (view.kind !== 'shown') return true;
  if (customer.id === view.call.id) return view.question !== null || customer.variables === view.call.variables;
  if (customer.id === view.call.associated) return true;
  const found = known.get(view.call.id);
  return found?.journey.customer === customer.journey.customer && (customerOf(before.view) !== null || found === customer);
}

test('however calls, answers and failures come one after the other, nobody is shown in another one’s place', () => {
  for (let seed = 1; seed <= 400; seed += 1) {
    const random = chance(seed);
    let state = BEGIN;
    const asked = [];
    for (let steps = 0; steps < 60; steps += 1) {
      const event = randomEvent(random, state, asked);
      const next = step(state, event);
      const { view, calls, known } = next;
      const why = `seed ${seed}, step ${steps}: ${JSON.stringify(event)} after ${JSON.stringify(state.view)}`;
      const isStranger = ({ id, facts }) => known.get(id)?.facts === facts && !known.get(id).journey.customer?.knownBy;
      assert.equal(callOf(view)?.id, choose(calls, isStranger)?.id, why);
      assert.ok([...known.keys()].every((id) => includes(calls, id)), why);
      assert.ok(isInPlace(state, next), why);
      if (event.question && event.question !== questionOf(state.view)) assert.equal(next, state, why);
      if (view.kind === 'loading' || view.kind === 'unknown' || view.kind === 'problem') assert.equal(lastOf(view), null, why);
      if (callOf(view) && isMonitoring(callOf(view))) assert.equal(view.kind, 'monitoring', why);
      if (callOf(view) && mayRecall(view)) assert.fail(why);
      if (event.type === 'late' && view.kind === 'shown' && view.question === event.question)
        assert.ok(view.customer.id !== view.call.id || view.customer.variables === view.call.variables, why);
      const question = questionOf(view);
      if (question) assert.deepEqual([question.id, question.facts], [callOf(view).id, callOf(view).facts], why);
      if (question && !asked.includes(question)) asked.push(question);
      state = next;
    }
  }
});
