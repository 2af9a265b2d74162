import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { importDocuments } from '../../src/import/importer.ts';
import { openStore } from '../../src/store/open-store.ts';
import { Writer } from '../../src/store/writer.ts';
import { clientEvent } from '../support/client-event.ts';
import { OakumProcess, temporaryFolder, type ExitedProcess } from '../support/oakum-process.ts';
import { SAMPLE, sampleDocuments } from '../support/sample-catalogue.ts';
import { sourcesOf } from '../support/temp-store.ts';

/** "compliance" and "events" as processes: what they print, and how they end. */

const CLIENT = '0c000000-0000-4000-8000-000000000001';

async function fleet(t: TestContext): Promise<(...args: string[]) => Promise<ExitedProcess>> {
  const data = temporaryFolder(t);
  const store = await openStore({ dataFolder: data, now: Date.now });
  await importDocuments(store.db, sourcesOf(sampleDocuments()), { source: 'test', now: Date.now });
  await store.close();
  await using writer = new Writer({ dataFolder: data, onFailure: assert.fail });
  const nowMs = Date.now() + 1_000;
  const greeting = { clientId: CLIENT, dnsName: '=cmd|\u001B[2J\nx', address: '', requestedGroups: '' };
  await writer.execute('greet', { greeting, nowMs });
  const about = (eventId: number, more: object) =>
    clientEvent(eventId, { eventId, clientId: CLIENT, timeMs: nowMs, update: undefined, ...more });
  const update = { updateId: SAMPLE.standalone, revisionNumber: 101 };
  const events = [
    about(147, {}),
    about(156, { miscData: [`U=${SAMPLE.bundle}`, 'V='] }),
    about(182, { update, hresult: -2_147_023_293, replacementStrings: ['\u001B]0;owned\u0007'] }),
  ];
  await writer.execute('appendEvents', { receivedMs: nowMs, events });
  return (...args) => new OakumProcess(t, [...args, '--data', data]).exited();
}

test('"compliance" prints the counts of a computer, and the updates behind them', async (t) => {
  const oakum = await fleet(t);
  const { code, stdout } = await oakum('compliance', '--computer', CLIENT, '--json');
  assert.equal(code, 0);
  const counts = JSON.parse(stdout) as Record<string, number>;
  const { notApplicable, ...others } = counts;
  assert.deepEqual(others, {
    ...{ unknown: 0, needed: 1, downloaded: 0 },
    ...{ installed: 0, pendingReboot: 0, failed: 1 },
  });
  const listed = await oakum('compliance', '--computer', CLIENT, '--updates', '--json');
  const { updates, ...same } = JSON.parse(listed.stdout) as {
    readonly updates: readonly {
      readonly updateId: string;
      readonly state: string;
      readonly result: object;
    }[];
  };
  assert.deepEqual(same, counts);
  assert.equal(updates.length, notApplicable + 2);
  assert.deepEqual(
    updates.slice(0, 2).map((one) => [one.updateId, one.state]),
    [
      [SAMPLE.standalone, 'failed'],
      [SAMPLE.bundle, 'needed'],
    ],
  );
  assert.deepEqual(updates[0].result, {
    code: -2_147_023_293,
    hex: '0x80070643',
    name: 'ERROR_INSTALL_FAILURE',
    meaning: 'The installer failed; its own log says why.',
  });
});

test('what computers say drives neither a terminal nor a spreadsheet', async (t) => {
  const oakum = await fleet(t);
  for (const args of [
    ['compliance', '--update', SAMPLE.standalone, '--computers'],
    ['compliance', '--code', 'ERROR_INSTALL_FAILURE'],
    ['compliance', '--not-reporting', '2999-01-01T00:00Z'],
    ['events'],
  ]) {
    const { code, stdout } = await oakum(...args);
    assert.equal(code, 0, args.join(' '));
    assert.match(stdout, /=cmd\|\uFFFD\[2J x/);
    assert.ok(!stdout.includes('\u001B') && !stdout.includes('\u0007'), args.join(' '));
    assert.match((await oakum(...args, '--csv')).stdout, /"'=cmd/);
  }
});

test('what is mistyped is said in one sentence', async (t) => {
  const oakum = await fleet(t);
  for (const [args, sentence] of [
    [['compliance', '--computer', 'nobody'], /OAK_COMPUTER_UNKNOWN/],
    [['compliance', '--computer', CLIENT, '--state', 'instaled'], /"installed".*OAK_STATE_UNKNOWN/],
    [['compliance', '--classification', 'Nothing'], /OAK_CATEGORY_UNKNOWN/],
    [['events', '--event', 'instalation failed'], /"installation failed".*OAK_EVENT_KIND_UNKNOWN/],
  ] as const) {
    const { code, stderr } = await oakum(...args);
    assert.equal(code, 1);
    assert.match(stderr, /^oakum: [^\n]*\n$/);
    assert.match(stderr, sentence);
  }
  for (const args of [
    ['compliance', '--failures', '--pending-reboot'],
    ['compliance', '--code', '0xnothing'],
    ['events', '--since', 'yesterday'],
  ]) {
    assert.equal((await oakum(...args)).code, 1, args.join(' '));
  }
});
