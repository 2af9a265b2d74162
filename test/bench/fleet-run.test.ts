import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import type { FleetReport } from '../../bench/fleet/fleet-report.ts';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';

const FLEET = fileURLToPath(new URL('../../bench/fleet.ts', import.meta.url));

async function fleet(args: readonly string[]): Promise<{ code: unknown; stdout: string; stderr: string }> {
  const child = spawn(process.execPath, [FLEET, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  const [code] = (await once(child, 'close')) as unknown[];
  return { code, stdout, stderr };
}

test('a fleet of scripted computers and a true agent scans a server without an error', async (t) => {
  const data = join(temporaryFolder(t), 'data');
  await new OakumProcess(t, ['sample', '--data', data]).exited();
  const server = await new OakumProcess(t, ['serve', '--data', data, '--listen', '127.0.0.1:0']).ready();
  const json = join(data, 'fleet.json');
  const { code, stdout, stderr } = await fleet([
    ...['--server', server, '--scenario', 'full-rescan-storm', '--computers', '40'],
    ...['--duration', '1', '--speedup', '18000', '--processes', '2', '--images', '2', '--agents', '1'],
    ...['--json', json],
  ]);
  assert.equal(code, 0, stderr);
  const report = JSON.parse(readFileSync(json, 'utf8')) as FleetReport;
  const { counters } = report;
  assert.equal(counters['scans intended'], 40);
  assert.equal(counters['scans completed'], 40);
  assert.equal(counters['agent scans completed'], 1);
  assert.equal(counters['never begun'] + counters['unfinished'], 0);
  assert.ok(report.roundTripsPerScan.mean > 5);
  assert.ok(report.operations.every(({ errors }) => Object.keys(errors).length === 0));
  assert.equal(report.operations.find(({ operation }) => operation === 'scan, rescan')?.count, 40);
  assert.match(stdout, /^SyncUpdates +\d+/m);
});

test('a server that is not there, or not this machine, ends the run with a word about it', async () => {
  const absent = await fleet(['--server', 'http://127.0.0.1:1']);
  assert.deepEqual([absent.code, absent.stderr], [2, 'The server could not be surveyed: refused\n']);
  const remote = await fleet(['--server', 'http://192.0.2.1:8530']);
  assert.equal(remote.code, 2);
  assert.match(remote.stderr, /192\.0\.2\.1 is not a loopback address/);
});
