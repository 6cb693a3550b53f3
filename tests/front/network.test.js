/** A connection that dies, and a Finesse that fails, cost a moment and never a storm. */
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { test } from 'node:test';
import { request } from '../../static/gadgets/api.js';
import { Finesse } from '../../static/gadgets/finesse.js';

test('an answer that stops in its midst is given up like one that never came', { timeout: 20_000 }, async () => {
  const controller = new AbortController();
  const server = createServer((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'application/json' });
    response.write('{"responses": ');
    setTimeout(() => controller.abort(), 200);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const asked = request(`http://127.0.0.1:${port}/`, { signal: controller.signal }).then((response) => response.json());
    await assert.rejects(asked, { code: 'unreachable', status: 0 });
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('an answer that takes longer than the deadline is given up, whether somebody else may end it or not', { timeout: 20_000 }, async (context) => {
  const deadline = new AbortController();
  const timeout = context.mock.method(AbortSignal, 'timeout', () => deadline.signal);
  const server = createServer((_request, response) => void response.writeHead(200).write('{'));
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = /** @type {import('node:net').AddressInfo} */ (server.address());
    const asked = [{}, { signal: new AbortController().signal }].map((call) => request(`http://127.0.0.1:${port}/`, call));
    setTimeout(() => deadline.abort(), 200);
    for (const one of asked) await assert.rejects(one, { code: 'unreachable', status: 0 });
    assert.deepEqual(timeout.mock.calls.map((call) => call.arguments), [[20_000], [20_000]]);
  } finally {
    server.closeAllConnections();
    server.close();
  }
});

test('however often the library tells of one failure, the same user is asked for once more', (context) => {
  context.mock.timers.enable({ apis: ['setTimeout'] });
  let made = 0;
  let asked = 0;
  class User {
    constructor({ onError }) {
      made += 1;
      this.fail = onError;
      this.refresh();
    }

    refresh() {
      asked += 1;
      for (let told = 0; told < 3; told += 1) this.fail();
    }
  }
  globalThis.window = /** @type {any} */ ({ finesse: { restservices: { User } } });
  new Finesse().watchCalls({ onStart() {}, onCall() {}, onEnd() {} });
  assert.equal(asked, 1);
  context.mock.timers.tick(5_000);
  assert.equal(asked, 2);
  context.mock.timers.tick(10_000);
  assert.equal(asked, 3);
  assert.equal(made, 1);
});
