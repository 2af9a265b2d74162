import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { clientService, GetFileLocations, RefreshCache } from '../../src/protocol/wusp/client.ts';
import { deleteComputer } from '../../src/store/computers.ts';
import { faultOf } from '../support/soap-client.ts';
import { REVISION_NUMBER, SAMPLE, sampleDocuments } from '../support/sample-catalogue.ts';
import { changeIdentity } from '../support/store-changes.ts';
import { TestComputer, type WireCookie } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';
import { RawConnection } from '../support/raw-http.ts';
import { until } from '../support/until.ts';

/** Every ErrorCode of [MS-WUSP] 2.2.2.4 that a client can meet, and what it does then. */

const HOUR_MS = 3_600_000;
const SOFTWARE = Object.values(SAMPLE).filter((id) => id !== SAMPLE.driver && id !== SAMPLE.printerDriver);

const server = await TestServer.start({ documents: sampleDocuments() });
after(() => server[Symbol.asyncDispose]());

let computer: TestComputer;
beforeEach(async () => {
  computer?.[Symbol.dispose]();
  computer = await TestComputer.registered(server);
  await computer.scan();
});
after(() => computer[Symbol.dispose]());

async function restart(settings: Readonly<Record<string, unknown>> = {}): Promise<void> {
  await server.pause();
  await server.resume(settings);
}

/** InvalidCookie and ServerChanged: from the start, without the old cookie, and with new ids for the cache. */
async function startAgain(): Promise<void> {
  computer.cookie = undefined;
  await computer.handshake();
  const globalIDs = SOFTWARE.map((UpdateID) => ({ UpdateID, RevisionNumber: REVISION_NUMBER }));
  const { RefreshCacheResult } = await computer.client.call(clientService, RefreshCache, {
    cookie: computer.cookie,
    globalIDs,
  });
  const known = RefreshCacheResult ?? [];
  computer.installed = known.filter((one) => one.IsLeaf === false).map((one) => one.RevisionID ?? 0);
  computer.cached = known.filter((one) => one.IsLeaf !== false).map((one) => one.RevisionID ?? 0);
}

test('InvalidCookie: handshake and RefreshCache, and the scan goes on', async () => {
  const { cookie } = computer;
  assert.ok(cookie?.EncryptedData);
  cookie.EncryptedData[40] ^= 1;
  assert.equal(await faultOf(computer.syncUpdates()), 'InvalidCookie');
  await startAgain();
  const { NewUpdates = [] } = await computer.syncUpdates();
  // What is only there for a bundle is left out of RefreshCache, so it is sent again.
  assert.equal(NewUpdates?.length, 1);
});

test('ServerChanged: handshake and RefreshCache, and the scan goes on', async () => {
  await changeIdentity(server.store);
  await until('the server notices its new identity', async () => {
    return (await faultOf(computer.syncUpdates())) === 'ServerChanged';
  });
  await startAgain();
  assert.equal((await computer.syncUpdates()).OutOfScopeRevisionIDs, undefined);
});

describe('ConfigChanged', () => {
  test('handshake, and the scan goes on where it was', async () => {
    await server.pause();
    server.clock.advance(1000);
    await server.resume({ 'sync.maxExtendedUpdates': 40 });
    assert.equal(await faultOf(computer.syncUpdates()), 'ConfigChanged');
    assert.equal(await faultOf(computer.syncPrinterCatalog()), 'ConfigChanged');
    assert.equal(await faultOf(computer.getCookie()), 'ConfigChanged');
    await computer.handshake();
    const { NewUpdates, ChangedUpdates, OutOfScopeRevisionIDs } = await computer.syncUpdates();
    assert.deepEqual([NewUpdates, ChangedUpdates, OutOfScopeRevisionIDs], [undefined, undefined, undefined]);
  });

  test('a restart that changes nothing a client is told is not noticed by clients', async () => {
    await server.pause();
    server.clock.advance(1000);
    await server.resume({ 'sync.maxExtendedUpdates': 40, 'sync.pageUpdates': 30, 'log.level': 'warn' });
    assert.equal(await faultOf(computer.syncUpdates()), 'none');
  });
});

test('CookieExpired: a new authorization cookie and a new cookie, and the scan goes on', async () => {
  server.clock.advance(HOUR_MS - 1);
  assert.equal(await faultOf(computer.syncUpdates()), 'none');
  server.clock.advance(1);
  assert.equal(await faultOf(computer.syncUpdates()), 'CookieExpired');
  await computer.authorize();
  await computer.getCookie();
  assert.equal((await computer.syncUpdates()).ChangedUpdates, undefined);
});

