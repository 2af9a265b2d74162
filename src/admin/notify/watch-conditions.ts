import {
  findingData,
  FINDING_EVENTS,
  ITEMS_NAMED,
  NOTIFICATION_EVENTS,
  type NotificationData,
  type NotificationEvent,
} from '../../fleet/notification-event.ts';
import { listComputers } from '../../store/computer-list.ts';
import { failingUpdates } from '../../store/failing-updates.ts';
import { notify, subscribersOf } from '../../store/notifications.ts';
import type { Db, DbOrTx, Tx } from '../../store/schema.ts';
import { forgetConditions, noteConditions, type Holding } from '../../store/told-conditions.ts';
import { findFindings } from '../findings.ts';
import { inTransaction } from '../dry-run.ts';

/** From when on something is told; 0 for never. */
export interface WatchOptions {
  /** Computers on which an update failed. */
  readonly failedComputers: number;
  /** Of the disk with the data folder. */
  readonly diskFreePercent: number;
  /** How long notifications are kept. */
  readonly keepDays: number;
  /** Before a certificate ends. */
  readonly certificateDays: number;
  /** Certificates that do not renew themselves. */
  readonly certificates: () => Promise<readonly WatchedCertificate[]>;
  readonly disk: () => Promise<{ readonly freeBytes: number; readonly totalBytes: number }>;
}

export type WatchedCertificate = NotificationData<'certificate.expiring'>['certificates'][number];

const DAY_MS = 86_400_000;

/** Percent by which a disk must have more than the limit before it can be low again. */
const DISK_SLACK = 2;

/**
 * Looks at what is a state rather than something that happens, and tells of what has come to hold since the last
 * look. Nothing is looked at that nobody wants to hear of.
 */
export async function watchConditions(db: Db, options: WatchOptions, nowMs: number): Promise<void> {
  await watchFindings(db, nowMs);
  await watchUpdates(db, options, nowMs);
  await watchDisk(db, options, nowMs);
  await watchCertificates(db, options, nowMs);
  const unwanted: NotificationEvent[] = [];
  for (const event of Object.keys(NOTIFICATION_EVENTS) as NotificationEvent[])
    if (!(await isWanted(db, event))) unwanted.push(event);
  await inTransaction(db, false, (tx) => forgetConditions(tx, unwanted));
}

async function watchFindings(db: Db, nowMs: number): Promise<void> {
  const wanted = new Set<NotificationEvent>();
  for (const [, event] of FINDING_EVENTS) if (await isWanted(db, event)) wanted.add(event);
  if (wanted.size === 0) return;
  // Goes through all computers: before the transaction, so that nobody waits for it.
  const findings = Map.groupBy(await findFindings(db, { nowMs }), (one) => one.kind);
  for (const [kind, event] of FINDING_EVENTS) {
    if (!wanted.has(event)) continue;
    const found = findings.get(kind) ?? [];
    const clientIds = found.map((one) => one.clientId);
    await tellNew(db, event, { begun: clientIds, notEnded: clientIds }, nowMs, async (tx, begun) => {
      const fresh = found.filter((one) => begun.has(one.clientId));
      const shown = fresh.slice(0, ITEMS_NAMED);
      const rows = await listComputers(tx, { clientIds: shown.map((one) => one.clientId) });
      const names = new Map(rows.map((row) => [row.client_id, row.dns_name]));
      const computers = shown.map(({ clientId, firstMs }) => ({
        clientId,
        name: names.get(clientId) ?? clientId,
        sinceMs: firstMs,
      }));
      return findingData(kind, computers, fresh.length);
    });
  }
}

async function watchUpdates(db: Db, { failedComputers }: WatchOptions, nowMs: number): Promise<void> {
  if (failedComputers === 0 || !(await isWanted(db, 'update.failing'))) return;
  // Told again only after half of them recovered: numbers near the limit go up and down.
  const failing = await failingUpdates(db, Math.ceil(failedComputers / 2));
  const over = failing.filter((one) => one.failed >= failedComputers);
  const holding = { begun: over.map((one) => one.updateId), notEnded: failing.map((one) => one.updateId) };
  await tellNew(db, 'update.failing', holding, nowMs, async (_tx, begun) => {
    const fresh = over.filter((one) => begun.has(one.updateId));
    return { count: fresh.length, updates: fresh.slice(0, ITEMS_NAMED) };
  });
}

async function watchDisk(db: Db, { diskFreePercent, disk }: WatchOptions, nowMs: number): Promise<void> {
  if (diskFreePercent === 0 || !(await isWanted(db, 'disk.low'))) return;
  const free = await disk();
  const percent = (100 * free.freeBytes) / Math.max(1, free.totalBytes);
  const holding = {
    begun: percent < diskFreePercent ? ['data'] : [],
    notEnded: percent < diskFreePercent + DISK_SLACK ? ['data'] : [],
  };
  await tellNew(db, 'disk.low', holding, nowMs, async () => free);
}

async function watchCertificates(db: Db, options: WatchOptions, nowMs: number): Promise<void> {
  const { certificateDays, certificates } = options;
  if (certificateDays === 0 || !(await isWanted(db, 'certificate.expiring'))) return;
  const ending = (await certificates()).filter((one) => one.endMs < nowMs + certificateDays * DAY_MS);
  const keyOf = ({ file, endMs }: WatchedCertificate): string => `${file} ${endMs}`;
  const keys = ending.map(keyOf);
  await tellNew(db, 'certificate.expiring', { begun: keys, notEnded: keys }, nowMs, async (_tx, begun) => {
    const fresh = ending.filter((one) => begun.has(keyOf(one)));
    return { count: fresh.length, certificates: fresh.slice(0, ITEMS_NAMED) };
  });
}

async function isWanted(db: DbOrTx, event: NotificationEvent): Promise<boolean> {
  return (await subscribersOf(db, event)).length > 0;
}

async function tellNew<Event extends NotificationEvent>(
  db: Db,
  event: Event,
  holding: Holding,
  nowMs: number,
  dataOf: (tx: Tx, begun: ReadonlySet<string>) => Promise<NotificationData<Event>>,
): Promise<void> {
  await inTransaction(db, false, async (tx) => {
    const begun = await noteConditions(tx, event, holding, nowMs);
    if (begun.size > 0) await notify(tx, event, nowMs, () => dataOf(tx, begun));
  });
}
