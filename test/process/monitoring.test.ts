import assert from 'node:assert/strict';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { describe, test } from 'node:test';
import { parseExposition, sampleOf } from '../support/exposition.ts';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';
import { SoapClient } from '../support/soap-client.ts';
import { until } from '../support/until.ts';

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

const settings = (...pairs: readonly string[]): string[] => pairs.flatMap((pair) => ['--set', pair]);

describe('a server that is monitored', { concurrency: true }, () => {
  test('of several processes counts for all of them, and is ready when all are', async (t) => {
    const monitor = `127.0.0.1:${await freePort()}`;
    const server = new OakumProcess(t, [
      ...['serve', '--data', temporaryFolder(t), '--listen', '127.0.0.1:0'],
      ...settings('workers=2', `metrics.listen=${monitor}`, 'admin.listen='),
    ]);
    const url = await server.ready();
    for (let connection = 0; connection < 6; connection++) {
      using client = new SoapClient(() => url);
      await client.send('/nowhere', { method: 'GET' });
    }
    const metrics = parseExposition(await (await fetch(`http://${monitor}/metrics`)).text());
    assert.equal(sampleOf(metrics, 'oakum_processes'), 2);
    assert.equal(sampleOf(metrics, 'oakum_refusals_total', { code: 'OAK_HTTP_NOT_FOUND' }), 6);
    // What is one for all is not added up.
    assert.equal(sampleOf(metrics, 'oakum_build_info'), 1);
    assert.equal(sampleOf(metrics, 'oakum_computers'), 0);
    const ready = await fetch(`http://${monitor}/readyz`);
    assert.deepEqual([ready.status, await ready.json()], [200, { ready: true, missing: [] }]);
    const [pid] = [...server.log.matchAll(/"pid":(\d+),.*"catalogue loaded"/g)].map(([, one]) => Number(one));
    process.kill(pid, 'SIGKILL');
    await until('the process that died is missed', async () => {
      const { status } = await fetch(`http://${monitor}/readyz`);
      return status === 503 || /a worker ended and is replaced/.test(server.log);
    });
    await until('another took its place', async () => {
      const text = await (await fetch(`http://${monitor}/metrics`)).text();
      return sampleOf(parseExposition(text), 'oakum_processes') === 2;
    });
    assert.equal((await fetch(`http://${monitor}/healthz`)).status, 200);
    server.signal('SIGTERM');
    assert.equal((await server.exited()).code, 0);
  });

  test('does not start when its port is taken', async (t) => {
    const taken = createServer().listen(0, '127.0.0.1');
    t.after(() => taken.close());
    await once(taken, 'listening');
    const { port } = taken.address() as AddressInfo;
    for (const workers of [1, 2]) {
      const exited = await new OakumProcess(t, [
        ...['serve', '--data', temporaryFolder(t), '--listen', '127.0.0.1:0'],
        ...settings(`workers=${workers}`, `metrics.listen=127.0.0.1:${port}`, 'admin.listen='),
      ]).exited();
      assert.equal(exited.code, 1, exited.stderr);
      assert.match(exited.stderr, /OAK_LISTEN/);
    }
  });
});

describe('oakum doctor', { concurrency: true }, () => {
  interface Report {
    readonly healthy: boolean;
    readonly findings: readonly { readonly check: string; readonly severity: string }[];
  }

  test('finds a server that runs on its ports, and ends with 0', async (t) => {
    const folder = temporaryFolder(t);
    const environment = {
      OAKUM_LISTEN: `127.0.0.1:${await freePort()}`,
      OAKUM_METRICS_LISTEN: `127.0.0.1:${await freePort()}`,
      OAKUM_ADMIN_LISTEN: '',
      OAKUM_DISK_MIN_FREE_BYTES: '0',
    };
    const server = new OakumProcess(t, ['serve', '--data', folder], environment);
    await server.ready();
    const { code, stdout, stderr } = await new OakumProcess(
      t,
      ['doctor', '--data', folder, '--json'],
      environment,
    ).exited();
    assert.equal(code, 0, stdout + stderr);
    const report = JSON.parse(stdout) as Report;
    assert.equal(report.healthy, true);
    assert.ok(report.findings.some((one) => one.check === 'ports' && one.severity === 'ok'));
    assert.ok(report.findings.some((one) => one.check === 'store' && one.severity === 'ok'));
  });

  test('ends with 1 without a store, and makes none', async (t) => {
    const folder = temporaryFolder(t);
    const { code, stdout } = await new OakumProcess(t, ['doctor', '--data', folder]).exited();
    assert.equal(code, 1);
    assert.match(stdout, /^ERROR +store /m);
    assert.match(stdout, /To do: /);
    assert.deepEqual(readdirSync(folder), []);
  });
});
