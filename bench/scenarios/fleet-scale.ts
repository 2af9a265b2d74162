import { join } from 'node:path';
import { approveUpdates, declineUpdates } from '../../src/admin/approvals.ts';
import {
  complianceBy,
  complianceSummary,
  computerCompliance,
  computerStates,
  failureTotals,
  pendingReboots,
  silentComputers,
  updateCompliance,
  updateTotals,
} from '../../src/admin/compliance.ts';
import { complianceTrend } from '../../src/admin/compliance-trend.ts';
import { viewEvents } from '../../src/admin/events.ts';
import type { ClientEvent } from '../../src/fleet/event-journal.ts';
import type { Store } from '../../src/store/open-store.ts';
import { Writer } from '../../src/store/writer.ts';
import type { BenchContext } from '../support/context.ts';
import {
  buildFleet,
  classificationName,
  clientIdOf,
  fleetEvent,
  groupName,
  installedShare,
  listOf,
  productName,
  scanEvents,
  updateIdOf,
  type FleetSize,
} from '../support/fleet-store.ts';
import type { BenchResult } from '../support/results.ts';

type Line = Omit<BenchResult, 'scenario'>;

const QUERY_MS = 50;
const DECISIONS = 1_000;
const CALLER = { name: 'bench' };
const LATER_MS = Date.UTC(2026, 0, 2);

