/** Credentials and tokens are used as sparingly as Finesse's lock-out demands. */
import assert from 'node:assert/strict';
import { beforeEach, test } from 'node:test';
import { Problem } from '../../static/gadgets/api.js';
import { authHeader } from '../../static/gadgets/finesse.js';
import { Poll, pause, spread } from '../../static/gadgets/poll.js';
import { Session } from '../../static/gadgets/session.js';

/** @type {{ url: string, headers: Record<string, string> }[]} */
let sent;
/** @type {((url: string) => Response)} */
let answer;
let now = 0;
let credential = 'Basic a';

const json = (status, body, headers = {}) => new Response(JSON.stringify(body), { status, headers });
const token = (name = 't') => json(200, { access_token: name, expires_in: 900, person: { id: '1001' } });
const session = () => new Session({ base: 'https://pulse', user: '1001', getCredential: () => credential, now: () => now });
const sessions = () => sent.filter(({ url }) => url.endsWith('/session')).length;

beforeEach(() => {
  sent = [];
  now = 0;
  credential = 'Basic a';
  answer = (url) => (url.endsWith('/session') ? token() : json(200, {}));
  globalThis.fetch = async (url, { headers }) => {
    sent.push({ url: String(url), headers });
    return answer(String(url));
  };
});

test('all who ask at once wait for one exchange', async () => {
  const one = session();
  await Promise.all([one.getToken(), one.getToken(), one.ask('/gadgets/pulse')]);
  assert.equal(sessions(), 1);
});

test('a token is renewed ahead of its end, with the credential of that moment', async () => {
  const one = session();
  await one.getToken();
  credential = 'Bearer b';
  now = 700_000;
  await one.getToken();
  assert.equal(sessions(), 1);
  now = 730_000;
  await one.getToken();
  assert.equal(sent.at(-1).headers.Authorization, 'Bearer b');
});

test('a renewal that fails in passing leaves the token that is still good', async () => {
  const one = session();
  await one.getToken();
  answer = () => json(502, { code: 'finesse_unavailable' });
  now = 730_000;
  assert.equal(await one.getToken(), 't');
  now = 901_000;
  await assert.rejects(one.getToken(), { code: 'finesse_unavailable' });
});

test('a Bearer that is refused while it rotates costs nothing as long as the token is good', async () => {
  const one = session();
  await one.getToken();
  answer = () => json(401, { code: 'invalid_credentials' });
  now = 730_000;
  assert.equal(await one.getToken(), 't');
  now = 901_000;
  await assert.rejects(one.getToken(), { code: 'invalid_credentials' });
});

test('of several whose token is no longer taken, the first renews it for all', async () => {
  const one = session();
  await one.getToken();
  let made = 1;
  answer = (url) => (url.endsWith('/session') ? token(`t${(made += 1)}`) : json(sent.at(-1).headers.Authorization === 'Bearer t' ? 401 : 200, { code: 'session_required' }));
  /** @type {(() => void)[]} */
  const held = [];
  const usual = globalThis.fetch;
  globalThis.fetch = async (url, call) => {
    const response = await usual(url, call);
    if (String(url).endsWith('/slow') && response.status === 401) await new Promise((resolve) => held.push(() => resolve(undefined)));
    return response;
  };
  const slow = one.ask('/slow');
  await one.ask('/quick');
  held.forEach((release) => release());
  await slow;
  assert.equal(sessions(), 2);
});

test('a token that is no longer taken is renewed once', async () => {
  const one = session();
  answer = (url) => (url.endsWith('/session') ? token() : json(401, { code: 'session_required' }));
  await assert.rejects(one.ask('/gadgets/pulse'), { code: 'session_required' });
  assert.equal(sessions(), 2);
});

test('a credential that rotates while it is on its way is replaced without anybody noticing', async () => {
  const one = session();
  answer = (url) => {
    if (credential === 'Bearer new') return url.endsWith('/session') ? token() : json(200, {});
    credential = 'Bearer new';
    return json(401, { code: 'invalid_credentials' });
  };
  assert.equal(await one.getToken(), 't');
  assert.deepEqual(sent.map(({ headers }) => headers.Authorization), ['Basic a', 'Bearer new']);
});

test('where nobody is signed in any more, nothing is sent', async () => {
  credential = '';
  await assert.rejects(session().getToken(), { code: 'signed_out', again: true });
  assert.equal(sent.length, 0);
});

