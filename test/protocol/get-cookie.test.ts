import assert from 'node:assert/strict';
import { after, beforeEach, describe, test } from 'node:test';
import { clientService, GetCookie } from '../../src/protocol/wusp/client.ts';
import { FRAMING } from '../../src/soap/service.ts';
import { dateTimeFromMs, dateTimeToMs, type DateTime } from '../../src/soap/simple-type.ts';
import { sampleDocuments, SAMPLE } from '../support/sample-catalogue.ts';
import { approve, changeIdentity } from '../support/store-changes.ts';
import { faultOf, SoapFault } from '../support/soap-client.ts';
import { TestComputer, type WireAuthorizationCookie, type WireCookie } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { encodeWireMessage } from '../support/wire-message.ts';

/** The conditions of [MS-WUSP] 3.1.5.4, row by row. */

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;

const server = await TestServer.start({ documents: sampleDocuments() });
const otherServer = await TestServer.start();
after(async () => {
  await server[Symbol.asyncDispose]();
  await otherServer[Symbol.asyncDispose]();
});

let computer: TestComputer;
beforeEach(async () => {
  computer?.[Symbol.dispose]();
  computer = new TestComputer(server);
  await computer.getConfig();
  await computer.authorize();
});
after(() => computer[Symbol.dispose]());

const flipped = (bytes: Buffer): Buffer => {
  const copy = Buffer.from(bytes);
  copy[copy.length >> 1] ^= 1;
  return copy;
};
const truncated = (bytes: Buffer): Buffer => bytes.subarray(0, -1);
const dataOf = (cookie: { CookieData?: Buffer | null; EncryptedData?: Buffer | null }): Buffer => {
  const data = cookie.CookieData ?? cookie.EncryptedData;
  assert.ok(data);
  return data;
};

describe('authCookies', () => {
  const authorizationCookieOf = async (other: TestServer): Promise<WireAuthorizationCookie> => {
    using stranger = new TestComputer(other);
    return await stranger.authorize({ clientId: computer.clientId });
  };
  type Make = (
    own: WireAuthorizationCookie,
  ) => readonly WireAuthorizationCookie[] | Promise<readonly WireAuthorizationCookie[]>;
  const refused: readonly (readonly [name: string, make: Make])[] = [
    ['none', () => []],
    ['two', (own) => [own, own]],
    ['one of another plug-in', (own) => [{ ...own, PlugInId: 'DssTargeting' }]],
    ['one without a plug-in', (own) => [{ CookieData: own.CookieData }]],
    ['one without data', (own) => [{ PlugInId: own.PlugInId }]],
    ['one with empty data', (own) => [{ ...own, CookieData: Buffer.alloc(0) }]],
    ['one that was tampered with', (own) => [{ ...own, CookieData: flipped(dataOf(own)) }]],
    ['one that was cut short', (own) => [{ ...own, CookieData: truncated(dataOf(own)) }]],
    ['one of another server', async () => [await authorizationCookieOf(otherServer)]],
    [
      'a cookie of the client service in its place',
      async (own) => [{ ...own, CookieData: dataOf(await computer.getCookie()) }],
    ],
  ];
  for (const [name, make] of refused) {
    test(`${name}: InvalidAuthorizationCookie`, async () => {
      assert.ok(computer.authorization);
      const authCookies = await make(computer.authorization);
      assert.equal(await faultOf(computer.getCookie({ authCookies })), 'InvalidAuthorizationCookie');
    });
  }

  for (const [name, authCookies] of [
    ['absent', undefined],
    ['nil', null],
  ] as const) {
    test(`${name}: InvalidAuthorizationCookie`, async () => {
      assert.equal(await faultOf(computer.getCookie({ authCookies })), 'InvalidAuthorizationCookie');
    });
  }

  test('one that is not even base64: InvalidAuthorizationCookie', async () => {
    const message = encodeWireMessage(clientService, FRAMING.agentRequest, GetCookie.request, {
      authCookies: [computer.authorization],
      lastChange: computer.lastChange,
      currentTime: computer.lastChange,
      protocolVersion: '2.90',
    });
    const damaged = Buffer.from(message.toString().replace('<CookieData>', '<CookieData>*'));
    const reply = await computer.client.post(clientService, GetCookie, damaged);
    assert.equal(new SoapFault(reply).errorCode, 'InvalidAuthorizationCookie');
  });

  test('one older than a day: InvalidAuthorizationCookie', async () => {
    server.clock.advance(DAY_MS - 1);
    assert.equal(await faultOf(computer.getCookie()), 'none');
    server.clock.advance(1);
    assert.equal(await faultOf(computer.getCookie()), 'InvalidAuthorizationCookie');
  });

  test('the plug-in may be named in any letter case', async () => {
    assert.ok(computer.authorization);
    const authCookies = [{ ...computer.authorization, PlugInId: 'simpletargeting' }];
    assert.equal(await faultOf(computer.getCookie({ authCookies })), 'none');
  });
});

