/** CEA's own parts: where a person was, the order of rows that are read, comments that wait, figures in words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { fileName, pathOf } from '../../static/gadgets/cea/figures.js';
import { against, agentName, periodName } from '../../static/gadgets/cea/numbers.js';
import { placeFrom, placeKey, usualPlace } from '../../static/gadgets/cea/place.js';
import { inPlace, ranked } from '../../static/gadgets/cea/ranking.js';
import { Verbatims } from '../../static/gadgets/cea/verbatims.js';
import { Text } from '../../static/gadgets/text.js';

const usual = usualPlace('30d');

test('a place is kept as far as it still makes sense', () => {
  const place = { period: '90d', team: '5002', opened: '6007', metric: 'ces', order: { column: 'csat', descending: false }, band: 'detractor' };
  assert.deepEqual(placeFrom(JSON.parse(JSON.stringify(place)), usual), place);
  assert.deepEqual(placeFrom(null, usual), usual);
  assert.deepEqual(placeFrom('x', usual), usual);
  const spoilt = { period: 'x', team: 7, opened: '<b>', metric: 'fcr', order: { column: 'nope' }, band: 'angry' };
  assert.deepEqual(placeFrom(spoilt, usual), usual);
});

test('what an administrator changes in the layout begins anew', () => {
  const layout = { filterTags: 'cc_TeamId', period: '', questionnaire: '' };
  assert.notEqual(placeKey(layout), placeKey({ ...layout, period: '7d' }));
  assert.equal(placeKey(layout), placeKey({ ...layout, gadgetHeight: 300 }));
});

const row = (id, responses, nps, counts) => ({ id, name: id, responses, nps, csat: null, ces: null, counts, bases: { nps: responses, csat: responses, ces: 0 }, change: { nps: 0, csat: nps, ces: null } });

test('rows that are read keep their places and get their numbers', () => {
  const shown = [row('a', 9, 50), row('b', 9, 40), row('gone', 5, 30)];
  const fresh = [row('b', 10, 60), row('a', 9, 50), row('new', 7, 90)];
  assert.deepEqual(inPlace(shown, fresh).map(({ id, nps }) => [id, nps]), [['a', 50], ['b', 60], ['gone', 30]]);
});

test('the spread is ranked by its share of detractors, the change by the metric that is shown', () => {
  const bands = (detractors) => ({ promoters: 10 - detractors, passives: 0, detractors });
  const rows = [row('a', 10, 5, bands(1)), row('b', 10, 9, bands(7)), row('c', 10, 7, undefined)];
  const names = (column, options) => ranked(rows, { column, descending: true }, 'en', options).map(({ id }) => id);
  assert.deepEqual(names('spread'), ['b', 'a', 'c']);
  assert.deepEqual(names('change', { metric: 'csat' }), ['b', 'c', 'a']);
});

test('a figure is told against the period before', () => {
  const [en, zh] = [new Text('en'), new Text('zh', 'TW')];
  assert.equal(against(en, 'nps', { previous: 35, change: 6, margin: 5.9 }), 'up from 35');
  assert.equal(against(en, 'nps', { previous: 35, change: 6, margin: 6 }), 'previously 35');
  assert.equal(against(en, 'nps', { previous: 35, change: 6, margin: null }), 'previously 35');
  assert.equal(against(en, 'csat', { previous: 85, change: -1.5, margin: 1 }), 'down from 85.0%');
  assert.equal(against(en, 'ces', { previous: 5.5, change: 0, margin: 0.2 }), 'unchanged from 5.5');
  assert.equal(against(en, 'nps', { previous: null, change: null, margin: null }), 'none previously');
  assert.equal(against(en, 'nps', { previous: -12, change: null, margin: null }), 'previously −12');
  assert.equal(against(zh, 'nps', { previous: 30, change: 6, margin: 5 }), '較前期 30 上升');
  assert.equal(against(zh, 'nps', { previous: 30, change: -6, margin: 5 }), '較前期 30 下降');
  assert.equal(against(zh, 'nps', { previous: 30, change: 0, margin: 5 }), '與前期 30 持平');
});

test('an agent without a name has a number in the language of the desktop', () => {
  assert.equal(agentName(new Text('en'), '6067', null), 'Agent 6067');
  assert.equal(agentName(new Text('zh', 'TW'), '6067', null), '座席 6067');
  assert.equal(agentName(new Text('en'), '6001', 'Ann Lee'), 'Ann Lee');
});

test('a period has a name, also one of dates', () => {
  const text = new Text('en', 'GB');
  assert.equal(periodName(text, '7d'), '7 days');
  assert.match(periodName(text, '2020-10-01..2020-10-31'), /^1 Oct 2020 – 31 Oct 2020$/);
  assert.equal(periodName(text, 'soon'), 'soon');
  assert.equal(periodName(text, 'today'), 'Today');
  assert.equal(periodName(new Text('zh', 'TW'), 'yesterday'), '昨天');
});

test('a period of one day is one date', () => {
  assert.equal(periodName(new Text('en', 'GB'), '2020-10-01..2020-10-01'), '1 Oct 2020');
});

test('one of a band is one', () => {
  const text = new Text('en');
  assert.equal(text.t('bands.promoter', { count: 1 }), 'promoter');
  assert.equal(text.t('bands.promoter', { count: 0 }), 'promoters');
});

test('a file has the name that the server gives it', () => {
  assert.equal(fileName('attachment; filename="pulse_2026-10-22_2026-11-20.csv"'), 'pulse_2026-10-22_2026-11-20.csv');
  assert.equal(fileName('attachment; filename=../x.csv'), null);
  assert.equal(fileName(null), null);
});

test('what is not asked for is not in the address', () => {
  assert.equal(pathOf('/gadgets/pulse', { period: '7d', team: '', agent: 'a b' }), '/gadgets/pulse?period=7d&agent=a+b');
});

/** Comments from a service that has `ids`, newest first, two a page. @param {() => string[]} ids */
function verbatims(ids) {
  const asked = [];
  const ask = async (path) => {
    asked.push(path);
    const before = new URLSearchParams(path.split('?')[1]).get('before');
    const from = before ? ids().indexOf(before) + 1 : 0;
    const page = ids().slice(from, from + 2);
    const next = from + 2 < ids().length ? page[1] : null;
    return { json: async () => ({ comments: page.map((id) => ({ id, band: id < 'm' ? 'promoter' : 'detractor' })), next }) };
  };
  const one = new Verbatims({ session: { getToken: async () => 't', ask }, query: () => ({}), onChange: () => {} });
  return { one, asked, shown: () => one.list.map(({ id }) => id) };
}

