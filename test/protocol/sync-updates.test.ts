import assert from 'node:assert/strict';
import { after, before, beforeEach, describe, test } from 'node:test';
import { clientService, SyncUpdates } from '../../src/protocol/wusp/client.ts';
import { createGroup } from '../../src/admin/groups.ts';
import { moveComputer } from '../../src/admin/computers.ts';
import type { ApprovalAction } from '../../src/catalog/catalog-rows.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import type { Guid } from '../../src/soap/simple-type.ts';
import { readInstalledSet } from '../../src/store/installed-sets.ts';
import { REVISION_NUMBER, SAMPLE, sampleDocuments, updateDocument } from '../support/sample-catalogue.ts';
import { approve, decline } from '../support/store-changes.ts';
import { identityOf, TestComputer, type SentUpdate } from '../support/test-computer.ts';
import { TestServer } from '../support/test-server.ts';
import { until } from '../support/until.ts';

/** The software pass of SyncUpdates ([MS-WUSP] 3.1.5.7). */

const server = await TestServer.start({ documents: sampleDocuments() });
after(() => server[Symbol.asyncDispose]());

let computer: TestComputer;
beforeEach(async () => {
  computer?.[Symbol.dispose]();
  computer = await TestComputer.registered(server);
});
before(async () => {
  using first = await TestComputer.registered(server);
  for (const update of (await first.scan()).flat()) NAME_OF_ID.set(update.ID ?? 0, nameOf(update));
});
after(() => computer[Symbol.dispose]());

const CALLER = { name: 'administrator' };
const NAME_OF_ID = new Map<number, string>();
const NAME_OF = new Map(Object.entries(SAMPLE).map(([name, id]) => [id as string, name]));
const nameOf = (update: SentUpdate): string => NAME_OF.get(identityOf(update) ?? '') ?? '?';
const names = (updates: readonly SentUpdate[] | null | undefined): string[] =>
  (updates ?? []).map(nameOf).sort();
const only = {
  FilterCategoryIds: [{ Id: SAMPLE.otherProduct as string as Guid }],
  NeedTwoGroupOutOfScopeUpdates: true,
};

describe('a scan', () => {
  test('sends one level of dependencies after the other, and ends when nothing new is no leaf', async () => {
    const rounds = await computer.scan();
    assert.deepEqual(rounds.map(names), [
      ['classification', 'company', 'detectoid'],
      ['family', 'member'],
      ['otherProduct', 'product'],
      ['bundle', 'otherUpdate', 'standalone'],
    ]);
    assert.deepEqual(names(rounds.flat().filter((one) => one.IsLeaf === false)), [
      ...['classification', 'company', 'detectoid', 'family', 'otherProduct', 'product'],
    ]);
  });

  test('a second scan brings nothing', async () => {
    await computer.scan();
    const { NewUpdates, ChangedUpdates, OutOfScopeRevisionIDs, Truncated } = await computer.syncUpdates();
    assert.deepEqual(
      [NewUpdates, ChangedUpdates, OutOfScopeRevisionIDs, Truncated],
      [undefined, undefined, undefined, false],
    );
  });

  test('nobody approved anything: each update carries the action it has then', async () => {
    const actions = (await computer.scan()).flat().map((one) => [nameOf(one), one.Deployment?.Action]);
    assert.deepEqual(Object.fromEntries(actions), {
      company: 'Evaluate',
      family: 'Evaluate',
      product: 'Evaluate',
      otherProduct: 'Evaluate',
      classification: 'Evaluate',
      detectoid: 'Evaluate',
      member: 'Bundle',
      bundle: 'PreDeploymentCheck',
      standalone: 'PreDeploymentCheck',
      otherUpdate: 'PreDeploymentCheck',
    });
  });

  test('lists of any size are absent when empty, and elements stand in schema order', async () => {
    const { cookie } = computer;
    const parameters = { ExpressQuery: false, SkipSoftwareSync: false, OtherCachedUpdateIDs: [987_654] };
    const reply = await computer.client.exchange(clientService, SyncUpdates, { cookie, parameters });
    const text = reply.body.toString();
    const result = text.slice(text.indexOf('<SyncUpdatesResult>'), text.indexOf('</SyncUpdatesResult>'));
    const outline = result
      .replaceAll(/<(NewUpdates|OutOfScopeRevisionIDs|NewCookie)>.*?<\/\1>/g, '<$1/>')
      .replaceAll(/>[^<]+</g, '><');
    assert.equal(
      outline,
      '<SyncUpdatesResult><NewUpdates/><OutOfScopeRevisionIDs/><Truncated></Truncated><NewCookie/>' +
        '<DriverSyncNotNeeded></DriverSyncNotNeeded>',
    );
    const [info] = /<UpdateInfo>.*?<\/UpdateInfo>/.exec(result) ?? [''];
    assert.equal(
      info.replaceAll(/>[^<]+</g, '><'),
      '<UpdateInfo><ID></ID><Deployment><ID></ID><Action></Action><IsAssigned></IsAssigned>' +
        '<LastChangeTime></LastChangeTime><AutoSelect></AutoSelect><AutoDownload></AutoDownload>' +
        '<SupersedenceBehavior></SupersedenceBehavior></Deployment><IsLeaf></IsLeaf><Xml></Xml></UpdateInfo>',
    );
    assert.match(info, /<LastChangeTime>2026-10-04<\/LastChangeTime>/);
  });

  test('ids that are not ours, and what is no longer needed, are out of scope', async () => {
    await computer.scan();
    const product = computer.installed[2];
    const kept = computer.installed.filter((id) => id !== product);
    const answer = await computer.syncUpdates({
      InstalledNonLeafUpdateIDs: [...kept, 70_001, -5],
      OtherCachedUpdateIDs: [...computer.cached, 70_002, 70_002],
    });
    const outOfScope = [...(answer.OutOfScopeRevisionIDs ?? [])];
    assert.deepEqual(
      new Set(outOfScope.filter((id) => id < 0 || id > 70_000)),
      new Set([70_001, 70_002, -5]),
    );
    // The bundle and the standalone update need the product that is not installed any more.
    assert.equal(outOfScope.filter((id) => computer.cached.includes(id)).length, 2);
  });
});

