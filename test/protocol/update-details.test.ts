import assert from 'node:assert/strict';
import { after, before, describe, test } from 'node:test';
import { contentPath } from '../../src/content/content-url.ts';
import {
  clientService,
  GetExtendedUpdateInfo,
  GetExtendedUpdateInfo2,
  GetFileLocations,
  RefreshCache,
} from '../../src/protocol/wusp/client.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import { FRAMING } from '../../src/soap/service.ts';
import type { Encodable } from '../../src/soap/message-type.ts';
import type { Guid } from '../../src/soap/simple-type.ts';
import {
  LICENCE_FILE,
  MEMBER_FILES,
  REVISION_NUMBER,
  SAMPLE,
  sampleDocuments,
  sha1Of,
} from '../support/sample-catalogue.ts';
import { decline } from '../support/store-changes.ts';
import { identityOf, TestComputer } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';
import { decodeAs, encodeWireMessage } from '../support/wire-message.ts';

/** GetExtendedUpdateInfo, GetExtendedUpdateInfo2, GetFileLocations and RefreshCache ([MS-WUSP] 3.1.5.8 to 3.1.5.10). */

const server = await TestServer.start({ documents: sampleDocuments() });
const computer = await TestComputer.registered(server);
const ids = new Map<UpdateId, number>();
before(async () => {
  for (const update of (await computer.scan()).flat())
    ids.set(identityOf(update) as string as UpdateId, update.ID ?? 0);
});
after(async () => {
  computer[Symbol.dispose]();
  await server[Symbol.asyncDispose]();
});

const idOf = (updateId: UpdateId): number => ids.get(updateId) ?? 0;
const identity = (updateId: UpdateId, RevisionNumber = REVISION_NUMBER) => ({
  UpdateID: updateId as string as Guid,
  RevisionNumber,
});
const path = ({ name, content }: { readonly name: string; readonly content: Buffer }): string =>
  contentPath(sha1Of(content), name.slice(name.lastIndexOf('.')));
const [EXE, PSF] = MEMBER_FILES.map(path);
const LICENCE = path(LICENCE_FILE);
const sortedUrls = (locations: readonly { readonly Url?: string | null }[] | null | undefined): string[] =>
  (locations ?? []).map((one) => one.Url ?? '').sort();

async function extendedInfo(message: Omit<Encodable<typeof GetExtendedUpdateInfo.request>, 'cookie'>) {
  const { cookie } = computer;
  const answer = await computer.client.call(clientService, GetExtendedUpdateInfo, { cookie, ...message });
  return answer.GetExtendedUpdateInfoResult ?? {};
}

async function extendedInfo2(message: Omit<Encodable<typeof GetExtendedUpdateInfo2.request>, 'cookie'>) {
  const { cookie } = computer;
  const answer = await computer.client.call(clientService, GetExtendedUpdateInfo2, { cookie, ...message });
  return answer.GetExtendedUpdateInfo2Result ?? {};
}

async function fileUrls(host?: string): Promise<string[]> {
  const { cookie } = computer;
  const bytes = encodeWireMessage(clientService, FRAMING.agentRequest, GetFileLocations.request, {
    cookie,
    fileDigests: [sha1Of(MEMBER_FILES[0].content)],
  });
  const changes = host === undefined ? {} : { Host: host };
  const reply = await computer.client.post(clientService, GetFileLocations, bytes, changes);
  assert.equal(reply.status, 200);
  const { GetFileLocationsResult: result } = decodeAs(clientService, GetFileLocations.response, reply.body);
  return sortedUrls((result as { FileLocations: readonly { Url: string }[] }).FileLocations);
}

