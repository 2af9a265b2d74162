import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import {
  APPROVAL_ACTIONS,
  type Approval,
  type DriverRow,
  type GroupRow,
  type UpdateRow,
} from '../catalog/catalog-rows.ts';
import { SnapshotBuilder } from '../catalog/snapshot-builder.ts';
import { nextSnapshot, type CatalogSnapshot, type SnapshotChange } from '../catalog/snapshot.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { Guid } from '../soap/simple-type.ts';
import { tellRelations } from './relations-codec.ts';
import { RevisionFlag } from './schema/catalogue-tables.ts';

type Row = readonly SQLOutputValue[];

const SQL = {
  change: `SELECT value FROM sequence WHERE name = 'catalog_change'`,
  identity: `SELECT value FROM server WHERE key = 'identity'`,
  /** All there are, those not published, and those of these up to an id; the second and third by an index. */
  counts: `SELECT (SELECT count(*) FROM revision),
    (SELECT count(*) FROM revision INDEXED BY revision_staged WHERE change IS NULL),
    (SELECT count(*) FROM revision INDEXED BY revision_staged WHERE change IS NULL AND id <= ?),
    (SELECT coalesce(max(number), 0) FROM update_entry)`,
  revisions: `SELECT id, update_number, revision_number, type, flags, category_type, core_bytes, change, relations
    FROM revision WHERE id > ? AND change IS NOT NULL ORDER BY id`,
  newUpdates: `SELECT number, update_id, declined, deployment_id, deployment_ms, deployment_change
    FROM update_entry WHERE number > ?`,
  changedUpdates: `SELECT number, update_id, declined, deployment_id, deployment_ms, deployment_change
    FROM update_entry WHERE deployment_change > ? AND number <= ?`,
  drivers: `SELECT revision_id, hardware_id, ver_date_ms, ver_version, whql_driver_id, class, provider, manufacturer,
    model, feature_scores, distribution_ids, target_ids
    FROM driver WHERE revision_id > ? ORDER BY revision_id, rowid`,
  groups: `SELECT id, name, parent_id FROM target_group`,
  approvals: `SELECT update_number, group_id, iif(withheld IS NULL, action, 'NotApproved'), deadline_ms,
      deployment_id, approved_ms
    FROM approval_in_effect ORDER BY update_number, group_id`,
} as const;

/** What was read so far. */
interface Known {
  readonly builder: SnapshotBuilder;
  readonly identity: string;
  readonly change: number;
  readonly lastRevision: number;
  readonly lastUpdate: number;
  /** Published ones. */
  readonly revisions: number;
  /** Ids up to `lastRevision` that belong to unfinished imports: only these could still come in between. */
  readonly stagedBefore: number;
}

/**
 * Reads generations of the catalogue from a store, straight into the builder's arrays: the first as a
 * whole (about 2 µs per revision), further ones as far as something changed. When only decisions
 * changed, no revision is read again; newly published ones are appended; anything else, such as a deleted
 * revision or another server's identity, is a new beginning.
 */
export class SnapshotReader {
  readonly #database: DatabaseSync;
  #known: Known | undefined;

  /** @param database any connection; it is used within one synchronous transaction at a time */
  constructor(database: DatabaseSync) {
    this.#database = database;
  }

  /** What changed since the last call, or undefined when nothing did. The first time it is everything. */
  read(): SnapshotChange | undefined {
    const known = this.#known;
    // A reader that failed half-way has half of the rows in its builder.
    this.#known = undefined;
    this.#database.exec('BEGIN');
    try {
      const { next, change } = this.#advance(known);
      this.#known = next;
      return change;
    } finally {
      this.#database.exec('COMMIT');
    }
  }

