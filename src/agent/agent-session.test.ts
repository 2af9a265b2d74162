import assert from 'node:assert/strict';
import { describe, test, type TestContext } from 'node:test';
import {
  CONFIG,
  COOKIE,
  faultsFirst,
  SCRIPT_NOW_MS,
  ScriptedServer,
  updateInfo,
  type Script,
} from '../../test/support/scripted-server.ts';
import { dateTimeFromMs } from '../soap/simple-type.ts';
import { Agent, type AgentOptions } from './agent.ts';
import { AgentFailure } from './agent-failure.ts';
import { formatHresult } from './hresult.ts';
import { profile } from './machine/profiles/profile.ts';

const HANDSHAKE = ['GetConfig', 'GetAuthorizationCookie', 'GetCookie', 'RegisterComputer'];
const QUIET_SYNC = { SyncUpdatesResult: { Truncated: false, NewCookie: COOKIE } };

function agentOf(t: TestContext, server: ScriptedServer, options: Partial<AgentOptions> = {}): Agent {
  const agent = new Agent({
    server: server.url,
    profile: profile('windows-11-25h2'),
    clientId: '0b0a0000-0000-4000-8000-000000000001',
    dnsName: 'simulated.example.com',
    now: () => SCRIPT_NOW_MS,
    timeoutMs: 10_000,
    ...options,
  });
  t.after(() => agent[Symbol.dispose]());
  return agent;
}

/** The codes a scan ends with; a scan that ends well has none. */
async function codeOf(scan: Promise<unknown>): Promise<string> {
  try {
    await scan;
    return 'no error';
  } catch (error) {
    assert.ok(error instanceof AgentFailure, String(error));
    return formatHresult(error.hresult);
  }
}

/** An agent that has scanned once and holds update 7; what the server said and heard so far is forgotten. */
async function warmAgent(t: TestContext): Promise<{ server: ScriptedServer; agent: Agent }> {
  const server = await ScriptedServer.start(t, {
    SyncUpdates: ({ earlier }) =>
      earlier === 0
        ? { SyncUpdatesResult: { NewUpdates: [updateInfo(7)], Truncated: false, NewCookie: COOKIE } }
        : QUIET_SYNC,
  });
  const agent = agentOf(t, server);
  await agent.scan();
  assert.deepEqual([...agent.state.updates.keys()], [7]);
  server.calls.length = 0;
  server.requests.length = 0;
  return { server, agent };
}

describe('first contact', () => {
  test('handshake in the order of agents, then software loop and driver pass', async (t) => {
    const server = await ScriptedServer.start(t);
    const agent = agentOf(t, server);
    const report = await agent.scan();
    assert.deepEqual(server.calls, [...HANDSHAKE, 'SyncUpdates', 'SyncUpdates']);
    assert.equal(report.syncUpdatesCalls, 2);
    const [, , getCookie] = server.requests;
    // Only the Expiration, equal to the current time (observed).
    const { oldCookie, currentTime } = getCookie.request as {
      oldCookie: { Expiration: string; EncryptedData?: unknown };
      currentTime: string;
    };
    assert.equal(oldCookie.Expiration, currentTime);
    assert.equal(oldCookie.EncryptedData, undefined);
  });

  test('a live cookie needs no handshake, an expired one is renewed', async (t) => {
    const { server, agent } = await warmAgent(t);
    await agent.scan();
    assert.deepEqual(server.calls, ['SyncUpdates', 'SyncUpdates']);
    server.calls.length = 0;
    agent.state.cookie = { expiration: dateTimeFromMs(SCRIPT_NOW_MS), data: Buffer.from('old') };
    await agent.scan();
    assert.deepEqual(server.calls.slice(0, 2), ['GetAuthorizationCookie', 'GetCookie']);
  });

  for (const [what, config, code] of [
    ['without authorization plug-in', { ...CONFIG, AuthInfo: [] }, '0x80244027'],
    ['without properties', { ...CONFIG, Properties: [] }, '0x8024402A'],
    [
      'with a property that is no number',
      {
        ...CONFIG,
        Properties: CONFIG.Properties.map((one) =>
          one.Name === 'MaxExtendedUpdatesPerRequest' ? { ...one, Value: 'many' } : one,
        ),
      },
      '0x80244029',
    ],
  ] as const) {
    test(`a configuration ${what} ends the scan with ${code}`, async (t) => {
      const server = await ScriptedServer.start(t, { GetConfig: () => ({ GetConfigResult: config }) });
      assert.equal(await codeOf(agentOf(t, server).scan()), code);
    });
  }

  test('a server that grants no authorization cookie ends the scan with 0x80244028', async (t) => {
    const server = await ScriptedServer.start(t, { GetAuthorizationCookie: () => ({}) });
    assert.equal(await codeOf(agentOf(t, server).scan()), '0x80244028');
  });
});