describe('GetExtendedUpdateInfo', () => {
  test('sends all fragments of one type, then all of the next, in the order asked', async () => {
    const revisionIDs = [idOf(SAMPLE.standalone), idOf(SAMPLE.bundle)];
    const infoTypes = ['LocalizedProperties', 'Extended', 'Core'] as const;
    const { Updates } = await extendedInfo({ revisionIDs, infoTypes, locales: ['en-US', 'en'] });
    assert.deepEqual(
      Updates?.map((one) => [one.ID, /^<(\w+)/.exec(one.Xml ?? '')?.[1]]),
      ['LocalizedProperties', 'ExtendedProperties', 'UpdateIdentity'].flatMap((root) =>
        revisionIDs.map((id) => [id, root]),
      ),
    );
  });

  test('a type or a revision asked for twice comes once', async () => {
    const id = idOf(SAMPLE.standalone);
    const { Updates } = await extendedInfo({ revisionIDs: [id, id], infoTypes: ['Extended', 'Extended'] });
    assert.deepEqual(
      Updates?.map((one) => one.ID),
      [id],
    );
  });

  test('takes exactly as many revisions as GetConfig says', async () => {
    const known = [...ids.values()];
    const revisionIDs = Array.from({ length: 50 }, (_, index) => known[index] ?? 80_000 + index);
    const { Updates, OutOfScopeRevisionIDs } = await extendedInfo({ revisionIDs, infoTypes: ['Extended'] });
    assert.equal(Updates?.length, known.length);
    assert.equal(OutOfScopeRevisionIDs?.length, 50 - known.length);
  });

  for (const [locales, title] of [
    [['en-US', 'en'], 'A bundle'],
    [['de-DE', 'en'], 'Ein Bündel'],
    [['DE'], 'Ein Bündel'],
    [['pt-BR'], 'Um pacote'],
    [['pt-PT', 'de'], 'Ein Bündel'],
    [['ja-JP'], 'A bundle'],
    [[], 'A bundle'],
  ] as const) {
    test(`sends one text, the best for ${locales.join(', ') || 'no locale'}`, async () => {
      const infoTypes = ['LocalizedProperties'] as const;
      const { Updates } = await extendedInfo({ revisionIDs: [idOf(SAMPLE.bundle)], infoTypes, locales });
      assert.equal(Updates?.length, 1);
      assert.equal(/<Title>(.*)<\/Title>/.exec(Updates[0].Xml ?? '')?.[1], title);
    });
  }

  test('names a location for each file of the revisions, stored or not, once', async () => {
    const revisionIDs = [idOf(SAMPLE.member), idOf(SAMPLE.bundle), idOf(SAMPLE.standalone)];
    const { FileLocations } = await extendedInfo({ revisionIDs, infoTypes: ['Extended'] });
    assert.deepEqual(sortedUrls(FileLocations), [EXE, PSF, LICENCE].map((one) => server.url + one).sort());
    const [first] = MEMBER_FILES;
    const location = FileLocations?.find((one) => one.Url === server.url + EXE);
    assert.deepEqual(location, { FileDigest: sha1Of(first.content), Url: server.url + EXE });
  });

  test('a licence comes when it is asked for', async () => {
    const { Updates, FileLocations } = await extendedInfo({
      revisionIDs: [idOf(SAMPLE.bundle), idOf(SAMPLE.standalone)],
      infoTypes: ['Eula'],
      locales: ['en'],
      GeoId: 'USA',
    });
    assert.deepEqual(
      Updates?.map((one) => [one.ID, /^<(\w+)/.exec(one.Xml ?? '')?.[1]]),
      [[idOf(SAMPLE.bundle), 'EulaFile']],
    );
    assert.deepEqual(sortedUrls(FileLocations), [server.url + LICENCE]);
  });

  test('without files there are no FileLocations, and texts alone bring none', async () => {
    const revisionIDs = [idOf(SAMPLE.standalone)];
    assert.equal((await extendedInfo({ revisionIDs, infoTypes: ['Extended'] })).FileLocations, undefined);
    const texts = await extendedInfo({
      revisionIDs: [idOf(SAMPLE.member)],
      infoTypes: ['LocalizedProperties'],
      locales: ['en'],
    });
    assert.equal(texts.FileLocations, undefined);
  });

  test('types that a server like this has nothing of yield nothing', async () => {
    const revisionIDs = [idOf(SAMPLE.standalone)];
    const answer = await extendedInfo({ revisionIDs, infoTypes: ['Published', 'VerificationRule'] });
    assert.deepEqual([answer.Updates, answer.OutOfScopeRevisionIDs], [[], undefined]);
  });

  test('an update that is not approved is answered, a declined one and a foreign one are out of scope', async () => {
    const declined = idOf(SAMPLE.otherUpdate);
    await decline(server.store, SAMPLE.otherUpdate, server.clock.ms);
    const revisionIDs = [declined, 70_001, -1, idOf(SAMPLE.standalone)];
    const answer = await until('the decision is noticed', async () => {
      const one = await extendedInfo({ revisionIDs, infoTypes: ['Extended'] });
      return one.OutOfScopeRevisionIDs?.includes(declined) && one;
    });
    assert.ok(answer);
    assert.deepEqual([...(answer.OutOfScopeRevisionIDs ?? [])], [declined, 70_001, -1]);
    assert.deepEqual(
      answer.Updates?.map((one) => one.ID),
      [idOf(SAMPLE.standalone)],
    );
  });
});

