import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { capturedExchange } from '../support/captured-exchange.ts';
import { fixture, skipWithoutFixtures } from '../support/fixtures.ts';
import { SoapClient, type HttpReply } from '../support/soap-client.ts';
import { TestServer } from '../support/test-server.ts';

/**
 * What a Windows 11 agent sent to a real server, sent to this one byte for byte; only cookies, ids and
 * the host are those that this server gave. The answers must be the real server's.
 */

/**
 * Fields of answers that differ on purpose. The first three name products that are not at work here. The
 * others are Node's: Date and the length change places, and its idea of a persistent connection is said.
 * The captured answers were stored decoded, so their Content-Encoding is not in them.
 */
const NOT_OURS = ['Server', 'X-AspNet-Version', 'X-Powered-By'];
const ELSEWHERE = ['Date', 'Connection', 'Keep-Alive', 'Content-Encoding'];

/** Values that are each server's own. */
const OWN_VALUES = /<(ID|Expiration|EncryptedData|CookieData|LastChange)>[^<]*<\/\1>/g;
const SHARE = /\\\\[^\\<]+\\UpdateServicesPackages/;

const comparable = (xml: string): string =>
  xml.replaceAll(OWN_VALUES, '<$1>_</$1>').replace(SHARE, '(share)');
const contentOf = (element: string, xml: string): string =>
  new RegExp(`<${element}>(.*?)</${element}>`).exec(xml)?.[1] ?? '';
const idsIn = (element: string, xml: string): number[] =>
  [...contentOf(element, xml).matchAll(/<int>(-?\d+)<\/int>/g)].map((match) => Number(match[1]));

