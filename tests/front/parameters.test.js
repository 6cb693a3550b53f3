/** What an administrator writes on the gadget reaches it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { readParameters, unescaped } from '../../static/gadgets/parameters.js';

const none = () => '';
const frame = (/** @type {string} */ url) => `?container=default&url=${encodeURIComponent(url)}&up_host=x`;

test('parameters ride in the frame’s own url parameter', () => {
  const read = readParameters(frame('https://p/g.xml?filterTags=cc_TeamId&period=7d&gadgetHeight=310&autoActivate=true'), none);
  assert.deepEqual(read, { filterTags: 'cc_TeamId', period: '7d', questionnaire: '', gadgetHeight: 310, autoActivate: true });
});

test('a value that was encoded twice is decoded twice', () => {
  const url = `https://p/g.xml?questionnaire=${encodeURIComponent('Sales & service')}&filterTags=cc_AgentId%2Ccc_TeamId`;
  const read = readParameters(frame(url), none);
  assert.equal(read.questionnaire, 'Sales & service');
  assert.equal(read.filterTags, 'cc_AgentId,cc_TeamId');
});

test('an attribute on the gadget element wins over the URL', () => {
  const prefs = /** @type {Record<string, string>} */ ({ period: '90d', gadgetHeight: '500' });
  const read = readParameters(frame('https://p/g.xml?period=7d&gadgetHeight=310'), (name) => prefs[name] ?? '');
  assert.equal(read.period, '90d');
  assert.equal(read.gadgetHeight, 500);
});

test('nonsense is no parameter', () => {
  const read = readParameters(frame('https://p/g.xml?gadgetHeight=tall&autoActivate=no&period=%E0%A4%A&spaceId=1'), none);
  assert.equal(read.gadgetHeight, null);
  assert.equal(read.autoActivate, false);
  assert.equal(readParameters('', none).filterTags, '');
});

test('a preference is what it was before Shindig escaped it', () => {
  assert.equal(unescaped('Ann&#39;s &#34;best&#34; &#60;calls&#62; &amp; more &#92;'), 'Ann\'s "best" <calls> &amp; more \\');
  assert.equal(unescaped(''), '');
});