test('a refusal that no time mends is not asked again', async () => {
  const poll = new Poll(
    async () => {
      throw new Problem('not_your_team', 403);
    },
    () => {},
  );
  poll.start();
  await new Promise((resolve) => setTimeout(resolve, 1));
  assert.ok(poll.stopped);
});

test('a refused credential is not sent again, a new one is', async () => {
  const one = session();
  answer = () => json(401, { code: 'invalid_credentials' });
  await assert.rejects(one.getToken(), { code: 'invalid_credentials' });
  await assert.rejects(one.getToken(), { code: 'invalid_credentials' });
  assert.equal(sessions(), 1);
  credential = 'Basic b';
  await assert.rejects(one.getToken());
  assert.equal(sessions(), 2);
});

test('a failure keeps its code and how long to wait', async () => {
  answer = () => json(429, { code: 'try_later' }, { 'Retry-After': '120' });
  await assert.rejects(session().getToken(), { code: 'try_later', retryAfter: 120, passing: true });
  answer = () => {
    throw new TypeError('Failed to fetch');
  };
  await assert.rejects(session().getToken(), { code: 'unreachable', status: 0 });
});

test('the header comes from the library, or from its configuration where it has no such function', () => {
  const library = { gadget: { Config: { id: '1' } }, utilities: { Utilities: { getAuthHeaderString: (config) => `Bearer ${config.id}` } } };
  assert.equal(authHeader(library), 'Bearer 1');
  assert.equal(authHeader({ gadget: { Config: { authorization: 'eA==' } } }), 'Basic eA==');
  assert.equal(authHeader({}), '');
  const signedOut = () => {
    throw new Error('The configuration holds no authorization.');
  };
  assert.equal(authHeader({ utilities: { Utilities: { getAuthHeaderString: signedOut } } }), '');
});

test('polls are spread, and slow down while nobody answers', () => {
  assert.equal(spread(10, () => 0), 8);
  assert.equal(Math.round(spread(10, () => 1)), 12);
  assert.ok(pause(1, null) <= 5);
  assert.ok(pause(9, null) <= 60);
  assert.ok(pause(1, 120) >= 120);
});

test('an answer that comes after the question was put anew is dropped', async () => {
  const answers = [];
  const problems = [];
  let release = () => {};
  const poll = new Poll(
    async (signal) => {
      if (!answers.length) await new Promise((resolve) => (release = () => resolve(undefined)));
      if (!signal.aborted) answers.push('answer');
      return null;
    },
    (problem) => problems.push(problem),
  );
  poll.start();
  const late = release;
  answers.push('first');
  poll.start();
  late();
  await new Promise((resolve) => setTimeout(resolve, 5));
  poll.stop();
  assert.deepEqual(answers, ['first', 'answer']);
  assert.deepEqual(problems, []);
});

test('a clock that is set back while the tab is hidden holds no poll up', async (context) => {
  context.mock.timers.enable({ apis: ['Date'], now: 10_000_000 });
  let asked = 0;
  const poll = new Poll(async () => ((asked += 1), 0.001), () => {});
  poll.show(false);
  poll.start();
  await new Promise((resolve) => setTimeout(resolve, 20));
  context.mock.timers.setTime(0);
  poll.show(true);
  await new Promise((resolve) => setTimeout(resolve, 1));
  poll.stop();
  assert.ok(asked >= 2);
});

test('a poll that is not due yet is not asked because its tab is shown', async () => {
  let asked = 0;
  const poll = new Poll(async () => ((asked += 1), 60), () => {});
  poll.start();
  await new Promise((resolve) => setTimeout(resolve, 1));
  poll.show(false);
  poll.show(true);
  poll.stop();
  assert.equal(asked, 1);
});

test('a poll that comes due on a hidden tab waits until it is shown', async () => {
  let asked = 0;
  const poll = new Poll(async () => ((asked += 1), 0.001), () => {});
  poll.show(false);
  poll.start();
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(asked, 1);
  poll.show(true);
  await new Promise((resolve) => setTimeout(resolve, 1));
  poll.stop();
  assert.ok(asked >= 2);
});

test('only failures that may pass are passing', () => {
  assert.ok(new Problem('unreachable', 0).passing);
  assert.ok(new Problem('finesse_unavailable', 502).passing);
  assert.ok(!new Problem('not_your_user', 403).passing);
});
