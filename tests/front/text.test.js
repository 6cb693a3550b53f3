/** Every word is in both locale files, and every word that the gadgets ask for is there. */
import assert from 'node:assert/strict';
import { readFileSync, readdirSync } from 'node:fs';
import { test } from 'node:test';
import { LOCALES } from '../../static/gadgets/locales.js';
import { Text } from '../../static/gadgets/text.js';

const folder = new URL('../../static/gadgets/', import.meta.url);
const locale = (/** @type {string} */ name) => JSON.parse(readFileSync(new URL(`locales/${name}.json`, folder), 'utf8'));
const isPlural = (/** @type {any} */ entry) => typeof entry === 'object' && 'other' in entry;

/** @returns {[string, string][]} each key with the places its text leaves open */
function entries(words, path = '') {
  return Object.entries(words).flatMap(([name, entry]) => {
    if (typeof entry === 'string' || isPlural(entry)) {
      const text = typeof entry === 'string' ? entry : entry.other;
      return [[path + name, [...text.matchAll(/\{\w+\}/g)].map(String).sort().join()]];
    }
    return entries(entry, `${path}${name}.`);
  });
}

test('both languages have the same words with the same places', () => {
  assert.deepEqual(entries(locale('zh-TW')), entries(locale('en')));
});

test('every locale file is a language that can be spoken', () => {
  const files = readdirSync(new URL('locales/', folder)).map((name) => name.replace('.json', ''));
  assert.deepEqual(files.sort(), Object.keys(LOCALES).sort());
});

test('every word that the code names is in the locale files', () => {
  const known = new Set(entries(locale('en')).map(([key]) => key));
  const files = readdirSync(folder, { recursive: true }).filter((name) => String(name).endsWith('.js'));
  for (const file of files) {
    const source = readFileSync(new URL(String(file), folder), 'utf8');
    const asked = [...source.matchAll(/\bt\(\s*'([\w.]+)'/g)].map(([, key]) => key);
    assert.deepEqual(asked.filter((key) => !known.has(key)), [], String(file));
  }
});

test('every problem has a title and what to do about it', () => {
  const { problem } = locale('en');
  const codes = Object.keys(problem).filter((key) => key !== 'retry' && !key.endsWith('More'));
  assert.deepEqual(codes.filter((code) => !(`${code}More` in problem)), []);
});

test('numbers, dates and plurals follow the language', () => {
  const [en, zh] = [new Text('en', 'GB'), new Text('zh', 'TW')];
  const now = new Date('2026-11-20T12:00:00Z');
  const day = new Date('2026-11-08T12:00:00Z');
  assert.equal(en.t('pulse.answers', { count: 1 }), '1 answer');
  assert.equal(en.t('pulse.answers', { count: 1200 }), '1,200 answers');
  assert.equal(zh.t('pulse.answers', { count: 1 }), '1 份回饋');
  assert.equal(en.day(day, { zone: 'UTC', now }), '8 Nov');
  assert.equal(zh.day(day, { zone: 'UTC', now }), '11月8日');
  assert.equal(en.since(day, now), '12 days ago');
  assert.equal(zh.since(day, now), '12 天前');
  assert.equal(en.number(-2, 1), '−2.0');
});

test('other languages get English', () => {
  assert.equal(new Text('fr', 'FR').t('shell.retry'), 'Retry');
});

test('how long ago is told by Finesse’s clock, not by this machine’s', () => {
  const ahead = new Text('en', '', () => Date.parse('2026-11-20T12:10:00Z'));
  assert.equal(ahead.since(new Date('2026-11-20T12:00:00Z')), '10 minutes ago');
});

test('the Chinese texts have one word for an agent, and the marks of Chinese between its words', () => {
  const texts = JSON.stringify(locale('zh-TW'));
  assert.doesNotMatch(texts, /值機員|客服|代理|坐席/);
  assert.doesNotMatch(texts, /[\u4e00-\u9fff] ?[,.:;!?()–][\u4e00-\u9fff ]/);
});

test('where there is little room a large number is short', () => {
  const [en, zh] = [new Text('en', 'US'), new Text('zh', 'TW')];
  assert.deepEqual([999, 1059, 12_345].map((value) => en.short(value)), ['999', '1.1K', '12K']);
  assert.deepEqual([999, 12_345].map((value) => zh.short(value)), ['999', '1.2萬']);
});

test('the time of day is as people write it', () => {
  const afternoon = new Date(2026, 10, 28, 16, 14);
  assert.equal(new Text('zh', 'TW').time(afternoon), '下午 4:14');
  assert.match(new Text('en', 'US').time(afternoon), /^4:14\sPM$/);
});
