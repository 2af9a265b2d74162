import assert from 'node:assert/strict';
import { randomUUID } from 'node:crypto';
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { after, describe, test } from 'node:test';
import { parseExposition, sampleOf, type Exposition } from '../../test/support/exposition.ts';
import { sampleDocuments } from '../../test/support/sample-catalogue.ts';
import { SoapClient } from '../../test/support/soap-client.ts';
import { TestComputer } from '../../test/support/test-computer.ts';
import { TestServer } from '../../test/support/test-server.ts';
import { ReportEventBatch, reportingService } from '../protocol/wusp/reporting.ts';
import type { DateTime, Guid } from '../soap/simple-type.ts';
import { PROCESS_METRICS } from './metrics/process-metrics.ts';
import { STORE_METRICS } from './metrics/store-metrics.ts';

const server = await TestServer.start({
  documents: sampleDocuments(),
  settings: { 'metrics.listen': '127.0.0.1:0' },
});
const computer = await TestComputer.registered(server);
const client = new SoapClient(() => server.url);
after(async () => {
  computer[Symbol.dispose]();
  client[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const PATH = '/ClientWebService/client.asmx';
const TYPE = ['Content-Type', 'text/xml; charset=utf-8'] as const;

async function scrape(): Promise<Exposition> {
  const response = await fetch(`${server.monitorUrl}/metrics`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  return parseExposition(await response.text());
}

describe('/metrics', () => {
  test('has every figure that is declared, with its type, and no other labels than declared', async () => {
    const { samples, types } = await scrape();
    for (const [name, { type, ...definition }] of Object.entries({ ...PROCESS_METRICS, ...STORE_METRICS })) {
      assert.equal(types.get(name), type, name);
      const labels = new Set<string>('labels' in definition ? definition.labels : []);
      if (type === 'histogram') labels.add('le');
      const own = samples.filter((one) => one.name.replace(/_(bucket|sum|count)$/, '') === name);
      for (const one of own)
        assert.deepEqual(
          Object.keys(one.labels).filter((label) => !labels.has(label)),
          [],
        );
    }
    assert.ok(types.has('process_cpu_seconds_total') && types.has('nodejs_eventloop_lag_p99_seconds'));
  });

  test('counts a scan with its calls, bytes and durations', async () => {
    const before = await scrape();
    await computer.scan();
    const now = await scrape();
    const grown = (name: string, labels?: Readonly<Record<string, string>>): number =>
      (sampleOf(now, name, labels) ?? 0) - (sampleOf(before, name, labels) ?? 0);
    const operation = { service: 'Client', operation: 'SyncUpdates' };
    assert.equal(grown('oakum_requests_total', { ...operation, outcome: 'ok' }), 4);
    assert.equal(grown('oakum_request_duration_seconds_count', operation), 4);
    assert.equal(grown('oakum_request_duration_seconds_bucket', { ...operation, le: '+Inf' }), 4);
    assert.equal(grown('oakum_scan_rounds_total', { kind: 'software' }), 4);
    assert.equal(grown('oakum_scans_total', { kind: 'software' }), 1);
    assert.ok(grown('oakum_request_bytes_total', operation) > 1000);
    const [coded, plain] = ['oakum_response_bytes_total', 'oakum_response_uncoded_bytes_total'].map((name) =>
      grown(name, operation),
    );
    assert.ok(coded > 100 && plain >= coded, `${coded} ${plain}`);
  });

  test('tells the size of an answer before compression', async () => {
    await server.pause();
    await server.resume({ 'metrics.listen': '127.0.0.1:0' });
    const envelope = '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>';
    const ns = 'http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService';
    const body = `${envelope}<GetConfig xmlns="${ns}"><protocolVersion>1.20</protocolVersion></GetConfig></s:Body></s:Envelope>`;
    const ask = (...fields: readonly (readonly [string, string])[]) =>
      client.send(PATH, { method: 'POST', body: Buffer.from(body), fields: [TYPE, ...fields] });
    const plain = await ask();
    const zipped = await ask(['Accept-Encoding', 'gzip']);
    const { wireBytes: zippedBytes } = zipped;
    const metrics = await scrape();
    const operation = { service: 'Client', operation: 'GetConfig' };
    const uncoded = sampleOf(metrics, 'oakum_response_uncoded_bytes_total', operation);
    const coded = sampleOf(metrics, 'oakum_response_bytes_total', operation);
    assert.equal(plain.status, 200);
    assert.ok(zippedBytes < plain.body.length);
    assert.equal(uncoded, 2 * plain.body.length);
    assert.equal(coded, plain.body.length + zippedBytes);
  });

  test('counts events when they are on disk, and how old they came', async () => {
    computer.cookie = await computer.getCookie();
    const before = sampleOf(await scrape(), 'oakum_event_commit_seconds_count');
    await computer.client.call(reportingService, ReportEventBatch, {
      cookie: computer.cookie,
      clientTime: new Date(server.clock.ms).toISOString() as DateTime,
      eventBatch: [
        {
          BasicData: {
            TargetID: { Sid: computer.clientId },
            SequenceNumber: 0,
            TimeAtTarget: new Date(server.clock.ms - 3000).toISOString() as DateTime,
            EventInstanceID: randomUUID() as Guid,
            NamespaceID: 1,
            EventID: 183,
            SourceID: 101,
            UpdateID: { UpdateID: randomUUID() as Guid, RevisionNumber: 1 },
            Win32HResult: 0,
            AppName: 'test',
          },
          ExtendedData: {
            ReplacementStrings: [],
            MiscData: [],
            ProcessorArchitecture: 'Amd64Compatible',
            OSVersion: {
              ...{ Major: 10, Minor: 0, Build: 26_200, Revision: 1 },
              ...{ ServicePackMajor: 0, ServicePackMinor: 0 },
            },
            OSLocaleID: 1033,
          },
          PrivateData: {},
        },
      ],
    });
    const now = await scrape();
    assert.equal(sampleOf(now, 'oakum_event_commit_seconds_count'), (before ?? 0) + 1);
    assert.equal(sampleOf(now, 'oakum_event_age_seconds_bucket', { le: '1' }), 0);
    assert.equal(sampleOf(now, 'oakum_event_age_seconds_bucket', { le: '10' }), 1);
  });

  test('tells of the catalogue, the store and the fleet', async () => {
    // What is read from the store is kept for ten seconds.
    server.clock.advance(11_000);
    const metrics = await scrape();
    assert.equal(sampleOf(metrics, 'oakum_computers'), 1);
    assert.ok(Number(sampleOf(metrics, 'oakum_catalogue_revisions')) > 5);
    const [database, log] = ['database', 'log'].map((part) =>
      sampleOf(metrics, 'oakum_store_bytes', { part }),
    );
    assert.ok(Number(database) + Number(log) > 100_000, `${database} ${log}`);
    assert.ok(Number(sampleOf(metrics, 'oakum_disk_free_bytes', { folder: 'data' })) > 0);
    assert.equal(sampleOf(metrics, 'oakum_imports_unfinished'), 0);
    assert.ok(Number(sampleOf(metrics, 'oakum_last_import_timestamp_seconds')) > 0);
    assert.equal(sampleOf(metrics, 'oakum_writer_failing'), 0);
    assert.equal(sampleOf(metrics, 'oakum_processes'), 1);
  });

  test('takes no name from a request: what nobody declared is counted as none', async () => {
    const names = ['evil"} 1', 'Nonsense', '__proto__', 'x'.repeat(100)];
    for (const name of names) {
      const body = Buffer.from(
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body>' +
          `<a:${name.replaceAll(/[^A-Za-z_]/g, '')} xmlns:a="urn:x"/></s:Body></s:Envelope>`,
      );
      const fields = [TYPE, ['SOAPAction', JSON.stringify(name)]] as const;
      await client.send(PATH, { method: 'POST', body, fields });
      await client.send(`/${encodeURIComponent(name)}`, { method: 'GET' });
      await client.send(`/Content/${encodeURIComponent(name)}`, { method: 'GET' });
    }
    await client.send(PATH, { method: 'PUT' });
    const metrics = await scrape();
    const service = { service: 'Client', operation: 'none' };
    assert.equal(sampleOf(metrics, 'oakum_requests_total', { ...service, outcome: 'InvalidParameters' }), 4);
    assert.equal(sampleOf(metrics, 'oakum_requests_total', { ...service, outcome: 'refused' }), 1);
    assert.equal(sampleOf(metrics, 'oakum_refusals_total', { code: 'OAK_HTTP_NOT_FOUND' }), 4);
    assert.equal(
      sampleOf(metrics, 'oakum_requests_total', { service: 'Content', operation: 'GET', outcome: 'refused' }),
      4,
    );
    const operations = new Set(metrics.samples.map((one) => one.labels.operation));
    assert.equal(
      [...operations].some((name) => name !== undefined && !/^[A-Za-z0-9]{3,40}$/.test(name)),
      false,
    );
  });
});

describe('on the port of clients', () => {
  test('the state of health is told without details, and nothing else', async () => {
    for (const [path, status, body] of [
      ['/healthz', 200, 'ok\n'],
      ['/readyz', 200, 'ok\n'],
    ] as const) {
      const reply = await client.send(path, { method: 'GET' });
      assert.deepEqual([reply.status, reply.body.toString()], [status, body]);
    }
    assert.equal((await client.send('/metrics', { method: 'GET' })).status, 404);
    assert.equal((await client.send('/readyz', { method: 'POST' })).status, 405);
  });
});

test('no answer to a client says what its request is called', async () => {
  server.log.splice(0);
  const reply = await client.send('/nowhere', { method: 'GET' });
  const line = server.log.find((one) => one.code === 'OAK_HTTP_NOT_FOUND');
  assert.match(String(line?.request), /^[\w-]{8,20}$/);
  assert.equal(JSON.stringify(reply).includes(String(line?.request)), false);
});

test('a fault is one line with its request, and a channel tells of it to whoever listens', async (t) => {
  const heard: { readonly name: string | symbol; readonly event: Record<string, unknown> }[] = [];
  const listener = (event: unknown, name: string | symbol): void =>
    void heard.push({ name, event: event as Record<string, unknown> });
  const names = ['oakum.fault', 'oakum.request', 'oakum.refusal'];
  for (const name of names) subscribe(name, listener);
  t.after(() => {
    for (const name of names) unsubscribe(name, listener);
  });
  server.log.splice(0);
  const body = Buffer.from(
    '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><x/></s:Body></s:Envelope>',
  );
  await client.send(PATH, { method: 'POST', body, fields: [TYPE] });
  await client.send('/nowhere', { method: 'GET' });
  const line = server.log.find((one) => one.code === 'OAK_SOAP_OPERATION_UNKNOWN');
  assert.deepEqual(
    heard.map((one) => one.name),
    ['oakum.fault', 'oakum.request', 'oakum.refusal'],
  );
  const [fault, request, refusal] = heard.map((one) => one.event);
  assert.deepEqual([fault.request, fault.fault], [line?.request, line?.fault]);
  assert.deepEqual([request.service, request.outcome], ['Client', 'InvalidParameters']);
  assert.deepEqual([refusal.code, refusal.status], ['OAK_HTTP_NOT_FOUND', 404]);
});