describe('GetExtendedUpdateInfo2', () => {
  test('answers by identity, in any letter case, and leaves out what it does not have', async () => {
    const upper = { UpdateID: SAMPLE.member.toUpperCase() as Guid, RevisionNumber: REVISION_NUMBER };
    const { Updates, FileLocations } = await extendedInfo2({
      updateIDs: [upper, identity(SAMPLE.member, 9)],
      infoTypes: ['Extended'],
    });
    assert.deepEqual(
      Updates?.map((one) => one.ID),
      [idOf(SAMPLE.member)],
    );
    assert.equal(FileLocations, undefined);
  });

  test('FileUrl names the locations, with the algorithm of the digest', async () => {
    const { Updates, FileLocations } = await extendedInfo2({
      updateIDs: [identity(SAMPLE.member)],
      infoTypes: ['FileUrl'],
    });
    assert.equal(Updates, undefined);
    assert.deepEqual(sortedUrls(FileLocations), [EXE, PSF].map((one) => server.url + one).sort());
    assert.deepEqual(
      FileLocations?.map((one) => one.FileDigestAlgorithm),
      ['SHA1', 'SHA1'],
    );
  });

  test('FileDecryption says that nothing is encrypted', async () => {
    const { UpdateEncryptionDetails } = await extendedInfo2({
      updateIDs: [identity(SAMPLE.member)],
      infoTypes: ['FileDecryption'],
    });
    assert.deepEqual(UpdateEncryptionDetails, [
      { UpdateIdentity: identity(SAMPLE.member), HasEncryptedFiles: false },
    ]);
  });
});

describe('GetFileLocations', () => {
  test('names known files and leaves out others; the new cookie is as good as the old', async () => {
    const { cookie } = computer;
    const { GetFileLocationsResult: result } = await computer.client.call(clientService, GetFileLocations, {
      cookie,
      fileDigests: [Buffer.alloc(20, 1), ...MEMBER_FILES.map((one) => sha1Of(one.content))],
    });
    assert.deepEqual(sortedUrls(result?.FileLocations), [EXE, PSF].map((one) => server.url + one).sort());
    assert.equal(result?.NewCookie?.Expiration, cookie?.Expiration);
    computer.cookie = result?.NewCookie as typeof computer.cookie;
    assert.equal((await computer.syncUpdates()).ChangedUpdates, undefined);
  });

  test('begins addresses with the host the caller asked, if that is a name of this server', async () => {
    assert.deepEqual(await fileUrls(), [server.url + EXE]);
    assert.deepEqual(await fileUrls('localhost:8530'), [`http://localhost:8530${EXE}`]);
    assert.deepEqual(await fileUrls('evil.example:8530'), [server.url + EXE]);
  });

  test('begins addresses with a name of the setting, also in place of one that is not this server’s', async () => {
    await server.pause();
    await server.resume({ 'server.names': 'updates.example.com, wsus.example.com' });
    assert.deepEqual(await fileUrls('wsus.example.com'), [`http://wsus.example.com${EXE}`]);
    assert.deepEqual(await fileUrls('evil.example'), [`http://updates.example.com:${server.port}${EXE}`]);
    await server.pause();
    await server.resume();
  });

  test('never repeats a Host that is none', async () => {
    for (const host of [
      'a/../b',
      'evil"><x',
      'user@evil',
      'a b',
      '[::1',
      '-',
      'a:b',
      '<x/>',
      'http://evil',
      '',
    ])
      assert.deepEqual(await fileUrls(host), [server.url + EXE], host);
  });

  test('begins addresses with content.baseUrl where it is set, whatever the Host', async () => {
    await server.pause();
    await server.resume({ 'content.baseUrl': 'https://cdn.example.com/wsus' });
    assert.deepEqual(await fileUrls('evil.example.com'), [`https://cdn.example.com/wsus${EXE}`]);
    await server.pause();
    await server.resume();
  });
});

describe('RefreshCache', () => {
  const refresh = async (globalIDs: readonly ReturnType<typeof identity>[]) => {
    const { cookie } = computer;
    const answer = await computer.client.call(clientService, RefreshCache, { cookie, globalIDs });
    return answer.RefreshCacheResult ?? [];
  };

  test('gives the ids, deployments and leaf states that SyncUpdates gives', async () => {
    const asked = [SAMPLE.product, SAMPLE.bundle];
    const results = await refresh(asked.map((one) => identity(one)));
    assert.deepEqual(
      results.map((one) => [one.RevisionID, one.GlobalID?.UpdateID, one.IsLeaf, one.Deployment?.Action]),
      [
        [idOf(SAMPLE.product), SAMPLE.product, false, 'Evaluate'],
        [idOf(SAMPLE.bundle), SAMPLE.bundle, true, 'PreDeploymentCheck'],
      ],
    );
  });

  test('leaves out members of bundles, other revisions, declined and unknown updates', async () => {
    const unknown = '0c000000-0000-4000-8000-000000000001' as UpdateId;
    const asked = [
      identity(SAMPLE.member),
      identity(SAMPLE.product, REVISION_NUMBER + 1),
      identity(SAMPLE.otherUpdate),
      identity(unknown),
    ];
    assert.deepEqual(await refresh(asked), []);
    assert.deepEqual(await refresh([]), []);
  });

  test('takes the whole cache of a client in one call', async () => {
    const asked = Array.from({ length: 22_000 }, () => identity(SAMPLE.product, 7));
    assert.equal((await refresh([...asked, identity(SAMPLE.company)])).length, 1);
  });
});