  #advance(known: Known | undefined): { readonly next: Known; readonly change: SnapshotChange | undefined } {
    const change = Number(this.#row(SQL.change)[0]);
    const identity = String(this.#row(SQL.identity)[0]);
    if (known === undefined || known.identity !== identity || known.change > change) {
      return this.#append(emptyKnown(identity), change);
    }
    if (known.change === change) return { next: known, change: undefined };
    const { published, stagedBefore } = this.#counts(known.lastRevision);
    const inBetween = stagedBefore !== known.stagedBefore;
    if (inBetween || published < known.revisions) return this.#append(emptyKnown(identity), change);
    const appended = this.#append(known, change);
    // Fewer than there should be: some are gone while others came.
    return appended.next.revisions === published ? appended : this.#append(emptyKnown(identity), change);
  }

  #append(known: Known, change: number): { readonly next: Known; readonly change: SnapshotChange } {
    const { builder, lastRevision, lastUpdate } = known;
    const { published, updates } = this.#counts(lastRevision);
    builder.expect({ revisions: published - known.revisions, updates: updates - lastUpdate });
    for (const row of this.#rows(SQL.changedUpdates, known.change, lastUpdate))
      builder.putUpdate(updateRow(row));
    for (const row of this.#rows(SQL.newUpdates, lastUpdate)) builder.putUpdate(updateRow(row));
    let revisions = known.revisions;
    let last = lastRevision;
    for (const row of this.#rows(SQL.revisions, lastRevision)) {
      last = row[0] as number;
      revisions++;
      addRevision(builder, row);
    }
    for (const row of this.#rows(SQL.drivers, lastRevision)) builder.addDriver(driverRow(row));
    const built = builder.build({
      change,
      groups: each(this.#rows(SQL.groups), groupRow),
      approvals: each(this.#rows(SQL.approvals), approval),
    });
    const { stagedBefore } = this.#counts(last);
    const next = { ...known, change, lastRevision: last, lastUpdate: updates, revisions, stagedBefore };
    return { next, change: built };
  }

  #counts(lastRevision: number) {
    const [all, staged, stagedBefore, updates] = this.#row(SQL.counts, lastRevision) as number[];
    return { published: all - staged, stagedBefore, updates };
  }

  // Not by iterating: a statement that is not run to its end holds its view of the store.
  #row(sql: string, ...parameters: readonly number[]): Row {
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    return (statement.get(...parameters) ?? []) as unknown as Row;
  }

  #rows(sql: string, ...parameters: readonly number[]): Iterable<Row> {
    const statement = this.#database.prepare(sql);
    statement.setReturnArrays(true);
    return statement.iterate(...parameters) as unknown as Iterable<Row>;
  }
}

/** The catalogue as it is now, for whoever needs it once. */
export function readSnapshot(database: DatabaseSync): CatalogSnapshot {
  return nextSnapshot(undefined, new SnapshotReader(database).read()!);
}

function* each<T>(rows: Iterable<Row>, make: (row: Row) => T): Generator<T> {
  for (const row of rows) yield make(row);
}

function emptyKnown(identity: string): Known {
  const builder = new SnapshotBuilder();
  return { builder, identity, change: 0, lastRevision: 0, lastUpdate: 0, revisions: 0, stagedBefore: 0 };
}

function addRevision(builder: SnapshotBuilder, row: Row): void {
  builder.addRevision(
    {
      id: row[0] as number,
      update: row[1] as number,
      revisionNumber: row[2] as number,
      type: row[3] as number,
      explicitlyDeployable: ((row[4] as number) & RevisionFlag.ExplicitlyDeployable) !== 0,
      categoryType: row[5] as string | null,
      coreBytes: row[6] as number,
      change: row[7] as number,
    },
    (sink) => tellRelations(row[8] as Uint8Array, sink),
  );
}

function updateRow(row: Row): UpdateRow {
  return {
    number: row[0] as number,
    updateId: row[1] as UpdateId,
    declined: row[2] !== 0,
    deploymentId: row[3] as number,
    deploymentMs: row[4] as number,
    deploymentChange: row[5] as number,
  };
}

function driverRow(row: Row): DriverRow {
  return {
    revisionId: row[0] as number,
    hardwareId: row[1] as string,
    verDateMs: row[2] as number,
    verVersion: BigInt(row[3] as string),
    whqlDriverId: row[4] as number,
    driverClass: row[5] as string,
    company: '',
    provider: row[6] as string,
    manufacturer: row[7] as string,
    model: row[8] as string,
    featureScores: JSON.parse(row[9] as string) as Record<string, number>,
    distributionComputerHardwareIds: JSON.parse(row[10] as string) as Guid[],
    targetComputerHardwareIds: JSON.parse(row[11] as string) as Guid[],
  };
}

function groupRow(row: Row): GroupRow {
  return { id: row[0] as Guid, name: row[1] as string, parentId: row[2] as Guid | null };
}

function approval(row: Row): Approval {
  return {
    update: row[0] as number,
    groupId: row[1] as Guid,
    action: APPROVAL_ACTIONS.find((action) => action === row[2]) ?? 'NotApproved',
    deadlineMs: row[3] as number | null,
    deploymentId: row[4] as number,
    approvedMs: row[5] as number,
  };
}