describe('recovery from faults', () => {
  for (const errorCode of ['InvalidCookie', 'ServerChanged']) {
    test(`${errorCode}: handshake without the old cookie, and the cache gets this server's ids`, async (t) => {
      const { server, agent } = await warmAgent(t);
      server.script = {
        SyncUpdates: faultsFirst(errorCode, 1, () => QUIET_SYNC),
        RefreshCache: ({ request }) => ({
          RefreshCacheResult: (request.globalIDs as Record<string, unknown>[]).map((GlobalID) => ({
            RevisionID: 70,
            GlobalID,
            IsLeaf: true,
          })),
        }),
      };
      await agent.scan();
      assert.deepEqual(server.calls, [
        ...['SyncUpdates', 'GetConfig', 'GetAuthorizationCookie', 'GetCookie', 'RefreshCache'],
        ...['SyncUpdates', 'SyncUpdates'],
      ]);
      assert.deepEqual([...agent.state.updates.keys()], [70]);
      const again = server.requests[5].request.parameters as Record<string, unknown>;
      assert.deepEqual([...(again.OtherCachedUpdateIDs as Iterable<number>)], [70]);
      assert.deepEqual(agent.queuedEvents.at(-1)?.eventId, 156);
    });

    test(`${errorCode}: what the server does not know again is dropped from the cache`, async (t) => {
      const { server, agent } = await warmAgent(t);
      server.script = { SyncUpdates: faultsFirst(errorCode, 1, () => QUIET_SYNC) };
      await agent.scan();
      assert.equal(agent.state.updates.size, 0);
    });

    test(`${errorCode}: a recovery cut short is begun again by the next scan`, async (t) => {
      const { server, agent } = await warmAgent(t);
      const script: Script = { SyncUpdates: faultsFirst(errorCode, 1, () => QUIET_SYNC) };
      server.script = {
        ...script,
        RefreshCache: ({ response }) => void response.writeHead(503).end(),
      };
      assert.equal(await codeOf(agent.scan()), '0x80244022');
      assert.deepEqual([...agent.state.updates.keys()], [7]);
      // Still the cookie of before, so that the server says so again before it is told any ids.
      assert.equal(agent.state.cookie?.data.toString(), 'cookie');
      server.calls.length = 0;
      server.script = script;
      await agent.scan();
      assert.ok(server.calls.includes('RefreshCache'));
    });
  }

  for (const [errorCode, calls] of [
    ['ConfigChanged', ['GetConfig', 'GetAuthorizationCookie', 'GetCookie']],
    ['CookieExpired', ['GetAuthorizationCookie', 'GetCookie']],
    ['InvalidAuthorizationCookie', ['GetAuthorizationCookie', 'GetCookie']],
    ['RegistrationRequired', ['RegisterComputer']],
    ['FileLocationChanged', ['GetFileLocations']],
  ] as const) {
    test(`${errorCode}: ${calls.join(', ')}, and the scan goes on`, async (t) => {
      const { server, agent } = await warmAgent(t);
      server.script = { SyncUpdates: faultsFirst(errorCode, 1, () => QUIET_SYNC) };
      await agent.scan();
      assert.deepEqual(server.calls, ['SyncUpdates', ...calls, 'SyncUpdates', 'SyncUpdates']);
      assert.deepEqual([...agent.state.updates.keys()], [7]);
    });
  }

  test('InvalidAuthorizationCookie at GetCookie: another authorization', async (t) => {
    const server = await ScriptedServer.start(t, {
      GetCookie: faultsFirst('InvalidAuthorizationCookie', 1, () => ({ GetCookieResult: COOKIE })),
    });
    await agentOf(t, server).scan();
    assert.deepEqual(server.calls.slice(0, 5), [
      ...['GetConfig', 'GetAuthorizationCookie', 'GetCookie'],
      ...['GetAuthorizationCookie', 'GetCookie'],
    ]);
  });

  test('FileLocationChanged: known files are asked for again in batches of 100', async (t) => {
    const { server, agent } = await warmAgent(t);
    const digest = (index: number): string => Buffer.alloc(20, index).toString('base64');
    for (let index = 0; index < 150; index++) agent.state.fileLocations.set(digest(index), 'http://old/');
    server.script = {
      SyncUpdates: faultsFirst('FileLocationChanged', 1, () => QUIET_SYNC),
      GetFileLocations: ({ request }) => ({
        GetFileLocationsResult: {
          FileLocations: (request.fileDigests as Buffer[]).map((FileDigest) => ({
            FileDigest,
            Url: 'http://new/',
          })),
          NewCookie: COOKIE,
        },
      }),
    };
    await agent.scan();
    assert.equal(server.calls.filter((call) => call === 'GetFileLocations').length, 2);
    assert.equal(agent.state.fileLocations.size, 150);
    assert.deepEqual([...new Set(agent.state.fileLocations.values())], ['http://new/']);
  });

  test('a fault in the middle of a recovery is recovered from, and the first recovery is not forgotten', async (t) => {
    const { server, agent } = await warmAgent(t);
    server.script = {
      SyncUpdates: ({ request }) => {
        const { EncryptedData } = request.cookie as { EncryptedData: Buffer };
        return EncryptedData.toString() === 'new' ? QUIET_SYNC : 'InvalidCookie';
      },
      GetCookie: faultsFirst('ConfigChanged', 1, () => ({
        GetCookieResult: { ...COOKIE, EncryptedData: Buffer.from('new') },
      })),
    };
    await agent.scan();
    // RefreshCache was asked after all, and knew of nothing.
    assert.equal(agent.state.updates.size, 0);
  });

  for (const errorCode of [
    'InvalidCookie',
    'ServerChanged',
    'ConfigChanged',
    'CookieExpired',
    'InvalidAuthorizationCookie',
    'RegistrationRequired',
    'FileLocationChanged',
  ]) {
    test(`${errorCode} without end ends the scan with 0x80240039`, async (t) => {
      const { server, agent } = await warmAgent(t);
      server.script = { SyncUpdates: () => errorCode };
      assert.equal(await codeOf(agent.scan()), '0x80240039');
      assert.ok(server.calls.length <= 30, String(server.calls.length));
    });
  }

  for (const [errorCode, code] of [
    ['ServerBusy', '0x8024402D'],
    ['InternalServerError', '0x80244007'],
    ['InvalidParameters', '0x80244007'],
    ['RegistrationNotRequired', '0x80244026'],
    ['SomethingNew', '0x80244007'],
    ['', '0x80244007'],
  ] as const) {
    test(`the fault ${errorCode || 'without an ErrorCode'} ends the scan with ${code} at once`, async (t) => {
      const { server, agent } = await warmAgent(t);
      server.script = { SyncUpdates: () => errorCode };
      assert.equal(await codeOf(agent.scan()), code);
      assert.deepEqual(server.calls, ['SyncUpdates']);
    });
  }

  test('ServerBusy in the middle of a recovery ends the scan as such', async (t) => {
    const { server, agent } = await warmAgent(t);
    server.script = { SyncUpdates: () => 'CookieExpired', GetCookie: () => 'ServerBusy' };
    assert.equal(await codeOf(agent.scan()), '0x8024402D');
  });

  test('events that the server does not take stay queued, and go with the next report', async (t) => {
    const { server, agent } = await warmAgent(t);
    const queued = agent.queuedEvents.length;
    server.script = { ReportEventBatch: () => ({ ReportEventBatchResult: false }) };
    assert.equal(await codeOf(agent.report()), '0x80244006');
    assert.equal(agent.queuedEvents.length, queued);
    server.script = {
      ReportEventBatch: faultsFirst('CookieExpired', 1, () => ({ ReportEventBatchResult: true })),
    };
    assert.equal(await agent.report(), queued);
    assert.equal(agent.queuedEvents.length, 0);
    assert.equal(await agent.report(), 0);
  });

  test('many events go in batches, and those that the server took do not go again', async (t) => {
    const { server } = await warmAgent(t);
    const queuedEvents = Array.from({ length: 250 }, (_, timeMs) => ({ eventId: 148, timeMs }));
    const agent = agentOf(t, server, { queuedEvents });
    server.script = { ReportEventBatch: ({ earlier }) => ({ ReportEventBatchResult: earlier !== 1 }) };
    assert.equal(await codeOf(agent.report()), '0x80244006');
    assert.equal(agent.queuedEvents.length, 150);
    assert.equal(agent.queuedEvents[0].timeMs, 100);
    assert.equal(await agent.report(), 150);
  });
});