/** Reports, summaries and decisions on the states of a large fleet, against those of a small one. */
export async function* fleetScale(context: BenchContext): AsyncGenerator<Line> {
  const small: FleetSize = { computers: 1_000, statesEach: 50, updates: 5_000 };
  const large: FleetSize = { ...small, computers: context.quick ? 5_000 : 100_000 };
  const effort = { repeats: context.quick ? 3 : 9, batches: context.quick ? 1_000 : 10_000 };
  const smallFolder = join(context.folder, 'fleet-small');
  const reference = await buildFleet(smallFolder, small);
  const smallRates = await ingest(smallFolder, small, { batches: effort.batches });
  await reference.store.close();
  const folder = join(context.folder, 'fleet-large');
  const { store, firstReportsPerSecond } = await buildFleet(folder, large);
  const states = await store.db
    .selectFrom('status')
    .select(({ fn }) => fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  yield {
    name: `first reports of ${large.computers.toLocaleString('en-US')} computers`,
    ratio: firstReportsPerSecond / reference.firstReportsPerSecond,
    unit: 'of the small fleet',
    details: { 'reports/s': firstReportsPerSecond, states: states.count },
  };
  for (const [name, rate] of Object.entries(await ingest(folder, large, { batches: effort.batches }))) {
    const unit = 'of the small fleet';
    yield { name, ratio: rate / smallRates[name], unit, details: { 'events/s': rate } };
  }
  yield* queries(store, effort.repeats, large);
  yield* decisions(store);
  await store.close();
}

/** Batches as computers send them, through the thread that writes for a server, each on disk. */
async function ingest(
  folder: string,
  size: FleetSize,
  { batches }: { readonly batches: number },
): Promise<Record<string, number>> {
  await using writer = new Writer({
    dataFolder: folder,
    onFailure: (error) => {
      throw error;
    },
  });
  const kinds: Record<string, (computer: number, round: number) => ClientEvent[]> = {
    'scans that report what they reported before': (computer, round) =>
      scanEvents(computer, size, { timeMs: LATER_MS + round, installed: installedShare(size) }),
    'scans that report three updates more as installed': (computer, round) =>
      scanEvents(computer, size, {
        timeMs: LATER_MS + 10_000_000 + round,
        installed: installedShare(size) + 3,
      }),
    'installations of one update': (computer, round) =>
      [167, 162, 181, 183].map((eventId) =>
        fleetEvent(computer, {
          eventId,
          timeMs: LATER_MS + 20_000_000 + round,
          update: { updateId: updateIdOf(listOf(computer, size)[0]), revisionNumber: 1 },
        }),
      ),
    'installations that fail': (computer, round) =>
      [167, 162, 181, 182].map((eventId) =>
        fleetEvent(computer, {
          eventId,
          timeMs: LATER_MS + 30_000_000 + round,
          hresult: eventId === 182 ? -2147023293 : 0,
          update: { updateId: updateIdOf(listOf(computer, size)[1]), revisionNumber: 1 },
        }),
      ),
  };
  const rates: Record<string, number> = {};
  for (const [name, make] of Object.entries(kinds)) {
    // Spread over the whole fleet, each computer at most once as long as there are enough.
    const made = Array.from({ length: batches }, (_, index) => {
      const computer = Math.floor((index * size.computers) / batches) % size.computers;
      return make(computer, index);
    });
    const count = made.reduce((sum, batch) => sum + batch.length, 0);
    const started = performance.now();
    let next = 0;
    const work = async (): Promise<void> => {
      while (next < made.length) {
        const events = made[next++];
        await writer.execute('appendEvents', { receivedMs: LATER_MS + 100_000_000, events });
      }
    };
    await Promise.all(Array.from({ length: 256 }, work));
    rates[name] = count / ((performance.now() - started) / 1000);
  }
  return rates;
}

async function* queries({ db }: Store, repeats: number, size: FleetSize): AsyncGenerator<Line> {
  const computer = clientIdOf(size.computers >> 1);
  const all: Record<string, () => Promise<unknown>> = {
    'a computer': () => computerCompliance(db, computer),
    'the updates of a computer': () => computerStates(db, computer, { limit: 100 }),
    'an update': () => updateCompliance(db, updateIdOf(1)),
    'the whole fleet': () => complianceSummary(db, {}, 'server'),
    'a group': () => complianceSummary(db, { group: groupName(3) }, 'server'),
    'a product': () => complianceSummary(db, { product: productName(3) }, 'server'),
    'a classification': () => complianceSummary(db, { classification: classificationName(1) }, 'server'),
    'every group': () => complianceBy(db, 'group', 'server'),
    'every product': () => complianceBy(db, 'product', 'server'),
    'the 100 updates most needed': () => updateTotals(db, { limit: 100 }),
    'all codes of failures': () => failureTotals(db),
    'updates that wait for a restart': () => pendingReboots(db, { limit: 100 }),
    'computers that do not report': () => silentComputers(db, { beforeMs: LATER_MS, limit: 100 }),
    'a trend of 30 days': () => complianceTrend(db, {}, { days: 30, nowMs: LATER_MS, targeting: 'server' }),
    'the last 100 events of a computer': () => viewEvents(db, { computer, limit: 100 }),
    'the last 100 failures': () => viewEvents(db, { failures: true, limit: 100 }),
  };
  for (const [name, run] of Object.entries(all)) {
    await run();
    const times: number[] = [];
    for (let repeat = 0; repeat < repeats; repeat++) {
      const started = performance.now();
      await run();
      times.push(performance.now() - started);
    }
    const [median, longest] = [times.sort((one, other) => one - other)[repeats >> 1], times.at(-1)!];
    yield {
      name: `asked for ${name}`,
      ratio: median / QUERY_MS,
      unit: `of ${QUERY_MS} ms`,
      details: { 'median ms': median, 'longest ms': longest },
    };
  }
}

async function* decisions({ db }: Store): AsyncGenerator<Line> {
  const updates = Array.from({ length: DECISIONS }, (_, index) => updateIdOf(index));
  const timed = async (work: () => Promise<unknown>): Promise<number> => {
    const started = performance.now();
    await work();
    return performance.now() - started;
  };
  const groups = ['All Computers'];
  const approving = await timed(() =>
    approveUpdates(db, CALLER, { updates, groups, action: 'Install', nowMs: LATER_MS }),
  );
  yield { name: `approving ${DECISIONS} updates`, unit: '', details: { ms: approving } };
  const few = updates.slice(-10);
  const declining = await timed(() =>
    declineUpdates(db, CALLER, { updates: few, declined: true, nowMs: LATER_MS }),
  );
  yield { name: `declining ${few.length} updates with their states`, unit: '', details: { ms: declining } };
}