describe('a scan limited to a category', () => {
  test('brings the category with what it needs and what belongs to it', async () => {
    const rounds = await computer.scan(only);
    assert.deepEqual(names(rounds.flat()), [
      ...['classification', 'company', 'family', 'otherProduct', 'otherUpdate'],
    ]);
  });

  test('tells what merely lies outside apart from what is gone', async () => {
    await computer.scan();
    computer.cached.push(70_001);
    const answer = await computer.syncUpdates(only);
    assert.deepEqual([...(answer.OutOfScopeRevisionIDs ?? [])], [70_001]);
    assert.equal(answer.DeployedOutOfScopeRevisionIds?.length, 5);
    assert.equal(answer.DriverSyncNotNeeded, 'true');
    const whole = await computer.syncUpdates();
    assert.equal(whole.DeployedOutOfScopeRevisionIds, undefined);
    assert.equal(whole.DriverSyncNotNeeded, 'false');
  });
});

describe('decisions of an administrator', () => {
  const changed = (): Promise<readonly SentUpdate[]> =>
    until('the change reaches the computer', async () => {
      return (await computer.syncUpdates()).ChangedUpdates ?? undefined;
    });

  test('are told once, without the metadata', async () => {
    await computer.scan();
    const deadlineMs = Date.UTC(2026, 11, 31, 22);
    const decide = async (updateId: UpdateId, action: ApprovalAction): Promise<void> => {
      await approve(server.store, { updateId, action, deadlineMs, nowMs: server.clock.ms });
    };
    const told = new Map<string, unknown>();
    const hear = async (): Promise<void> => {
      for (const update of await changed()) {
        assert.equal(update.Xml, undefined);
        assert.ok(computer.cached.includes(update.ID ?? 0));
        const { Action, IsAssigned, Deadline } = update.Deployment ?? {};
        told.set(NAME_OF_ID.get(update.ID ?? 0) ?? '?', [Action, IsAssigned, Deadline]);
      }
    };
    await decide(SAMPLE.standalone, 'Install');
    await decide(SAMPLE.bundle, 'OptionalInstall');
    await decide(SAMPLE.otherUpdate, 'Uninstall');
    while (told.size < 3) await hear();
    assert.deepEqual(Object.fromEntries(told), {
      standalone: ['Install', true, '2026-12-31T22:00:00Z'],
      bundle: ['OptionalInstall', false, undefined],
      otherUpdate: ['Uninstall', true, '2026-12-31T22:00:00Z'],
    });
    assert.equal((await computer.syncUpdates()).ChangedUpdates, undefined);

    told.clear();
    await decide(SAMPLE.standalone, 'Block');
    await hear();
    assert.deepEqual(Object.fromEntries(told), { standalone: ['PreDeploymentCheck', true, undefined] });
  });

  test('are told again in a kind of scan that was not made while the computer was in another group', async () => {
    const { db } = server.store;
    const nowMs = server.clock.ms;
    const { id: groupId } = await createGroup(db, CALLER, { name: 'Pilot', nowMs });
    const updateId = SAMPLE.otherUpdate;
    await approve(server.store, { updateId, action: 'Install', groupId, nowMs });
    await computer.scan();
    await approve(server.store, { updateId, action: 'OptionalInstall', nowMs });
    const toldOf = async (change?: typeof only): Promise<unknown> => {
      const { ChangedUpdates } = await computer.syncUpdates(change);
      const told = ChangedUpdates?.find((update) => NAME_OF_ID.get(update.ID ?? 0) === 'otherUpdate');
      return told?.Deployment?.Action;
    };
    await until('the decision counts', async () => (await toldOf()) === 'OptionalInstall');
    await moveComputer(db, CALLER, computer.clientId, ['Pilot'], server.clock.now());
    await until('the group counts', async () => (await toldOf(only)) === 'Install');
    await moveComputer(db, CALLER, computer.clientId, [], server.clock.now());
    await until('the group counts no more', async () => (await toldOf(only)) === 'OptionalInstall');
    assert.equal(await toldOf(), 'OptionalInstall');
  });

  test('each decision gives the deployment another id', async () => {
    await computer.scan();
    const ids = new Set<number>();
    for (const action of ['Install', 'NotApproved'] as const) {
      await approve(server.store, { updateId: SAMPLE.standalone, action, nowMs: server.clock.ms });
      for (const update of await changed()) ids.add(update.Deployment?.ID ?? 0);
    }
    assert.equal(ids.size, 2);
  });

  test('a declined update goes out of scope', async () => {
    await computer.scan();
    await decline(server.store, SAMPLE.otherUpdate, server.clock.ms);
    const gone = await until('the decision reaches the computer', async () => {
      return (await computer.syncUpdates()).OutOfScopeRevisionIDs ?? undefined;
    });
    assert.equal(gone.length, 1);
    assert.ok(computer.cached.includes(gone[0]));
  });

  test('a new revision takes the place of the old one', async () => {
    await computer.scan();
    const revisionNumber = REVISION_NUMBER + 1;
    await server.import([
      updateDocument({ id: SAMPLE.standalone, revisionNumber, type: 'Software', deployable: true }),
    ]);
    const answer = await until('the revision reaches the computer', async () => {
      const one = await computer.syncUpdates();
      return one.NewUpdates && one;
    });
    assert.deepEqual(names(answer?.NewUpdates), ['standalone']);
    assert.match(answer?.NewUpdates?.[0].Xml ?? '', new RegExp(`RevisionNumber="${revisionNumber}"`));
    assert.equal(answer?.OutOfScopeRevisionIDs?.length, 1);
  });
});