test('new comments wait until they are let in, and push nothing away', async () => {
  let ids = ['c', 'b', 'a'];
  const { one, shown } = verbatims(() => ids);
  await one.begin();
  await one.earlier('');
  assert.deepEqual(shown(), ['c', 'b', 'a']);
  ids = ['d', 'c', 'b', 'a'];
  await one.refresh();
  assert.deepEqual(shown(), ['c', 'b', 'a']);
  assert.deepEqual(one.waiting.map(({ id }) => id), ['d']);
  one.letIn();
  assert.deepEqual(shown(), ['d', 'c', 'b', 'a']);
});

test('a whole shift of new comments does not pile up, and leaves no gap', async () => {
  let ids = ['b', 'a'];
  const { one, shown } = verbatims(() => ids);
  await one.begin();
  for (let count = 0; count < 500; count += 1) {
    ids = [`n${count}`, ...ids];
    await one.refresh();
    one.letIn();
  }
  assert.ok(shown().length <= 200);
  assert.deepEqual(shown(), ids.slice(0, shown().length));
  ids = ['x', 'y', 'z', ...ids];
  await one.refresh();
  assert.equal(shown()[0], 'n499');
  one.letIn();
  assert.deepEqual([shown(), one.next], [['x', 'y'], 'y']);
});

test('earlier comments are read until there is one of the band that is asked for', async () => {
  const { one, asked } = verbatims(() => ['a', 'b', 'c', 'd', 'z', 'e', 'f', 'g']);
  await one.begin();
  await one.earlier('detractor');
  assert.equal(one.list.at(-2).id, 'z');
  assert.equal(asked.length, 3);
});

test('comments of the last question stay until the new one is answered', async () => {
  let ids = ['b', 'a'];
  const { one, shown } = verbatims(() => ids);
  await one.begin();
  ids = ['y', 'x'];
  const answered = one.begin();
  assert.deepEqual([one.stale, shown()], [true, ['b', 'a']]);
  await answered;
  assert.deepEqual([one.stale, shown()], [false, ['y', 'x']]);
});

test('comments of another question do not stay for one that cannot be answered', async () => {
  const { one } = verbatims(() => ['b', 'a']);
  await one.begin();
  one.session.ask = async () => {
    throw new TypeError('gone');
  };
  await one.refresh();
  assert.equal(one.list.length, 2);
  await one.begin();
  assert.equal(one.list, null);
  assert.equal(one.problem.code, 'unexpected');
});
