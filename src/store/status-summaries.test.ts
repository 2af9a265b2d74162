import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { clientEvent } from '../../test/support/client-event.ts';
import { countPairs, recomputeCompliance, type Pair } from '../../test/support/compliance-reference.ts';
import { StoreChanges, type StoreChange } from '../../test/support/random-store-changes.ts';
import { TEMP_STORE_MS, TempStore } from '../../test/support/temp-store.ts';
import { ALL_COMPUTERS } from '../fleet/server-state.ts';
import { belongsTo, groupsBelow } from '../fleet/compliance-scope.ts';
import type { ClientEvent } from '../fleet/event-journal.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { Guid } from '../soap/simple-type.ts';
import { setDeclined } from './approvals.ts';
import { assignComputer, deleteComputer } from './computers.ts';
import { connect, databasePath } from './connect.ts';
import { GroupCommit } from './group-commit.ts';
import { listGroups } from './groups.ts';
import {
  addSummaries,
  readComputerCounts,
  readSummaries,
  readUpdateCounts,
  type SetSummary,
} from './status-summaries.ts';
import { encodeCommand } from './write-command.ts';

/** The sums against a count of every pair, after any sequence of what changes them. */

const nat = fc.nat(1_000);
/** Few, so that what happens happens to the same ones. */
const reportedUpdate = fc.nat(9);
const changes = fc.oneof(
  {
    weight: 2,
    arbitrary: fc.record({
      does: fc.constant('stage'),
      import: nat,
      revisions: fc.array(nat, { maxLength: 12 }),
    }),
  },
  { weight: 2, arbitrary: fc.record({ does: fc.constant('publish'), import: nat }) },
  fc.record({ does: fc.constantFrom('decline', 'undecline', 'deleteRevision'), update: nat, revision: nat }),
  fc.record({ does: fc.constantFrom('addGroup', 'deleteGroup'), group: nat }),
);
const fleetChanges = fc.oneof(
  { weight: 3, arbitrary: fc.record({ act: fc.constant('greet'), computer: nat, asks: nat }) },
  fc.record({ act: fc.constantFrom('delete'), computer: nat }),
  {
    weight: 3,
    arbitrary: fc.record({ act: fc.constantFrom('decline', 'undecline'), computer: reportedUpdate }),
  },
  {
    weight: 2,
    arbitrary: fc.record({
      act: fc.constant('move'),
      computer: nat,
      groups: fc.array(nat, { maxLength: 3 }),
    }),
  },
  {
    weight: 8,
    arbitrary: fc.record({
      act: fc.constantFrom('scan', 'scan', 'report', 'detect', 'fail'),
      computer: nat,
      lateMs: fc.constantFrom(0, 0, 0, 3, 40),
      lists: fc.array(fc.tuple(reportedUpdate, fc.constantFrom('U', 'V', 'W', 'g', 'h')), { maxLength: 10 }),
    }),
  },
);

interface FleetChange {
  readonly act: string;
  readonly computer: number;
  readonly asks?: number;
  readonly groups?: readonly number[];
  readonly lateMs?: number;
  readonly lists?: readonly (readonly [number, string])[];
}

const COMPUTERS = 5;
const updateIdOf = (number: number): UpdateId =>
  `50000000-0000-4000-8000-${String(number % 40).padStart(12, '0')}` as UpdateId;

class Fleet implements Disposable {
  readonly #temp: TempStore;
  readonly #database;
  readonly #commit: GroupCommit;
  #events = 0;
  nowMs = TEMP_STORE_MS;

  constructor(temp: TempStore) {
    this.#temp = temp;
    this.#database = connect(databasePath(temp.dataFolder), { readOnly: false, cacheMebibytes: 8 });
    this.#commit = new GroupCommit(this.#database, 1_000);
  }

  async make(change: FleetChange): Promise<void> {
    const clientId = `pc-${change.computer % COMPUTERS}`;
    const { db } = this.#temp;
    if (change.act === 'greet') {
      const requestedGroups = ['', '', 'Group 1', 'Elsewhere; Group 2'][(change.asks ?? 0) % 4];
      const greeting = { clientId, dnsName: clientId, address: '', requestedGroups };
      this.#run(encodeCommand('greet', { greeting, nowMs: this.nowMs }));
    } else if (change.act === 'delete') {
      await db.transaction().execute((tx) => deleteComputer(tx, clientId));
    } else if (change.act.endsWith('decline')) {
      const updateId = updateIdOf(change.computer);
      const [row] = await db
        .selectFrom('update_entry')
        .select('number')
        .where('update_id', '=', updateId)
        .execute();
      if (row === undefined) return;
      const declined = change.act === 'decline';
      await db.transaction().execute((tx) => setDeclined(tx, row.number, declined, this.nowMs));
    } else if (change.act === 'move') {
      const known = await db
        .selectFrom('computer')
        .select('client_id')
        .where('client_id', '=', clientId)
        .execute();
      if (known.length === 0) return;
      const groups = await listGroups(db);
      const ids = new Set((change.groups ?? []).map((one) => groups[one % groups.length].id));
      await db.transaction().execute((tx) => assignComputer(tx, clientId, [...ids]));
    } else this.#report(clientId, change);
  }