test('pages end where the limit says, and Truncated says whether there are more', async () => {
  await using own = await TestServer.start({
    documents: sampleDocuments(),
    settings: { 'sync.pageUpdates': 2 },
  });
  using small = await TestComputer.registered(own);
  const first = await small.syncUpdates();
  assert.deepEqual([first.NewUpdates?.length, first.Truncated], [2, true]);
  const rounds = await small.scan();
  assert.ok(rounds.every((round) => round.length <= 2));
  assert.equal(new Set(rounds.flat().map((one) => one.ID)).size, 10);
});

test('two revisions of one update are never sent', async () => {
  await using own = await TestServer.start({
    documents: [1, 3, 2].map((revisionNumber) =>
      updateDocument({ id: SAMPLE.company, revisionNumber, type: 'Category' }),
    ),
  });
  using other = await TestComputer.registered(own);
  const sent = (await other.scan()).flat();
  assert.deepEqual(
    sent.map((one) => /RevisionNumber="(\d+)"/.exec(one.Xml ?? '')?.[1]),
    ['3'],
  );
});

test('what a computer says is installed is kept from whole scans only', async () => {
  const stored = async () => {
    const rows = server.store.db.selectFrom('computer').select(['last_scan_ms', 'installed_set']);
    return rows.where('client_id', '=', computer.clientId).executeTakeFirstOrThrow();
  };
  await computer.scan(only);
  await computer.driverPass([]);
  await server.pause();
  await server.resume();
  assert.deepEqual({ ...(await stored()) }, { last_scan_ms: null, installed_set: null });
  await computer.scan();
  await computer.syncUpdates();
  await server.pause();
  await server.resume();
  const { last_scan_ms: lastScanMs, installed_set: digest } = await stored();
  assert.equal(lastScanMs, server.clock.now());
  assert.deepEqual([...(await readInstalledSet(server.store.db, digest!))!], computer.installed);
});
