import { join } from 'node:path';
import { complianceSummary } from '../../admin/compliance.ts';
import type { ComplianceSummary } from '../../admin/compliance-summary.ts';
import { viewRefusals } from '../../admin/events.ts';
import { databasePath } from '../../store/connect.ts';
import { readImportTimes } from '../../store/import-times.ts';
import type { Db } from '../../store/schema.ts';
import { folderBytes, freeBytes, sizeOf } from './disk-use.ts';
import { single, type Collectors, type Sample } from './metric.ts';
import type { STORE_METRICS } from './store-metrics.ts';

export interface StoreFigures {
  readonly db: Db;
  readonly dataFolder: string;
  readonly now: () => number;
}

/** However often somebody asks, the store is asked once in this time. */
const KEPT_MS = 10_000;
/** Walking through a hundred thousand files takes a second. */
const CONTENT_KEPT_MS = 10 * 60_000;

/** The figures of the store. */
export function storeCollectors({ db, dataFolder, now }: StoreFigures): Collectors<typeof STORE_METRICS> {
  const content = join(dataFolder, 'content');
  const compliance = kept(now, KEPT_MS, () => complianceSummary(db, {}, 'server'));
  const imports = kept(now, KEPT_MS, () => readImportTimes(db));
  const refusals = kept(now, KEPT_MS, () => viewRefusals(db));
  const contentBytes = kept(now, CONTENT_KEPT_MS, () => folderBytes(content));
  const summary = (samples: (summary: ComplianceSummary) => Sample[]) => async () =>
    samples(await compliance());
  return {
    oakum_computers: summary(({ computers }) => single(computers)),
    oakum_updates: summary(({ updates }) => single(updates)),
    oakum_computers_with: summary((one) =>
      byLabel('state', {
        needed: one.withNeeded,
        failed: one.withFailed,
        pendingReboot: one.withPendingReboot,
        none: one.withNone,
      }),
    ),
    oakum_compliance_pairs: summary(
      ({ unknown, notApplicable, needed, downloaded, installed, failed, pendingReboot }) =>
        byLabel('state', { unknown, notApplicable, needed, downloaded, installed, failed, pendingReboot }),
    ),
    oakum_event_refusals_total: async () =>
      (await refusals()).map(({ code, events }) => ({ labels: { code }, value: events })),
    oakum_last_import_timestamp_seconds: async () => {
      const { lastMs } = await imports();
      return lastMs === null ? [] : single(lastMs / 1000);
    },
    oakum_imports_unfinished: async () => single((await imports()).unfinished.length),
    oakum_store_bytes: async () =>
      byLabel('part', {
        database: await sizeOf(databasePath(dataFolder)),
        log: await sizeOf(`${databasePath(dataFolder)}-wal`),
        content: await contentBytes(),
      }),
    oakum_disk_free_bytes: async () =>
      byLabel('folder', { data: await freeBytes(dataFolder), content: await freeBytes(content) }),
  };
}

function byLabel(label: string, values: Readonly<Record<string, number>>): Sample[] {
  return Object.entries(values).map(([name, value]) => ({ labels: { [label]: name }, value }));
}

/** What a question comes to, asked again only when the answer has become old; at once by however many. */
function kept<T>(now: () => number, forMs: number, ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  let askedMs = 0;
  return () => {
    const age = now() - askedMs;
    // A clock that was set back must not keep an answer for ever.
    if (answer !== undefined && age >= 0 && age < forMs) return answer;
    askedMs = now();
    const asked = ask();
    answer = asked;
    asked.catch(() => {
      if (answer === asked) answer = undefined;
    });
    return asked;
  };
}
