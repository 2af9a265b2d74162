import assert from 'node:assert/strict';
import { test, type TestContext } from 'node:test';
import { importDocuments } from '../../src/import/importer.ts';
import { StoredComputerRegistry } from '../../src/store/computer-registry.ts';
import { openStore } from '../../src/store/open-store.ts';
import { Writer } from '../../src/store/writer.ts';
import { DETAILS } from '../support/fleet-store.ts';
import { OakumProcess, temporaryFolder, type ExitedProcess } from '../support/oakum-process.ts';
import { SAMPLE, sampleDocuments } from '../support/sample-catalogue.ts';
import { sourcesOf } from '../support/temp-store.ts';

/** What a computer says of itself is shown and never obeyed, whatever prints it. */

const NAME = '\u001B]0;owned\u0007=cmd|"/C calc"!A1\r\n\u202Eevil,"x"';
const MODEL = '@SUM(1)\u009B2J\n<script>alert(1)</script>';
/** What drives a terminal, or hides what is written. */
const LIVE = /(?!\n)\p{Cc}|\p{Cf}/u;

const run = (t: TestContext, ...args: string[]): Promise<ExitedProcess> => new OakumProcess(t, args).exited();

async function hostileFleet(t: TestContext): Promise<string> {
  const dataFolder = temporaryFolder(t);
  const store = await openStore({ dataFolder, now: Date.now });
  await importDocuments(store.db, sourcesOf(sampleDocuments()), { source: 'test', now: Date.now });
  const fail = (error: unknown): never => assert.fail(String(error));
  const writer = new Writer({ dataFolder, onFailure: fail });
  const registry = new StoredComputerRegistry(
    { reader: store.reader, writer },
    { now: Date.now, targeting: 'server', groups: () => new Map(), onFailure: fail },
  );
  await registry.greet({
    clientId: 'c1',
    dnsName: NAME,
    requestedGroups: `=1;${MODEL}`,
    address: '192.0.2.1',
  });
  await registry.register('c1', '192.0.2.1', {
    ...DETAILS,
    dnsName: NAME,
    model: MODEL,
    osDescription: MODEL,
  });
  await registry.close();
  await writer.close();
  await store.close();
  return dataFolder;
}

test('on a terminal', async (t) => {
  const data = await hostileFleet(t);
  for (const args of [
    ['computers'],
    ['computers', 'show', 'c1'],
    ['computers', 'findings'],
    ['explain', 'c1', SAMPLE.standalone],
    ['computers', 'move', 'c1'],
    ['computers', 'delete', 'c1'],
  ]) {
    const { code, stdout, stderr } = await run(t, ...args, '--data', data);
    assert.deepEqual([code, stderr], [0, ''], args.join(' '));
    assert.doesNotMatch(stdout, LIVE, args.join(' '));
    assert.match(stdout, /owned|c1/);
  }
});

test('in an error', async (t) => {
  const data = await hostileFleet(t);
  const { code, stderr } = await run(t, 'computers', 'show', `${NAME.slice(0, 6)}?`, '--data', data);
  assert.equal(code, 1);
  assert.doesNotMatch(stderr, LIVE);
  assert.match(stderr, /^oakum: [^\n]*\(OAK_COMPUTER_UNKNOWN\)\n$/);
});

test('in CSV no cell is a formula, and none becomes two', async (t) => {
  const data = await hostileFleet(t);
  for (const args of [['computers'], ['computers', 'findings']]) {
    const { stdout } = await run(t, ...args, '--csv', '--data', data);
    const [headings, ...rows] = stdout.trimEnd().split('\r\n');
    assert.equal(rows.length, 1);
    const cells = rows[0].match(/"(?:[^"]|"")*"/g) ?? [];
    assert.equal(cells.length, headings.split(',').length);
    for (const cell of cells) assert.doesNotMatch(cell, /^"[\s\uFFFD]*[=+@|]/);
  }
});

test('in JSON it comes back as it was said', async (t) => {
  const data = await hostileFleet(t);
  const { stdout } = await run(t, 'computers', '--json', '--data', data);
  const [computer] = JSON.parse(stdout) as Record<string, unknown>[];
  assert.deepEqual([computer.name, computer.model], [NAME, MODEL]);
  assert.doesNotMatch(stdout, LIVE);
});
