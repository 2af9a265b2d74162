import assert from 'node:assert/strict';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { DAY_MS, FleetStore } from '../../test/support/fleet-store.ts';
import {
  DRIVER_HARDWARE_ID,
  MEMBER_FILES,
  SAMPLE,
  sampleDocuments,
  sha1Of,
  updateDocument,
} from '../../test/support/sample-catalogue.ts';
import { approve, decline } from '../../test/support/store-changes.ts';
import { openFolderContentStore } from '../content/folder-content-store.ts';
import type { CauseCode } from '../fleet/explanation.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { readSnapshot } from '../store/snapshot-reader.ts';
import { explainUpdate, type ExplanationView } from './explain.ts';
import { createGroup } from './groups.ts';
import { moveComputer } from './computers.ts';
import { createRing } from './rings.ts';
import { startRollouts } from './rollouts.ts';
import { addRule, runDueRules } from './rules.ts';

/** Each situation is brought about as it comes about, and the true cause must be the first that is named. */

const CALLER = { name: 'test' };
const PC = '5b1ee0f5-0000-4000-8000-000000000001';
/** Everything that a computer with the product has installed and that is a prerequisite. */
const FITTING = [SAMPLE.company, SAMPLE.family, SAMPLE.product, SAMPLE.classification, SAMPLE.detectoid];
const NEWER = '0a000000-0000-4000-8000-000000000099' as UpdateId;

const superseding = (): Buffer =>
  Buffer.from(
    updateDocument({
      id: NEWER,
      type: 'Software',
      deployable: true,
      titles: { en: 'A newer one' },
      categories: [SAMPLE.product, SAMPLE.classification],
    })
      .toString()
      .replace(
        '<Relationships>',
        `<Relationships><SupersededUpdates><UpdateIdentity UpdateID="${SAMPLE.standalone}"/></SupersededUpdates>`,
      ),
  );

async function open(): Promise<FleetStore> {
  const fleet = await FleetStore.open([...sampleDocuments(), superseding()]);
  fleet.advance(60_000);
  return fleet;
}

async function explained(
  fleet: FleetStore,
  update: string = SAMPLE.standalone,
  computer: string = PC,
): Promise<ExplanationView> {
  return explainUpdate(
    {
      db: fleet.db,
      snapshot: readSnapshot(fleet.temp.store.reader),
      content: await openFolderContentStore(join(fleet.temp.dataFolder, 'content')),
      targeting: 'server',
      nowMs: fleet.nowMs,
    },
    computer,
    update,
  );
}

const codes = ({ causes }: ExplanationView): CauseCode[] => causes.map((one) => one.code);

async function install(fleet: FleetStore, updateId: UpdateId = SAMPLE.standalone): Promise<void> {
  await approve(fleet.temp.store, { updateId, action: 'Install', nowMs: fleet.nowMs });
}

/** A computer that fits, scanned after everything that was decided, and reported. */
async function settle(fleet: FleetStore, installed: readonly UpdateId[] = FITTING): Promise<void> {
  fleet.advance(60_000);
  await fleet.scanned(PC, installed, 'bench-7');
}

interface Situation {
  readonly name: string;
  readonly first: CauseCode;
  readonly arrange: (fleet: FleetStore) => Promise<unknown>;
  readonly update?: string;
  readonly check?: (view: ExplanationView) => void;
}