describe('oldCookie', () => {
  const now = (): DateTime => dateTimeFromMs(server.clock.ms);

  test('absent, nil, with an Expiration only or with empty data, it counts as first contact', async () => {
    const firstContact: readonly (WireCookie | undefined | null)[] = [
      undefined,
      null,
      { Expiration: now() },
      { Expiration: now(), EncryptedData: null },
      { Expiration: now(), EncryptedData: Buffer.alloc(0) },
    ];
    for (const oldCookie of firstContact) {
      const { Expiration } = await computer.getCookie({ oldCookie });
      assert.equal(dateTimeToMs(Expiration), server.clock.ms + HOUR_MS);
    }
  });

  test('tampered with, cut short or of another server: InvalidCookie', async () => {
    const own = await computer.getCookie();
    using stranger = new TestComputer(otherServer);
    await stranger.handshake();
    const data = [
      flipped(dataOf(own)),
      truncated(dataOf(own)),
      dataOf(stranger.cookie ?? {}),
      Buffer.from('x'),
    ];
    for (const EncryptedData of data) {
      const oldCookie = { ...own, EncryptedData };
      assert.equal(await faultOf(computer.getCookie({ oldCookie })), 'InvalidCookie');
    }
  });

  test('that is not even base64: InvalidCookie', async () => {
    const message = encodeWireMessage(clientService, FRAMING.agentRequest, GetCookie.request, {
      authCookies: [computer.authorization ?? (await computer.authorize())],
      oldCookie: await computer.getCookie(),
      lastChange: computer.lastChange,
      currentTime: dateTimeFromMs(0),
      protocolVersion: '2.90',
    }).toString();
    const damaged = message.replace(/<EncryptedData>[^<]*/, '<EncryptedData>!!!');
    const { body } = await computer.client.post(clientService, GetCookie, Buffer.from(damaged));
    assert.match(body.toString(), /<ErrorCode>InvalidCookie</);
  });

  test('of another client: InvalidCookie', async () => {
    using other = new TestComputer(server);
    await other.handshake();
    assert.equal(await faultOf(computer.getCookie({ oldCookie: other.cookie })), 'InvalidCookie');
  });

  test('of an earlier identity of this server: ServerChanged', async () => {
    const oldCookie = await computer.getCookie();
    await changeIdentity(server.store);
    await until('the server notices its new identity', async () => {
      await computer.authorize();
      return (await faultOf(computer.getCookie({ oldCookie }))) === 'ServerChanged';
    });
    assert.equal(await faultOf(computer.getCookie({ oldCookie: undefined })), 'none');
  });

  test('expired, it is renewed, and the client is not told again what it knows', async () => {
    await computer.getCookie();
    await computer.register();
    await computer.scan();
    await approve(server.store, { updateId: SAMPLE.bundle, action: 'Install', nowMs: server.clock.ms });
    const changed = await until('the approval reaches the computer', async () => {
      return (await computer.syncUpdates()).ChangedUpdates ?? undefined;
    });
    assert.deepEqual(
      changed.map((update) => update.Deployment?.Action),
      ['Install'],
    );

    const spent = computer.cookie;
    server.clock.advance(HOUR_MS);
    assert.equal(await faultOf(computer.syncUpdates()), 'CookieExpired');
    await computer.getCookie();
    assert.equal((await computer.syncUpdates()).ChangedUpdates, undefined);

    // Without its old cookie it is a client that knows nothing, and hears of everything it holds.
    await computer.getCookie({ oldCookie: undefined });
    assert.equal((await computer.syncUpdates()).ChangedUpdates?.length, 10);
    assert.notDeepEqual(spent, computer.cookie);
  });
});

describe('lastChange', () => {
  test('another than that of the configuration: ConfigChanged', async () => {
    const lastChange = dateTimeFromMs(dateTimeToMs(computer.lastChange as DateTime) - 1);
    assert.equal(await faultOf(computer.getCookie({ lastChange })), 'ConfigChanged');
  });

  test('the same instant in other digits is the same', async () => {
    const lastChange = (computer.lastChange as string).replace('Z', '0000+00:00') as DateTime;
    assert.equal(await faultOf(computer.getCookie({ lastChange })), 'none');
  });

  test('missing: InvalidParameters', async () => {
    const message = encodeWireMessage(clientService, FRAMING.agentRequest, GetCookie.request, {
      authCookies: [computer.authorization],
      lastChange: computer.lastChange,
      currentTime: computer.lastChange,
      protocolVersion: '2.90',
    });
    const without = Buffer.from(message.toString().replace(/<lastChange>.*<\/lastChange>/, ''));
    const fault = new SoapFault(await computer.client.post(clientService, GetCookie, without));
    assert.deepEqual([fault.errorCode, fault.parameter], ['InvalidParameters', 'lastChange']);
  });
});

describe('protocolVersion', () => {
  for (const protocolVersion of [
    undefined,
    null,
    '',
    '1',
    '1.',
    '.1',
    '1.2.3',
    'x',
    '1.x',
    '-1.0',
    '1.123456',
  ]) {
    test(`${JSON.stringify(protocolVersion)}: InvalidParameters`, async () => {
      assert.equal(
        await faultOf(computer.getCookie({ protocolVersion })),
        'InvalidParameters at protocolVersion',
      );
    });
  }

  test('any two-part version is served', async () => {
    for (const protocolVersion of ['1.0', '1.8', '1.21', '2.90', '99999.99999', ' 1.20 ']) {
      assert.equal(await faultOf(computer.getCookie({ protocolVersion })), 'none', protocolVersion);
    }
  });
});

test('the conditions are checked in the order of the table', async () => {
  const bad = {
    authCookies: [],
    oldCookie: { Expiration: dateTimeFromMs(0), EncryptedData: Buffer.from('x') },
    lastChange: dateTimeFromMs(0),
    protocolVersion: 'x',
  };
  const authCookies = [computer.authorization ?? {}];
  const good = { authCookies, oldCookie: undefined, lastChange: computer.lastChange };
  assert.equal(await faultOf(computer.getCookie(bad)), 'InvalidAuthorizationCookie');
  assert.equal(await faultOf(computer.getCookie({ ...bad, authCookies })), 'InvalidCookie');
  assert.equal(await faultOf(computer.getCookie({ ...bad, authCookies, oldCookie: null })), 'ConfigChanged');
  assert.equal(
    await faultOf(computer.getCookie({ ...bad, ...good })),
    'InvalidParameters at protocolVersion',
  );
});
