/** Of several calls the gadget is about the right one, at every step of each way a call can go. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { choose, end, includes, isUp, meet, standing } from '../../static/gadgets/cej/calls.js';
import { TabWatch, asCall } from '../../static/gadgets/finesse.js';

const OWN = '2001';

/** A call as `asCall` gives it. @param {string} id @param {object} [more] */
const call = (id, more = {}) => ({
  id,
  state: 'ACTIVE',
  part: 'ACTIVE',
  type: 'PREROUTE_ACD_IN',
  associated: '',
  outgoing: false,
  parties: 2,
  variables: '[]',
  facts: id,
  ...more,
});
const chosen = (...calls) => choose(calls)?.id;

test('a call counts from its ringing to its end', () => {
  const states = ['INITIATING', 'INITIATED', 'ALERTING', 'ACTIVE', 'HELD', 'WRAP_UP', 'DROPPED', 'FAILED'];
  assert.deepEqual(states.filter((part) => isUp(call('1', { part }))), ['INITIATED', 'ALERTING', 'ACTIVE', 'HELD', 'WRAP_UP']);
  assert.ok(!isUp(call('1', { state: 'DROPPED' })));
  assert.ok(isUp(call('1', { state: 'ALERTING', part: '' })));
});

test('no call is nobody', () => assert.equal(chosen(), undefined));

test('the call spoken in goes before one that rings, on hold, or in wrap-up', () => {
  const talk = call('talk');
  for (const part of ['ALERTING', 'HELD', 'WRAP_UP']) {
    assert.equal(chosen(talk, call('other', { part })), 'talk');
    assert.equal(chosen(call('other', { part }), talk), 'talk');
  }
});

test('one that rings goes before one on hold, and one on hold before one in wrap-up', () => {
  assert.equal(chosen(call('held', { part: 'HELD' }), call('rings', { part: 'ALERTING', state: 'ALERTING' })), 'rings');
  assert.equal(chosen(call('held', { part: 'HELD' }), call('done', { part: 'WRAP_UP' })), 'held');
});

test('the newest of equals', () => assert.equal(chosen(call('1'), call('2')), '2'));

test('a consult is about the call it was made from, whichever of the two names the other', () => {
  const held = call('c', { part: 'HELD' });
  const consult = call('k', { type: 'CONSULT', outgoing: true, associated: 'c' });
  assert.equal(chosen(held, consult), 'c');
  assert.equal(chosen(consult, held), 'c');
  assert.equal(chosen(call('c', { part: 'HELD', associated: 'k' }), call('k')), 'c');
  assert.equal(chosen(held, call('k', { type: 'CONSULT', outgoing: true })), 'c');
  assert.equal(standing(held, [held, consult]), 'CONSULTING');
});

test('while a colleague is consulted, another call that rings does not take the customer away', () => {
  const held = call('c', { part: 'HELD' });
  const consult = call('k', { type: 'CONSULT', outgoing: true, associated: 'c' });
  assert.equal(chosen(held, consult, call('r', { part: 'ALERTING', state: 'ALERTING' })), 'c');
});

test('the colleague who is consulted has that call alone', () => {
  assert.equal(chosen(call('k', { type: 'CONSULT', associated: 'c' })), 'k');
});

test('a call without a customer gives way to one that may have one', () => {
  const calls = [call('held', { part: 'HELD' }), call('internal')];
  assert.equal(choose(calls, ({ id }) => id === 'internal')?.id, 'held');
  assert.equal(choose([calls[1]], ({ id }) => id === 'internal')?.id, 'internal');
});

test('listening in gives way to an own call', () => {
  assert.equal(chosen(call('m', { type: 'SUPERVISOR_MONITOR' }), call('held', { part: 'HELD' })), 'held');
});

test('a call is said as it stands', () => {
  const said = (more) => standing(call('1', more), [call('1', more)]);
  assert.equal(said({}), 'ACTIVE');
  assert.equal(said({ part: 'HELD' }), 'HELD');
  assert.equal(said({ part: 'WRAP_UP' }), 'WRAP_UP');
  assert.equal(said({ type: 'CONFERENCE', parties: 3 }), 'CONFERENCE');
  assert.equal(said({ type: 'CONFERENCE', parties: 0 }), 'CONFERENCE');
  assert.equal(said({ type: 'CONFERENCE', parties: 2 }), 'ACTIVE');
  assert.equal(said({ part: 'ALERTING', state: 'ALERTING' }), 'ALERTING');
  assert.equal(said({ part: 'ALERTING', state: 'ALERTING', type: 'OUTBOUND_PREVIEW' }), 'PREVIEW');
  assert.equal(said({ part: 'INITIATED', state: 'INITIATED', type: 'OUT', outgoing: true }), 'INITIATED');
});