const SITUATIONS: readonly Situation[] = [
  {
    name: 'an update that this server does not know',
    first: 'update-unknown',
    update: 'KB9999999',
    arrange: (fleet) => settle(fleet),
  },
  {
    name: 'a computer that never came',
    first: 'computer-unknown',
    arrange: (fleet) => install(fleet),
  },
  {
    name: 'a computer that never registered',
    first: 'not-registered',
    arrange: async (fleet) => {
      await install(fleet);
      await fleet.greet(PC, 'bench-7');
    },
  },
  {
    name: 'a declined update',
    first: 'declined',
    arrange: async (fleet) => {
      await settle(fleet);
      await decline(fleet.temp.store, SAMPLE.standalone, fleet.nowMs);
    },
  },
  {
    name: 'an update that can only come along with a bundle',
    first: 'not-deployable',
    update: SAMPLE.member,
    arrange: (fleet) => settle(fleet),
  },
  {
    name: 'an update that nobody approved',
    first: 'not-approved',
    arrange: (fleet) => settle(fleet),
    check: ({ causes: [first] }) => {
      assert.ok(first.code === 'not-approved');
      assert.deepEqual([first.decision, first.groups], [null, ['Unassigned Computers']]);
    },
  },
  {
    name: 'a group above that says NotApproved',
    first: 'not-approved',
    arrange: async (fleet) => {
      const nowMs = fleet.nowMs;
      const parent = await createGroup(fleet.db, CALLER, { name: 'Site', nowMs });
      await createGroup(fleet.db, CALLER, { name: 'Shop', parent: 'Site', nowMs });
      await install(fleet);
      const decided = { updateId: SAMPLE.standalone, action: 'NotApproved', groupId: parent.id } as const;
      await approve(fleet.temp.store, { ...decided, nowMs });
      await settle(fleet);
      await moveComputer(fleet.db, CALLER, PC, ['Shop'], nowMs);
    },
    check: ({ causes: [first] }) => {
      assert.ok(first.code === 'not-approved' && first.decision !== null);
      const { group, memberOf, inherited } = first.decision;
      assert.deepEqual([group, memberOf, inherited], ['Site', 'Shop', true]);
    },
  },
  {
    name: 'a rollout that has not reached the group',
    first: 'not-due',
    arrange: async (fleet) => {
      const { db, nowMs } = fleet;
      for (const name of ['Pilot', 'Shop']) await createGroup(db, CALLER, { name, nowMs });
      await settle(fleet);
      await moveComputer(db, CALLER, PC, ['Shop'], nowMs);
      const ring = { steps: [{ group: 'Pilot' }, { group: 'Shop', afterHours: 48 }] };
      await createRing(db, CALLER, { name: 'Weekly', ring, nowMs });
      await startRollouts(db, CALLER, { ring: 'Weekly', updates: [SAMPLE.standalone], nowMs });
    },
    check: ({ causes: [first], facts }) => {
      assert.ok(first.code === 'not-due');
      const [{ name, group, dueMs, reason }] = first.pending;
      assert.deepEqual([name, group, reason], ['Weekly', 'Shop', 'delay']);
      assert.ok(dueMs !== null && dueMs > facts.nowMs);
    },
  },
  {
    name: 'a rule that waits until the update is old enough',
    first: 'not-due',
    arrange: async (fleet) => {
      const { db, nowMs } = fleet;
      const rule = { afterDays: 7, groups: ['All Computers'] };
      await addRule(db, CALLER, { name: 'After a week', rule, nowMs: 0 });
      await settle(fleet);
      await runDueRules(db, nowMs);
    },
    check: ({ causes: [first] }) => {
      assert.ok(first.code === 'not-due');
      const [{ name, group, reason }] = first.pending;
      assert.deepEqual([name, group, reason], ['After a week', 'All Computers', 'age']);
    },
  },
  {
    name: 'an update that is blocked',
    first: 'blocked',
    arrange: async (fleet) => {
      await approve(fleet.temp.store, { updateId: SAMPLE.standalone, action: 'Block', nowMs: fleet.nowMs });
      await settle(fleet);
    },
  },
  {
    name: 'an update that has expired',
    first: 'expired',
    arrange: async (fleet) => {
      await fleet.temp.import([
        updateDocument({
          id: SAMPLE.standalone,
          revisionNumber: 102,
          type: 'Software',
          deployable: true,
          properties: 'PublicationState="Expired"',
          categories: [SAMPLE.product],
        }),
      ]);
      await settle(fleet);
    },
  },
  {
    name: 'a licence that nobody accepted',
    first: 'licence',
    arrange: async (fleet) => {
      await fleet.temp.import([
        updateDocument({
          id: SAMPLE.standalone,
          revisionNumber: 102,
          type: 'Software',
          deployable: true,
          properties: `EulaID="0a000000-0000-4000-8000-000000000091" RequiresLicenseAgreementAcceptance="true"`,
          categories: [SAMPLE.product],
        }),
      ]);
      await settle(fleet);
    },
  },
  {
    name: 'a prerequisite that the computer lacks',
    first: 'out-of-scope',
    arrange: async (fleet) => {
      await install(fleet);
      await settle(
        fleet,
        FITTING.filter((id) => id !== SAMPLE.detectoid),
      );
    },
    check: ({ causes: [first], offeredAs }) => {
      assert.ok(first.code === 'out-of-scope');
      const [{ isCategory, alternatives }, ...others] = first.unmet;
      assert.deepEqual([isCategory, others.length, offeredAs], [false, 0, null]);
      const [{ updateId, known, reached }] = alternatives;
      assert.deepEqual([updateId, known, reached], [SAMPLE.detectoid, true, true]);
    },
  },
  {
    name: 'a product that was never looked for, because its family is missing',
    first: 'out-of-scope',
    arrange: async (fleet) => {
      await install(fleet);
      await settle(fleet, [SAMPLE.company, SAMPLE.classification, SAMPLE.detectoid]);
    },
    check: ({ causes: [first] }) => {
      assert.ok(first.code === 'out-of-scope');
      const [{ isCategory, alternatives }] = first.unmet;
      const [{ updateId, reached, title }] = alternatives;
      assert.deepEqual(
        [isCategory, updateId, reached, title],
        [true, SAMPLE.product, false, 'Example Product'],
      );
    },
  },
  {
    name: 'a bundle of which no member concerns the computer',
    first: 'no-member-fits',
    update: SAMPLE.bundle,
    arrange: async (fleet) => {
      // The bundle asks for no more than the product, its member for the detectoid.
      await fleet.temp.import([
        updateDocument({
          id: SAMPLE.bundle,
          revisionNumber: 102,
          type: 'Software',
          deployable: true,
          members: [SAMPLE.member],
          categories: [SAMPLE.product],
        }),
      ]);
      await install(fleet, SAMPLE.bundle);
      await settle(fleet, [SAMPLE.company, SAMPLE.family, SAMPLE.product]);
    },
  },
  {
    name: 'a newer update that is installed already',
    first: 'superseded',
    arrange: async (fleet) => {
      await install(fleet);
      await install(fleet, NEWER);
      await settle(fleet);
      await fleet.report(PC, { installed: [NEWER] });
    },
    check: ({ causes: [first] }) => {
      assert.ok(first.code === 'superseded');
      assert.deepEqual(
        first.by.map(({ title, approved, state }) => [title, approved, state]),
        [['A newer one', true, 'installed']],
      );
    },
  },
  {
    name: 'a scan from before the approval',
    first: 'not-scanned-yet',
    arrange: async (fleet) => {
      await settle(fleet);
      fleet.advance(60_000);
      await install(fleet);
    },
  },
  {
    name: 'a computer that has been silent for days',
    first: 'silent',
    arrange: async (fleet) => {
      await install(fleet);
      await settle(fleet);
      fleet.advance(20 * DAY_MS);
    },
    check: ({ causes: [first] }) => assert.ok(first.code === 'silent' && first.days === 20),
  },
  {
    name: 'files that are not stored',
    first: 'file-missing',
    update: SAMPLE.bundle,
    arrange: async (fleet) => {
      await install(fleet, SAMPLE.bundle);
      await settle(fleet);
      await fleet.report(PC, { needed: [SAMPLE.bundle] });
    },
    check: ({ causes: [first] }) => {
      assert.ok(first.code === 'file-missing');
      const hex = sha1Of(MEMBER_FILES[0].content).toString('hex').toUpperCase();
      assert.ok(first.files.some((file) => file.sha1 === hex && file.name === MEMBER_FILES[0].name));
    },
  },
  {
    name: 'a driver for a device that the computer lacks',
    first: 'driver-not-asked',
    update: SAMPLE.driver,
    arrange: async (fleet) => {
      await install(fleet, SAMPLE.driver);
      await settle(fleet);
      await fleet.report(PC);
    },
    check: ({ causes: [first] }) =>
      assert.ok(first.code === 'driver-not-asked' && first.hardwareIds.includes(DRIVER_HARDWARE_ID)),
  },
  {
    name: 'rules that the computer evaluated to "not applicable"',
    first: 'not-applicable',
    arrange: async (fleet) => {
      await install(fleet);
      await settle(fleet);
      await fleet.report(PC);
    },
  },
  {
    name: 'an update that is installed',
    first: 'installed',
    arrange: async (fleet) => {
      await install(fleet);
      await settle(fleet);
      await fleet.report(PC, { installed: [SAMPLE.standalone] });
    },
  },
  {
    name: 'an update that waits for a restart',
    first: 'pending-reboot',
    arrange: async (fleet) => {
      await install(fleet);
      await settle(fleet);
      await fleet.report(PC, { pendingReboot: [SAMPLE.standalone] });
    },
  },
  {
    name: 'an installation that failed',
    first: 'failed',
    arrange: async (fleet) => {
      await install(fleet);
      await settle(fleet);
      await fleet.report(PC, { needed: [SAMPLE.standalone] });
      fleet.advance(1_000);
      await fleet.failed(PC, SAMPLE.standalone, -2145124318);
    },
    check: ({ causes: [first] }) => assert.ok(first.code === 'failed' && first.hresult === -2145124318),
  },
  {
    name: 'an id that two computers share',
    first: 'shared-id',
    arrange: async (fleet) => {
      await install(fleet);
      for (const name of ['bench-7', 'bench-8', 'bench-7']) await fleet.greet(PC, name);
      await settle(fleet);
    },
    check: ({ causes: [first] }) =>
      assert.ok(first.code === 'shared-id' && first.identities.includes('bench-8')),
  },
  {
    name: 'an update that is offered and needed',
    first: 'offered',
    arrange: async (fleet) => {
      await install(fleet);
      await settle(fleet);
      await fleet.report(PC, { needed: [SAMPLE.standalone] });
    },
    check: ({ causes, offeredAs }) => {
      assert.deepEqual([causes.length, offeredAs], [1, 'Install']);
    },
  },
];

