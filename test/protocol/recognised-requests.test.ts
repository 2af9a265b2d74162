import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { SAMPLE, sampleDocuments } from '../support/sample-catalogue.ts';
import { approve } from '../support/store-changes.ts';
import { TestComputer } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

/** Requests that come again are recognised and answered from memory: nobody must be able to tell. */

const start = (settings: Readonly<Record<string, unknown>> = {}): Promise<TestServer> =>
  TestServer.start({ documents: sampleDocuments(), settings });

/** Everything a scan and the questions after it bring, without what is each computer's own. */
async function told(computer: TestComputer): Promise<unknown[]> {
  const answers: unknown[] = [];
  const rounds = await computer.scan();
  for (let times = 0; times < 4; times++) {
    const { NewCookie: _, ...steady } = await computer.syncUpdates();
    answers.push(steady);
  }
  return [rounds, ...answers];
}

describe('what computers are told', () => {
  test('is the same from memory, without memory, and however it is compressed', async () => {
    const ways = [
      {},
      { 'memory.requestCacheBytes': 0, 'memory.answerCacheBytes': 0 },
      { 'soap.xpress': 'whole' },
      { 'soap.xpress': 'off' },
    ];
    const answers: unknown[] = [];
    for (const settings of ways) {
      await using server = await start(settings);
      const seen: unknown[] = [];
      // The second and later computers send what the first one sent.
      for (let count = 0; count < 4; count++) {
        using computer = await TestComputer.registered(server);
        seen.push(await told(computer));
      }
      answers.push(seen);
      for (const one of seen) assert.deepEqual(one, seen[0]);
    }
    for (const one of answers) assert.deepEqual(one, answers[0]);
  });

  test('changes at once for all of them when something is approved', async () => {
    await using server = await start();
    const computers = [await TestComputer.registered(server), await TestComputer.registered(server)];
    for (const computer of computers) {
      await computer.scan();
      for (let times = 0; times < 3; times++)
        assert.equal((await computer.syncUpdates()).ChangedUpdates, undefined);
    }
    await approve(server.store, {
      updateId: SAMPLE.standalone,
      action: 'Install',
      nowMs: server.clock.now(),
    });
    for (const computer of computers) {
      const changed = await until(
        'the approval is served',
        async () => (await computer.syncUpdates()).ChangedUpdates ?? undefined,
      );
      assert.deepEqual(
        changed.map((update) => update.Deployment?.Action),
        ['Install'],
      );
      assert.equal((await computer.syncUpdates()).ChangedUpdates, undefined);
    }
    for (const computer of computers) computer[Symbol.dispose]();
  });

  test('is not told to whoever shows no valid cookie, however well the request is known', async () => {
    await using server = await start({ 'cookies.lifetimeMinutes': 5 });
    using computer = await TestComputer.registered(server);
    await computer.scan();
    for (let times = 0; times < 3; times++) await computer.syncUpdates();
    server.clock.advance(5 * 60_000);
    await assert.rejects(computer.syncUpdates(), /CookieExpired/);
    computer.cookie = { ...computer.cookie!, EncryptedData: Buffer.alloc(300, 1) };
    await assert.rejects(computer.syncUpdates(), /InvalidCookie/);
  });
});
