import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { describe, test } from 'node:test';
import { freshState, type AgentState } from '../../src/agent/agent-state.ts';
import { Agent, type AgentOptions } from '../../src/agent/agent.ts';
import { processCaller } from '../../src/agent/persona.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import type { DateTime } from '../../src/soap/simple-type.ts';
import { escapeText } from '../../src/xml/text.ts';
import { capturedExchange, type CapturedExchange } from '../support/captured-exchange.ts';
import { capturedMachine } from '../support/captured-machine.ts';
import { coreFragment, updateIdOf, type CoreParts } from '../support/core-fragment.ts';
import { fixture, skipWithoutFixtures } from '../support/fixtures.ts';
import { RecordingServer, type RecordedAnswer, type RecordedRequest } from '../support/recording-server.ts';
import { assertSameBytes } from '../support/same-bytes.ts';

/**
 * The simulated agent as the very computer that was captured: same machine facts, same revision ids in the
 * cache, same cookies, same clock. What it sends must then be what the captured one sent, byte for byte.
 */

const CAPTURED_SERVER = 'http://192.0.2.1:8530';

type Fields = readonly (readonly [name: string, value: string])[];
interface Request {
  readonly path: string;
  readonly fields: Fields;
  readonly body: string;
}

/** Values that no two agents share. Names and places stay, so that what is moved is still noticed. */
function masked(request: Request): Request {
  const correlation = (value: string): string => value.replace(/^[A-Za-z0-9+/]{16}\./, '(16 characters).');
  return {
    path: request.path,
    fields: request.fields.map(([name, value]) => [name, name === 'MS-CV' ? correlation(value) : value]),
    body: request.body
      .replaceAll(/(<EventInstanceID>)[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}(?=<)/g, '$1(guid)')
      // A number that a computer chooses for itself once.
      .replaceAll(/(<string>J=)\d{1,3}(?=<)/g, '$1(sample)'),
  };
}

/** A recorded request as it would have been to the captured server. */
function recorded(server: RecordingServer, { path, fields, body }: RecordedRequest): Request {
  const readdressed = body.toString().replaceAll(server.url, CAPTURED_SERVER);
  const length = fields.find(([name]) => name === 'Content-Length')?.[1];
  assert.equal(length, String(body.length), 'the length that was announced');
  return {
    path,
    fields: fields.map(([name, value]) => {
      if (name === 'Host') return [name, new URL(CAPTURED_SERVER).host];
      return [name, name === 'Content-Length' ? String(Buffer.byteLength(readdressed)) : value];
    }),
    body: readdressed,
  };
}

function captured({ path, requestFields, requestBody }: CapturedExchange): Request {
  return { path, fields: requestFields, body: requestBody };
}

function assertSameRequest(actual: Request, expected: Request): void {
  const ours = masked(actual);
  const theirs = masked(expected);
  assertSameBytes(Buffer.from(ours.body), Buffer.from(theirs.body));
  assert.equal(ours.path, theirs.path);
  assert.deepEqual(ours.fields, theirs.fields);
}

const contentOf = (element: string, xml: string): string =>
  new RegExp(`<${element}>(.*?)</${element}>`).exec(xml)?.[1] ?? '';
const idsIn = (element: string, xml: string): number[] =>
  [...contentOf(element, xml).matchAll(/<int>(-?\d+)<\/int>/g)].map((match) => Number(match[1]));

/** The clock as a captured request tells it. */
const clockOf = (number: number, element: string, capture: 'scan' | 'flow'): (() => number) => {
  const ms = Date.parse(contentOf(element, capturedExchange(capture, number).requestBody));
  return () => ms;
};

const CLIENT_ID = 'e1da06a3-5601-43c9-bac3-52d5db701494';

function agentOptions(server: RecordingServer, capture: 'scan' | 'flow'): AgentOptions {
  const { body } = captured(capturedExchange('scan', 2));
  return {
    server: server.url,
    ...capturedMachine(capture),
    clientId: contentOf('clientId', body),
    dnsName: contentOf('dnsName', body),
    now: clockOf(3, 'currentTime', 'scan'),
  };
}

/** An agent in the middle of its life, with the cookie of a captured request. */
function warmState(number: number): AgentState {
  const { requestBody } = capturedExchange('flow', number);
  return {
    ...freshState(CLIENT_ID),
    config: {
      lastChange: '2026-10-04T13:17:07.59Z' as DateTime,
      registrationRequired: false,
      authorizationPath: 'SimpleAuthWebService/SimpleAuth.asmx',
      maxExtendedUpdates: 50,
      serverProtocolVersion: '3.2',
    },
    cookie: {
      expiration: contentOf('Expiration', requestBody) as DateTime,
      data: Buffer.from(contentOf('EncryptedData', requestBody), 'base64'),
    },
  };
}

