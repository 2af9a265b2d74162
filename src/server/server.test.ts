import assert from 'node:assert/strict';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, test, type TestContext } from 'node:test';
import { pino } from 'pino';
import { TestComputer } from '../../test/support/test-computer.ts';
import { startServer, type RunningServer } from './server.ts';
import { resolveSettings } from './resolve-settings.ts';

function folder(t: TestContext): string {
  const path = mkdtempSync(join(tmpdir(), 'oakum-test-'));
  t.after(() => rmSync(path, { recursive: true }));
  return path;
}

function start(dataFolder: string, listen = '127.0.0.1:0'): Promise<RunningServer> {
  return startServer({
    dataFolder,
    settings: resolveSettings([{ key: 'listen', value: listen, source: 'flag' }]).settings,
    log: pino({ enabled: false }),
    now: Date.now,
  });
}

describe('a server does not start', () => {
  for (const [name, file, content, code] of [
    ['on a store that is no database', 'oakum.db', 'no database\n'.repeat(500), 'OAK_STORE_UNUSABLE'],
    ['on keys that are damaged', 'keys.json', '{"keys":[{"id":1}]}', 'OAK_KEYS_UNUSABLE'],
    ['on a content folder that is a file', 'content', '', 'OAK_CONTENT_STORE'],
  ] as const) {
    test(`${name}, and does once that is gone`, async (t) => {
      const dataFolder = folder(t);
      writeFileSync(join(dataFolder, file), content);
      await assert.rejects(start(dataFolder), { code });
      rmSync(join(dataFolder, file));
      const server = await start(dataFolder);
      await server.close();
    });
  }

  test('on an address that another server has, and leaves that one alone', async (t) => {
    const [one, other] = [folder(t), folder(t)];
    const server = await start(one);
    t.after(() => server.close());
    await assert.rejects(start(other, new URL(server.url).host), { code: 'OAK_LISTEN' });
    assert.equal((await fetch(`${server.url}/SelfUpdate/iuident.cab`)).status, 200);
    // What it had opened is closed: the store can be taken away.
    assert.equal(existsSync(join(other, 'oakum.db-wal')), false);
  });
});

test('servers on one data folder serve one fleet: what one began another goes on with', async (t) => {
  const dataFolder = folder(t);
  const servers = [await start(dataFolder), await start(dataFolder)];
  t.after(() => Promise.all(servers.map((server) => server.close())));
  const [{ url }, other] = servers;
  const inReach = { url, clock: { now: Date.now } };
  using computer = await TestComputer.registered(inReach);
  inReach.url = other.url;
  await computer.syncUpdates();
  await computer.getCookie();
  assert.equal((await computer.syncUpdates()).Truncated, false);
});

test('an IPv6 address is named in brackets', async (t) => {
  const server = await start(folder(t), '[::1]:0').catch(() => undefined);
  if (server === undefined) {
    t.skip('this computer has no IPv6');
    return;
  }
  t.after(() => server.close());
  assert.match(server.url, /^http:\/\/\[::1\]:\d+$/);
  assert.equal((await fetch(`${server.url}/iuident.cab`)).status, 200);
});