describe('the true cause is named first', () => {
  for (const { name, first, arrange, update, check } of SITUATIONS) {
    test(name, async () => {
      await using fleet = await open();
      await arrange(fleet);
      const view = await explained(fleet, update);
      assert.equal(codes(view)[0], first, JSON.stringify(codes(view)));
      check?.(view);
    });
  }
});

test('an update that others mention, or that is half imported, is told from one that nobody knows', async () => {
  await using fleet = await open();
  const mentioned = '0a000000-0000-4000-8000-0000000000aa' as UpdateId;
  await fleet.temp.import([
    updateDocument({
      id: NEWER,
      revisionNumber: 102,
      type: 'Software',
      deployable: true,
      prerequisites: [mentioned],
    }),
  ]);
  await settle(fleet);
  const view = await explained(fleet, mentioned);
  assert.deepEqual([codes(view), view.facts.update?.updateId], [['update-unknown'], mentioned]);
  await fleet.db
    .updateTable('revision')
    .set({ change: null })
    .where('id', 'in', await fleet.revisionIds([SAMPLE.standalone]))
    .execute();
  assert.deepEqual(codes(await explained(fleet)), ['update-importing']);
});

test('several computers that fit are no explanation', async () => {
  await using fleet = await open();
  await fleet.greet('a1', 'bench-1');
  await fleet.greet('a2', 'bench-2');
  await assert.rejects(explained(fleet, SAMPLE.standalone, 'bench'), { code: 'OAK_COMPUTER_UNKNOWN' });
});