/** Puts updates into a cache under the given ids, last one first: the order in which they came is not sent. */
function hold(
  state: AgentState,
  ids: readonly number[],
  isLeaf: boolean,
  parts: Omit<CoreParts, 'id'>,
): void {
  for (const id of ids.toReversed()) {
    state.updates.set(id, {
      id,
      updateId: updateIdOf(id),
      revisionNumber: 1,
      isLeaf,
      isDriver: false,
      deployment: { id, action: 'PreDeploymentCheck', isAssigned: true, deadline: undefined },
      core: coreFragment({ id, ...parts }),
    });
  }
}

/** What a server says that has nothing new. */
const nothingNew = (): RecordedAnswer => ({ body: capturedExchange('scan', 9).responseBody });
const API_CALLER = processCaller('powershell.exe');

describe('an agent that is the captured computer', { skip: skipWithoutFixtures }, () => {
  /** The answer to the eighth request was not kept: the product, made of the one before and its fragment. */
  function productAnswer(): string {
    const folder = 'metadata/fragments/dd78b8a1-0b20-45c1-add6-4da72e9364cf-r202.core.xml';
    const core = readFileSync(fixture(folder), 'utf8').trim();
    return capturedExchange('scan', 7)
      .responseBody.replace(/<UpdateInfo><ID>\d+/, '<UpdateInfo><ID>72571')
      .replace(/<IsLeaf>false/, '<IsLeaf>true')
      .replace(/<Xml>[^<]*/, () => `<Xml>${escapeText(core)}`);
  }

  async function categoryScan(): Promise<{
    readonly requests: readonly Request[];
    readonly events: Agent['queuedEvents'];
  }> {
    await using server = await RecordingServer.start((_request, index) => ({
      body: index === 7 ? productAnswer() : capturedExchange('scan', index + 1).responseBody,
    }));
    using agent = new Agent({ ...agentOptions(server, 'scan'), callerId: 'OOBE ZDP' });
    const category = contentOf('CategoryId', capturedExchange('scan', 5).requestBody);
    const { offered } = await agent.scan([category as UpdateId]);
    assert.deepEqual(offered, []);
    return {
      requests: server.requests.map((request) => recorded(server, request)),
      events: agent.queuedEvents,
    };
  }

  test('scans a category from first contact on with the captured requests', async (t) => {
    const { requests } = await categoryScan();
    assert.equal(requests.length, 10);
    for (const [number, operation] of [
      [1, 'GetConfig'],
      [2, 'GetAuthorizationCookie'],
      [3, 'GetCookie'],
      [4, 'RegisterComputer'],
      [5, 'StartCategoryScan'],
      [6, 'SyncUpdates, nothing cached'],
      [7, 'SyncUpdates, one installed'],
      [9, 'SyncUpdates, the driver pass with 70 devices'],
      [10, 'GetExtendedUpdateInfo of the categories'],
    ] as const) {
      await t.test(operation, () => {
        assertSameRequest(requests[number - 1], captured(capturedExchange('scan', number)));
      });
    }
    await t.test('SyncUpdates, two installed', () => {
      const { body } = captured(capturedExchange('scan', 7));
      const two = '<int>108226</int><int>108231</int>';
      assertSameBytes(Buffer.from(requests[7].body), Buffer.from(body.replace('<int>108226</int>', two)));
    });
  });

  for (const number of [1, 3] as const) {
    test(`asks for everything with its whole cache (${number})`, async () => {
      await using server = await RecordingServer.start(nothingNew);
      const expected = captured(capturedExchange('flow', number));
      const state = warmState(number);
      const other = idsIn('OtherCachedUpdateIDs', expected.body);
      hold(state, other.slice(0, 500), true, { type: 'Detectoid', isInstalled: '<True />' });
      hold(state, other.slice(500), false, { type: 'Detectoid', isInstalled: '<False />' });
      hold(state, idsIn('InstalledNonLeafUpdateIDs', expected.body), false, {
        type: 'Detectoid',
        isInstalled: '<True />',
      });
      using agent = new Agent({ ...agentOptions(server, 'flow'), callerId: API_CALLER, state });
      await agent.scan();
      const [software, drivers] = server.requests.map((request) => recorded(server, request));
      const sequence = (request: Request): Request => ({
        ...request,
        fields: request.fields.map(([name, value]) => [
          name,
          name === 'MS-CV' ? value.replace(/\.\d+$/, '') : value,
        ]),
      });
      assertSameRequest(sequence(software), sequence(expected));
      // The driver pass names the installed ones again and none of the others.
      assert.deepEqual(
        idsIn('InstalledNonLeafUpdateIDs', drivers.body),
        idsIn('InstalledNonLeafUpdateIDs', expected.body),
      );
      assert.doesNotMatch(drivers.body, /OtherCachedUpdateIDs|CachedDriverIDs/);
    });
  }

  test('asks for the details of what is needed', async () => {
    const exchange = capturedExchange('flow', 15);
    const details = 'GetExtendedUpdateInfo"';
    await using server = await RecordingServer.start((request) =>
      request.fields.some(([name, value]) => name === 'SOAPAction' && value.endsWith(details))
        ? { body: exchange.responseBody }
        : nothingNew(),
    );
    const state = warmState(15);
    const asked = idsIn('revisionIDs', exchange.requestBody);
    hold(state, asked, true, { deployable: true, isInstalled: '<False />', isInstallable: '<True />' });
    using agent = new Agent({ ...agentOptions(server, 'flow'), callerId: API_CALLER, state });
    await agent.scan();
    assert.equal(server.requests.length, 3);
    // The captured cookie is that of an earlier answer; this one came with the answers before.
    const own = recorded(server, server.requests[2]);
    const vector = ['MS-CV', exchange.requestFields.find(([name]) => name === 'MS-CV')?.[1] ?? ''] as const;
    const fields = own.fields.map((field) => (field[0] === 'MS-CV' ? vector : field));
    assertSameRequest({ ...own, fields }, captured(exchange));
    assert.equal(state.fileLocations.size, 9);
  });

  test('reports four events of three callers', async () => {
    const exchange = capturedExchange('flow', 16);
    await using server = await RecordingServer.start(() => ({ body: exchange.responseBody }));
    const now = clockOf(16, 'clientTime', 'flow');
    const failed = {
      eventId: 148,
      timeMs: now(),
      hresult: 0x8024_0438,
      replacementStrings: ['0x80240438'],
    };
    using agent = new Agent({
      ...agentOptions(server, 'flow'),
      now,
      state: warmState(16),
      queuedEvents: [
        {
          eventId: 147,
          timeMs: now(),
          callerId: 'OOBE ZDP',
          replacementStrings: ['0'],
          misc: { k: 'true', f: '3', P: '1', C: '3', B: '3' },
        },
        { ...failed, callerId: 'Appraiser Driver Scan', misc: { C: '2', O: '1', k: 'true' } },
        { ...failed, callerId: 'Appraiser Driver Scan', misc: { C: '2', O: '1', k: 'true' } },
        { ...failed, callerId: API_CALLER, misc: { B: '2', C: '2', O: '1', k: 'true' } },
      ],
    });
    assert.equal(await agent.report(), 4);
    assertSameRequest(recorded(server, server.requests[0]), captured(exchange));
  });

  test('queues an event about a category scan, and none about states', async () => {
    const { events } = await categoryScan();
    assert.deepEqual(
      events.map(({ eventId, replacementStrings, misc }) => ({ eventId, replacementStrings, misc })),
      [{ eventId: 147, replacementStrings: ['0'], misc: { B: '0', f: '3', k: 'true' } }],
    );
  });

  test('a request in another order is another request', async () => {
    const { requests } = await categoryScan();
    let tried = 0;
    for (const request of requests) {
      assertSameRequest(request, request);
      for (const swapped of swaps(request.body)) {
        tried++;
        assert.throws(() => assertSameRequest({ ...request, body: swapped }, request));
      }
      const [first, second, ...others] = request.fields;
      assert.throws(() => assertSameRequest({ ...request, fields: [second, first, ...others] }, request));
      const [name, value] = first;
      const lower = [[name.toLowerCase(), value] as const, second, ...others];
      assert.throws(() => assertSameRequest({ ...request, fields: lower }, request));
    }
    assert.ok(tried > 100, `${tried} pairs`);
  });

  /** The message with two neighbouring elements exchanged, once for each pair of names below a name. */
  function swaps(body: string): string[] {
    interface Open {
      readonly name: string;
      readonly start: number;
      previous?: { readonly name: string; readonly start: number; readonly end: number };
    }
    const swapped = new Map<string, string>();
    const open: Open[] = [{ name: '', start: 0 }];
    for (const { 1: closing, 2: name, 3: empty, 0: tag, index } of body.matchAll(
      /<(\/?)([\w:]+)[^>]*?(\/?)>/g,
    )) {
      if (closing === '' && empty === '') {
        open.push({ name, start: index });
        continue;
      }
      const start = closing === '' ? index : (open.pop()?.start ?? 0);
      const end = index + tag.length;
      const parent = open.at(-1);
      if (parent === undefined) break;
      const { previous } = parent;
      parent.previous = { name, start, end };
      if (previous === undefined || previous.name === name) continue;
      const [one, other] = [body.slice(previous.start, previous.end), body.slice(start, end)];
      swapped.set(
        `${parent.name}: ${previous.name}, ${name}`,
        `${body.slice(0, previous.start)}${other}${one}${body.slice(end)}`,
      );
    }
    return [...swapped.values()];
  }
});