describe('a captured agent', { skip: skipWithoutFixtures }, () => {
  let server: TestServer;
  let client: SoapClient;
  let authorization = '';
  let cookie = '';
  let lastChange = '';
  /** The real server's revision ids, and ours for the same revisions. */
  const ids = new Map<string, string>();

  before(async () => {
    server = await TestServer.start({
      importPaths: [fixture('metadata/documents'), fixture('wsus-export')],
      // Above all ids of the captures: none of them may mean anything here by accident.
      revisionIdsAbove: 1_000_000,
    });
    client = new SoapClient(() => server.url);
  });
  after(async () => {
    client[Symbol.dispose]();
    await server[Symbol.asyncDispose]();
  });

  /** Sends a captured request; its answer must be framed as the captured one. */
  async function replay(capture: 'scan' | 'flow', number: number): Promise<{ ours: string; theirs: string }> {
    const { path, requestFields, requestBody, responseNames, responseBody } = capturedExchange(
      capture,
      number,
    );
    const body = Buffer.from(substitute(requestBody));
    const fields = requestFields.map(([name, value]) => {
      if (name === 'Host') return [name, new URL(server.url).host] as const;
      return [name, name === 'Content-Length' ? String(body.length) : value] as const;
    });
    const reply = await client.send(path, { fields, body });
    const ours = reply.body.toString();
    assert.equal(reply.status, 200, ours);
    assertFraming(reply, responseNames);
    remember(ours);
    return { ours, theirs: responseBody };
  }

  function substitute(body: string): string {
    return body
      .replace(/<CookieData>[^<]*/, `<CookieData>${authorization}`)
      .replace(/<cookie>.*<\/cookie>/, `<cookie>${cookie}</cookie>`)
      .replace(/<lastChange>[^<]*/, `<lastChange>${lastChange}`)
      .replaceAll(/<int>(\d+)<\/int>/g, (_whole, id: string) => `<int>${ids.get(id) ?? id}</int>`);
  }

  function remember(answer: string): void {
    authorization = contentOf('CookieData', answer) || authorization;
    cookie = contentOf('GetCookieResult', answer) || contentOf('NewCookie', answer) || cookie;
    lastChange = contentOf('LastChange', answer) || lastChange;
  }

  function assertFraming(reply: HttpReply, responseNames: readonly string[]): void {
    const differ = new Set([...NOT_OURS, ...ELSEWHERE]);
    const names = reply.fields.map(([name]) => name);
    assert.deepEqual(
      names.filter((name) => !differ.has(name)),
      responseNames.filter((name) => !differ.has(name)),
    );
    assert.ok(NOT_OURS.every((name) => reply.header(name) === undefined));
    assert.equal(reply.header('Content-Type'), 'text/xml; charset=utf-8');
    assert.equal(reply.header('Content-Encoding'), 'xpress');
    assert.equal(reply.header('Transfer-Encoding'), undefined);
    assert.ok(reply.wireBytes < reply.body.length);
  }

  for (const [number, operation] of [
    [1, 'GetConfig'],
    [2, 'GetAuthorizationCookie'],
    [3, 'GetCookie, with an old cookie that holds nothing but an Expiration'],
    [4, 'RegisterComputer'],
    [5, 'StartCategoryScan, without a cookie'],
    [6, 'SyncUpdates of a category: the company'],
    [7, 'SyncUpdates of a category: the product family'],
  ] as const) {
    test(`${operation}: the same answer`, async () => {
      const { ours, theirs } = await replay('scan', number);
      assert.equal(comparable(ours), comparable(theirs));
      const [theirId] = /<UpdateInfo><ID>(\d+)/.exec(theirs)?.slice(1) ?? [];
      const [ourId] = /<UpdateInfo><ID>(\d+)/.exec(ours)?.slice(1) ?? [];
      if (theirId !== undefined) ids.set(theirId, ourId);
    });
  }

  test('SyncUpdates of a category: at last the product, a leaf, and then nothing more', async () => {
    const { path, requestFields, requestBody } = capturedExchange('scan', 7);
    const [company, family] = ids.values();
    const fields = requestFields.filter(([name]) => name !== 'Host' && name !== 'Content-Length');
    const round = async (installed: string[], cached: string[]): Promise<string> => {
      const list = (name: string, values: readonly string[]): string =>
        values.length === 0 ? '' : `<${name}>${values.map((id) => `<int>${id}</int>`).join('')}</${name}>`;
      const lists = list('InstalledNonLeafUpdateIDs', installed) + list('OtherCachedUpdateIDs', cached);
      const body = substitute(requestBody).replace(/<InstalledNonLeafUpdateIDs>.*?<\/\w+s>/, lists);
      const reply = await client.send(path, { fields, body: Buffer.from(body) });
      remember(reply.body.toString());
      return contentOf('SyncUpdatesResult', reply.body.toString());
    };
    const third = await round([company, family], []);
    const [, product, isLeaf] = /<UpdateInfo><ID>(\d+)<.*<IsLeaf>(\w+)</.exec(third) ?? [];
    assert.ok(contentOf('Xml', third).includes(`UpdateIdentity UpdateID="${contentOf('Id', requestBody)}"`));
    assert.equal(third.split('<UpdateInfo>').length, 2);
    assert.equal(isLeaf, 'true');
    assert.equal(contentOf('DriverSyncNotNeeded', third), 'true');
    // The answer with the product was not kept, but the request for its details was: it names one id more.
    const asked = idsIn('revisionIDs', capturedExchange('scan', 10).requestBody).map(String);
    for (const id of asked) if (!ids.has(id)) ids.set(id, product);
    const fourth = await round([company, family], [product]);
    assert.doesNotMatch(fourth, /NewUpdates|ChangedUpdates|OutOfScope/);
  });

  for (const [number, operation] of [
    [9, 'SyncUpdates, the driver pass with 70 devices'],
    [10, 'GetExtendedUpdateInfo'],
  ] as const) {
    test(`${operation}: the same answer`, async () => {
      const { ours, theirs } = await replay('scan', number);
      assert.equal(comparable(ours), comparable(theirs));
    });
  }

  for (const number of [1, 3] as const) {
    test(`SyncUpdates with another server's cache (${number}): what is unknown here is out of scope`, async () => {
      const { requestBody } = capturedExchange('flow', number);
      const lists = ['InstalledNonLeafUpdateIDs', 'OtherCachedUpdateIDs'];
      const unknown = lists.flatMap((list) => idsIn(list, requestBody)).filter((id) => !ids.has(String(id)));
      assert.ok(unknown.length > 1000);
      const { ours } = await replay('flow', number);
      // Of the third request the answer was not kept; the first one's has the same shape.
      const { responseBody: theirs } = capturedExchange('flow', 1);
      assert.deepEqual(new Set(idsIn('OutOfScopeRevisionIDs', ours)), new Set(unknown));
      assert.equal(contentOf('DriverSyncNotNeeded', ours), contentOf('DriverSyncNotNeeded', theirs));
      const shapes = (xml: string): Set<string> =>
        new Set(
          [...contentOf('NewUpdates', xml).matchAll(/<UpdateInfo>.*?<\/UpdateInfo>/g)].map(([info]) =>
            info.replaceAll(/>[^<]+</g, '><'),
          ),
        );
      assert.deepEqual(shapes(ours), shapes(theirs));
      const outline = (xml: string): string =>
        xml
          .replaceAll(/<(NewUpdates|OutOfScopeRevisionIDs|ChangedUpdates)>.*?<\/\1>/g, '')
          .replaceAll(/>[^<]+</g, '><');
      assert.equal(outline(ours), outline(theirs));
    });
  }

  test("GetExtendedUpdateInfo of another server's updates: all of them are out of scope", async () => {
    const { requestBody } = capturedExchange('flow', 15);
    const { ours } = await replay('flow', 15);
    assert.deepEqual(idsIn('OutOfScopeRevisionIDs', ours), idsIn('revisionIDs', requestBody));
    assert.match(ours, /<GetExtendedUpdateInfoResult><Updates\/><OutOfScopeRevisionIDs>/);
  });

  test('ReportEventBatch: the same answer, and what is history on disk', async () => {
    const { ours, theirs } = await replay('flow', 16);
    assert.equal(ours, theirs);
    const rows = await server.store.db.selectFrom('event').selectAll().execute();
    const { requestBody } = capturedExchange('flow', 16);
    const last = new Map<string, string>();
    // About no update: the last of its kind is kept, and what a 156 says is kept as states.
    for (const [, instance, eventId, update] of requestBody.matchAll(
      /<EventInstanceID>([^<]+).*?<EventID>(\d+).*?<UpdateID>\s*<UpdateID>([^<]+)/gs,
    )) {
      if (eventId !== '156') last.set(/^[0-]+$/.test(update) ? eventId : instance, instance.toLowerCase());
    }
    assert.ok(last.size > 0);
    assert.deepEqual(new Set(rows.map((row) => row.instance_id)), new Set(last.values()));
  });

  test('none of it was worth a warning', () => {
    assert.deepEqual(server.takeWarnings(), []);
  });
});