test('a call that is over is forgotten, and one that changes keeps its place', () => {
  const both = [call('1'), call('2', { part: 'WRAP_UP' })].reduce(meet, []);
  assert.ok(includes(both, '2'));
  assert.deepEqual(meet(both, call('1', { part: 'HELD' })).map(({ id, part }) => [id, part]), [['1', 'HELD'], ['2', 'WRAP_UP']]);
  assert.deepEqual(end(meet(both, call('2', { part: 'DROPPED' })), '1'), []);
  assert.deepEqual(meet([], call('')), []);
});

const dialog = (more = {}) => ({
  _data: {
    id: 7,
    state: 'ACTIVE',
    fromAddress: '0912344455',
    toAddress: OWN,
    associatedDialogUri: null,
    mediaProperties: { callType: 'ACD_IN', callvariables: { CallVariable: { name: 'POD.ID', value: 'C-1' } } },
    participants: { Participant: [{ mediaAddress: OWN, state: 'HELD' }, { mediaAddress: '0912344455', state: 'ACTIVE' }] },
    ...more,
  },
});

test('a dialog is read whether its lists come as lists or as one, and an empty element is no text', () => {
  const one = asCall(dialog(), OWN);
  assert.deepEqual(
    { ...one, facts: '' },
    { id: '7', state: 'ACTIVE', part: 'HELD', type: 'ACD_IN', associated: '', outgoing: false, parties: 2, variables: '[["POD.ID","C-1"]]', facts: '' },
  );
  const single = dialog({ participants: { Participant: { mediaAddress: OWN, state: null } }, state: null });
  assert.deepEqual([asCall(single, OWN).part, asCall(single, OWN).state], ['', '']);
  assert.equal(asCall({ getId: () => '7', getState: () => 'ACTIVE' }).id, '7');
});

test('who has left a call is not counted', () => {
  const left = [{ mediaAddress: OWN, state: 'ACTIVE' }, { mediaAddress: '2002', state: 'DROPPED' }, { mediaAddress: '0912344455', state: 'ACTIVE' }];
  assert.equal(asCall(dialog({ participants: { Participant: left } }), OWN).parties, 2);
});

test('a dialog says what it belongs to, and who dialled', () => {
  const consult = asCall(dialog({ fromAddress: OWN, toAddress: '2002', associatedDialogUri: '/finesse/api/Dialog/42' }), OWN);
  assert.equal(consult.associated, '42');
  assert.ok(consult.outgoing);
});

test('whatever says who the customer is changes the facts, hold and answer do not', () => {
  const facts = (more) => asCall(dialog(more), OWN).facts;
  const media = (more) => ({ mediaProperties: { callType: 'ACD_IN', ...more } });
  assert.equal(facts(), facts({ state: 'HELD', participants: null }));
  assert.notEqual(facts(), facts({ fromAddress: '0987654321' }));
  assert.notEqual(facts(), facts(media({ callType: 'CONFERENCE' })));
  assert.notEqual(facts(), facts(media({ callvariables: { CallVariable: { name: 'POD.ID', value: 'C-2' } } })));
});

test('a tab is hidden when another comes to the front, in whatever form that is told', () => {
  for (const form of [(id) => id, (tabId) => ({ tabId }), (id) => ({ id })]) {
    const tab = new TabWatch();
    tab.hear(form('home'), 'home');
    assert.ok(tab.isInFront);
    tab.hear(form('teamData'), 'home');
    assert.ok(!tab.isInFront);
    tab.hear(form('home'), 'home');
    assert.ok(tab.isInFront);
  }
});

test('what cannot be understood of tabs hides nothing', () => {
  const tab = new TabWatch();
  for (const event of ['tab-home', { tabId: 'x' }, '{"tabId": "home"}', null, undefined]) {
    tab.hear(event, 'home');
    assert.ok(tab.isInFront);
  }
  tab.hear({ tabId: 'teamData' }, undefined);
  assert.ok(tab.isInFront);
});
