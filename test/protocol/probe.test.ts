import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { probe } from '../../src/agent/probe.ts';
import { OakumError } from '../../src/errors/oakum-error.ts';
import { sampleDocuments } from '../support/sample-catalogue.ts';
import { TestServer } from '../support/test-server.ts';

/** The probe sees what an agent sees, and judges nothing. */

const server = await TestServer.start({ documents: sampleDocuments() });
after(() => server[Symbol.asyncDispose]());

const options = { assume: 'trivial', maxRounds: 20, now: server.clock.now } as const;

test('a probe makes the whole handshake and one staged scan, round by round', async () => {
  const report = await probe({ ...options, url: server.url });
  assert.equal(report.registrationRequired, true);
  assert.equal(report.handshake.length, 4);
  assert.equal(report.stopped, undefined);
  const sent = report.rounds.reduce((sum, round) => sum + round.newUpdates, 0);
  assert.equal(sent, report.updates);
  assert.equal(
    Object.values(report.actions).reduce((sum, count) => sum + count, 0),
    sent,
  );
  // The last round is the one that brought nothing any more for others to depend on.
  assert.deepEqual(
    report.rounds.map((round) => round.newNonLeaf > 0),
    report.rounds.map((_, index) => index < report.rounds.length - 1),
  );
  assert.deepEqual(server.takeWarnings(), []);
});

test('a probe ends where it is told to, and says so', async () => {
  const report = await probe({ ...options, url: server.url, maxRounds: 1 });
  assert.equal(report.rounds.length, 1);
  assert.match(report.stopped ?? '', /1/);
});

test('a probe of nothing says that nothing answers', async () => {
  await server.pause();
  const url = 'http://127.0.0.1:9';
  await assert.rejects(
    probe({ ...options, url }),
    (error) => error instanceof OakumError && error.code === 'OAK_PEER_UNREACHABLE',
  );
});