test('the Expiration in clear counts for nothing', async () => {
  const { cookie } = computer;
  assert.ok(cookie);
  computer.cookie = { ...cookie, Expiration: '2001-01-01T00:00:00Z' as never };
  assert.equal(await faultOf(computer.syncUpdates()), 'none');
  server.clock.advance(HOUR_MS);
  computer.cookie = { ...cookie, Expiration: '2999-01-01T00:00:00Z' as never };
  assert.equal(await faultOf(computer.syncUpdates()), 'CookieExpired');
});

test('a cookie keeps its Expiration however often it is renewed on the way', async () => {
  const expiration = computer.cookie?.Expiration;
  server.clock.advance(60_000);
  await computer.syncUpdates();
  assert.equal(computer.cookie?.Expiration, expiration);
});

describe('RegistrationRequired', () => {
  test('a computer that never registered registers, and the scan begins', async () => {
    using newcomer = new TestComputer(server);
    await newcomer.handshake();
    assert.equal(await faultOf(newcomer.syncUpdates()), 'RegistrationRequired');
    assert.equal(await faultOf(newcomer.syncPrinterCatalog()), 'RegistrationRequired');
    // A storm of new computers must not look like a storm of trouble.
    const logged = server.log.filter((line) => line.errorCode === 'RegistrationRequired');
    assert.deepEqual([...new Set(logged.map((line) => line.level))], [30]);
    await newcomer.register();
    assert.equal((await newcomer.syncUpdates()).NewUpdates?.length, 3);
  });

  test('a computer that was deleted registers again with the cookie it has', async () => {
    await server.store.db.transaction().execute((tx) => deleteComputer(tx, computer.clientId));
    await until('the server notices', async () => {
      return (await faultOf(computer.syncUpdates())) === 'RegistrationRequired';
    });
    await computer.register();
    assert.equal(await faultOf(computer.syncUpdates()), 'none');
  });
});

test('InvalidAuthorizationCookie: a new one, and the handshake goes on', async () => {
  server.clock.advance(25 * HOUR_MS);
  assert.equal(await faultOf(computer.getCookie()), 'InvalidAuthorizationCookie');
  await computer.authorize();
  await computer.getCookie();
  assert.equal(await faultOf(computer.syncUpdates()), 'none');
});

test('InvalidParameters: the next call that is right is answered', async () => {
  const SystemSpec = [{ HardwareIDs: ['PCI\\VEN_1'] }];
  assert.equal(
    await faultOf(computer.syncUpdates({ SystemSpec })),
    'InvalidParameters at parameters.SystemSpec',
  );
  assert.equal(await faultOf(computer.syncUpdates()), 'none');
});

test('FileLocationChanged: the new locations, and the scan goes on where it was', async () => {
  server.clock.advance(1000);
  await restart({ 'content.baseUrl': 'http://cdn.example.com/content' });
  // The share for repairs is told by GetConfig and has the same host. A new cookie alone changes no locations.
  assert.equal(await faultOf(computer.syncUpdates()), 'ConfigChanged');
  await computer.handshake();
  assert.equal(await faultOf(computer.syncUpdates()), 'FileLocationChanged');
  const { GetFileLocationsResult: answer } = await computer.client.call(clientService, GetFileLocations, {
    cookie: computer.cookie,
    fileDigests: [],
  });
  computer.cookie = answer?.NewCookie as WireCookie;
  const { NewUpdates, OutOfScopeRevisionIDs } = await computer.syncUpdates();
  assert.deepEqual([NewUpdates, OutOfScopeRevisionIDs], [undefined, undefined]);
  await restart();
});

test('ServerBusy: while too many calls are under way one more is refused, later it is answered', async (t) => {
  await restart({ 'soap.maxCalls': 1 });
  const slow = await RawConnection.open(t, server.port);
  const { path } = clientService;
  slow.send(`POST ${path} HTTP/1.1\nHost: oakum\nExpect: 100-continue\nContent-Length: 9`);
  assert.equal((await slow.receive()).status, 100);
  assert.equal(await faultOf(computer.syncUpdates()), 'ServerBusy');
  slow.socket.destroy();
  await until('the slow call is gone', async () => (await faultOf(computer.syncUpdates())) === 'none');
  await restart();
});

test('RegistrationNotRequired: the scan goes on without registration', async () => {
  await server.pause();
  server.clock.advance(1000);
  await server.resume({ 'clients.registrationRequired': false });
  using newcomer = new TestComputer(server);
  assert.equal((await newcomer.getConfig()).IsRegistrationRequired, false);
  await newcomer.handshake();
  assert.equal(await faultOf(newcomer.register()), 'RegistrationNotRequired');
  assert.equal((await newcomer.syncUpdates()).NewUpdates?.length, 3);
});