  #report(clientId: string, { act, lists = [], lateMs = 0 }: FleetChange): void {
    const event = (changed: Partial<ClientEvent>): ClientEvent =>
      clientEvent(this.#events++, { clientId, timeMs: this.nowMs - lateMs, update: undefined, ...changed });
    const texts = new Map<string, string[]>();
    for (const [update, key] of lists) texts.set(key, [...(texts.get(key) ?? []), updateIdOf(update)]);
    const report = event({
      eventId: 156,
      miscData: Array.from(texts, ([key, ids]) => `${key}=${ids.join(';').toUpperCase()}`),
    });
    const events = {
      scan: [event({ eventId: 147 }), report],
      report: [report],
      detect: [event({ eventId: 147 })],
      fail: lists.map(([update]) =>
        event({ eventId: 182, hresult: -7, update: { updateId: updateIdOf(update), revisionNumber: 1 } }),
      ),
    }[act as 'scan' | 'report' | 'detect' | 'fail'];
    this.#run(encodeCommand('appendEvents', { receivedMs: this.nowMs, events }));
  }

  #run(command: string): void {
    assert.deepEqual(this.#commit.run([command]).failures, []);
  }

  [Symbol.dispose](): void {
    this.#database.close();
  }
}

async function compare(temp: TempStore): Promise<void> {
  const { db } = temp;
  const { pairs, computers, updates } = await recomputeCompliance(db);
  for (const clientId of computers.keys()) {
    const expected = countPairs(pairs.filter((pair) => pair.clientId === clientId));
    assert.deepEqual(await readComputerCounts(db, clientId), expected, clientId);
  }
  for (const update of updates.keys()) {
    const expected = countPairs(pairs.filter((pair) => pair.update === update));
    assert.deepEqual(await readUpdateCounts(db, update), expected, `update ${update}`);
  }
  const known = await readSummaries(db);
  assert.deepEqual([known.computers, known.updates], [computers.size, updates.size]);
  const groups = await listGroups(db);
  for (const { id, name } of groups) {
    const within = { groups, targeting: 'server' as const };
    const below = groupsBelow(id, groups);
    const members = new Set(
      [...computers].flatMap(([clientId, own]) =>
        id === ALL_COMPUTERS || own.some((one) => below.has(one as Guid)) ? [clientId] : [],
      ),
    );
    same(
      addSummaries(known.placements.filter((placement) => belongsTo(placement, id, within))),
      pairs.filter((pair) => members.has(pair.clientId)),
      Map.groupBy(pairs, (pair) => pair.clientId),
      members,
      name,
    );
  }
  for (const category of new Set([...updates.values()].flat())) {
    const members = new Set(
      [...updates].flatMap(([update, own]) => (own.includes(category) ? [update] : [])),
    );
    same(
      addSummaries(known.categorySets.filter((set) => set.categories.includes(category))),
      pairs.filter((pair) => members.has(pair.update)),
      Map.groupBy(pairs, (pair) => pair.update),
      members,
      `category ${category}`,
    );
  }
}

function same<Member>(
  summary: SetSummary,
  pairs: readonly Pair[],
  byMember: ReadonlyMap<Member, readonly Pair[]>,
  members: ReadonlySet<Member>,
  name: string,
): void {
  const having = (...states: readonly string[]): number =>
    [...members].filter((member) => byMember.get(member)?.some((pair) => states.includes(pair.state))).length;
  assert.deepEqual(
    summary,
    {
      members: members.size,
      counts: countPairs(pairs),
      withNeeded: having('needed', 'downloaded', 'pendingReboot'),
      withFailed: having('failed'),
      withPendingReboot: having('pendingReboot'),
      withOpen: having('needed', 'downloaded', 'pendingReboot', 'failed'),
    },
    name,
  );
}

test('the sums are what a count of every pair gives, whatever happened', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.oneof({ weight: 2, arbitrary: changes }, { weight: 3, arbitrary: fleetChanges }), {
        minLength: 10,
        maxLength: 60,
      }),
      async (all) => {
        await using temp = await TempStore.open();
        using fleet = new Fleet(temp);
        const catalogue = new StoreChanges(temp);
        // Something to begin with, or most sequences would be about nothing.
        const begin = [
          { does: 'addGroup', group: 0 },
          { does: 'addGroup', group: 2 },
          { does: 'stage', import: 0, revisions: Array.from({ length: 40 }, (_, index) => index) },
          { does: 'publish', import: 0 },
          { act: 'greet', computer: 0 },
          { act: 'greet', computer: 1 },
        ];
        for (const change of [...begin, ...all] as readonly Partial<StoreChange & FleetChange>[]) {
          fleet.nowMs += 10;
          catalogue.advanceTo(fleet.nowMs);
          if (change.does !== undefined) await catalogue.make(change as StoreChange);
          else await fleet.make(change as FleetChange);
        }
        await compare(temp);
        const leftovers = await temp.db
          .selectFrom('placement')
          .where('computers', '=', 0)
          .select('id')
          .execute();
        assert.deepEqual(leftovers, []);
      },
    ),
    { numRuns: 60 },
  );
});
