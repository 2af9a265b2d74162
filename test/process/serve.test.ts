import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { until } from '../support/until.ts';
import { SoapClient } from '../support/soap-client.ts';
import { OakumProcess, temporaryFolder } from '../support/oakum-process.ts';

/** "oakum serve" as a process. */

const FREE_PORT = ['--listen', '127.0.0.1:0'];

/** What a process says to people: its log is JSON and stands on the same stream. */
const sentences = (stderr: string): string[] =>
  stderr.split('\n').filter((line) => line !== '' && !line.startsWith('{'));

describe('what keeps the server from starting is said in one sentence', { concurrency: true }, () => {
  interface Failure {
    /** Where the sentence begins and ends, and what it must name. */
    readonly sentence: RegExp;
    /** Spoils something; returns what stands behind `serve`. */
    readonly prepare: (t: TestContext) => readonly string[] | Promise<readonly string[]>;
  }
  const failures: Readonly<Record<string, Failure>> = {
    'a setting nobody knows': {
      sentence: /^oakum: .*"sync\.pageUpdate".*"sync\.pageUpdates".*\(OAK_SETTING_UNKNOWN\)$/,
      prepare: (t) => ['--data', temporaryFolder(t), '--set', 'sync.pageUpdate=5'],
    },
    'a settings file that is no TOML': {
      sentence: /^oakum: .*oakum\.toml.*\(OAK_SETTINGS_FILE\)$/,
      prepare: (t) => {
        const folder = temporaryFolder(t);
        writeFileSync(join(folder, 'oakum.toml'), '[soap\n');
        return ['--data', folder];
      },
    },
    'a data folder that is a file': {
      sentence: /^oakum: .*EEXIST.*\(OAK_STORE_UNUSABLE\)$/,
      prepare: (t) => {
        const file = join(temporaryFolder(t), 'data');
        writeFileSync(file, '');
        return ['--data', file];
      },
    },
    'a port that is in use': {
      sentence: /^oakum: .*127\.0\.0\.1:\d+.*EADDRINUSE.*\(OAK_LISTEN\)$/,
      prepare: async (t) => {
        const taken = createServer().listen(0, '127.0.0.1');
        t.after(() => taken.close());
        await once(taken, 'listening');
        const { port } = taken.address() as AddressInfo;
        return ['--data', temporaryFolder(t), '--listen', `127.0.0.1:${port}`];
      },
    },
  };
  for (const [name, { sentence, prepare }] of Object.entries(failures)) {
    test(name, async (t) => {
      const { code, stdout, stderr } = await new OakumProcess(t, ['serve', ...(await prepare(t))]).exited();
      assert.deepEqual([code, stdout], [1, '']);
      const [said, ...others] = sentences(stderr);
      assert.deepEqual(others, []);
      assert.match(said, sentence);
    });
  }

  test('an option nobody knows', async (t) => {
    const exited = await new OakumProcess(t, [
      'serve',
      '--data',
      temporaryFolder(t),
      '--lisen',
      'x',
    ]).exited();
    assert.deepEqual([exited.code, exited.stdout], [1, '']);
    assert.match(exited.stderr, /--lisen/);
  });
});

describe('a server that runs', { concurrency: true }, () => {
  for (const signal of ['SIGTERM', 'SIGINT'] as const) {
    test(`ends with 0 on ${signal}, whatever connections are open`, async (t) => {
      const server = new OakumProcess(t, ['serve', '--data', temporaryFolder(t), ...FREE_PORT]);
      const url = await server.ready();
      using client = new SoapClient(() => url);
      const reply = await client.send('/SelfUpdate/iuident.cab', { method: 'GET' });
      assert.equal(reply.status, 200);
      server.signal(signal);
      const { code, stdout, stderr } = await server.exited();
      assert.equal(code, 0);
      assert.match(stdout, new RegExp(`^ready ${url}$`, 'm'));
      assert.deepEqual(sentences(stderr), []);
    });
  }

  test('may be several processes on one port; one that dies is replaced, and all end together', async (t) => {
    const folder = temporaryFolder(t);
    const server = new OakumProcess(t, ['serve', '--data', folder, '--set', 'workers=3', ...FREE_PORT]);
    const url = await server.ready();
    const pids = (): number[] =>
      [...server.log.matchAll(/"pid":(\d+),.*"catalogue loaded"/g)].map((match) => Number(match[1]));
    assert.equal(new Set(pids()).size, 3);
    process.kill(pids()[1], 'SIGKILL');
    await until('a worker took the place of the one that died', () => new Set(pids()).size === 4);
    for (let connection = 0; connection < 6; connection++) {
      using client = new SoapClient(() => url);
      const reply = await client.send('/SelfUpdate/iuident.cab', { method: 'GET' });
      assert.equal(reply.status, 200);
    }
    server.signal('SIGTERM');
    const { code, stderr } = await server.exited();
    assert.equal(code, 0);
    assert.match(stderr, /a worker ended and is replaced/);
  });

  test('of several processes says once what keeps it from starting', async (t) => {
    const args = ['serve', '--data', temporaryFolder(t), '--set', 'workers=3', '--listen', 'nonsense'];
    const { code, stderr } = await new OakumProcess(t, args).exited();
    assert.equal(code, 1);
    assert.match(sentences(stderr).join('\n'), /^oakum: .*\(OAK_LISTEN\)$/);
  });

  test('with --json puts nothing but JSON on standard output', async (t) => {
    const server = new OakumProcess(t, ['serve', '--json', '--data', temporaryFolder(t), ...FREE_PORT]);
    const url = await server.ready();
    server.signal('SIGTERM');
    const { code, stdout } = await server.exited();
    assert.equal(code, 0);
    assert.deepEqual(JSON.parse(stdout), { ready: url });
  });

  test('takes its settings from file, environment and command line, the later over the earlier', async (t) => {
    const folder = temporaryFolder(t);
    writeFileSync(
      join(folder, 'oakum.toml'),
      'listen = "127.0.0.1:1"\n[sync]\nmaxExtendedUpdates = 11\npageUpdates = 12\n[clients]\nregistrationRequired = false\n',
    );
    const server = new OakumProcess(
      t,
      ['serve', '--data', folder, '--set', 'sync.maxExtendedUpdates=33', ...FREE_PORT],
      {
        OAKUM_SYNC_MAX_EXTENDED_UPDATES: '22',
      },
    );
    const url = await server.ready();
    using client = new SoapClient(() => url);
    const reply = await client.send('/ClientWebService/client.asmx', {
      fields: [['Content-Type', 'text/xml']],
      body: Buffer.from(
        '<s:Envelope xmlns:s="http://schemas.xmlsoap.org/soap/envelope/"><s:Body><GetConfig xmlns="' +
          'http://www.microsoft.com/SoftwareDistribution/Server/ClientWebService"><protocolVersion>1.8' +
          '</protocolVersion></GetConfig></s:Body></s:Envelope>',
      ),
    });
    const answer = reply.body.toString();
    assert.match(answer, /<Name>MaxExtendedUpdatesPerRequest<\/Name><Value>33<\/Value>/);
    assert.match(answer, /<IsRegistrationRequired>false</);
  });
});
