import {
  APPROVAL_ACTIONS,
  type Approval,
  type CatalogRows,
  type DriverRow,
  type NumberedMember,
  type NumberedRelations,
} from '../../src/catalog/catalog-rows.ts';
import type { Guid } from '../../src/soap/simple-type.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import { readCatalogChange } from '../../src/store/catalog-change.ts';
import { tellRelations } from '../../src/store/relations-codec.ts';
import { type Db, type DbOrTx } from '../../src/store/schema.ts';
import { RevisionFlag } from '../../src/store/schema/catalogue-tables.ts';

/** Rows of a store as objects, read without any of what the server reads them with. */

/** Everything a snapshot is built from, read in one transaction so that it fits together. */
export function readCatalogRows(db: Db): Promise<CatalogRows> {
  const transaction = db.transaction().setAccessMode('read only');
  return transaction.execute(async (tx) => ({
    change: await readCatalogChange(tx),
    updates: (await tx.selectFrom('update_entry').selectAll().execute()).map((row) => ({
      number: row.number,
      updateId: row.update_id as UpdateId,
      declined: row.declined !== 0,
      deploymentId: row.deployment_id,
      deploymentMs: row.deployment_ms,
      deploymentChange: row.deployment_change,
    })),
    revisions: (await selectRevisions(tx)).map((row) => ({
      id: row.id,
      update: row.update_number,
      revisionNumber: row.revision_number,
      type: row.type,
      explicitlyDeployable: (row.flags & RevisionFlag.ExplicitlyDeployable) !== 0,
      categoryType: row.category_type,
      coreBytes: row.core_bytes,
      change: row.change ?? 0,
      relations: decodeRelations(row.relations),
    })),
    drivers: await readDrivers(tx),
    groups: (await tx.selectFrom('target_group').selectAll().execute()).map((row) => ({
      id: row.id as Guid,
      name: row.name,
      parentId: row.parent_id as Guid | null,
    })),
    approvals: await readApprovals(tx),
  }));
}

function selectRevisions(db: DbOrTx) {
  return db
    .selectFrom('revision')
    .select([
      'id',
      'update_number',
      'revision_number',
      'type',
      'flags',
      'category_type',
      'core_bytes',
      'change',
      'relations',
    ])
    .where('change', 'is not', null)
    .orderBy('id')
    .execute();
}

async function readDrivers(db: DbOrTx): Promise<DriverRow[]> {
  const rows = await db.selectFrom('driver').selectAll().execute();
  return rows.map((row) => ({
    revisionId: row.revision_id,
    hardwareId: row.hardware_id,
    verDateMs: row.ver_date_ms,
    verVersion: BigInt(row.ver_version),
    whqlDriverId: row.whql_driver_id,
    driverClass: row.class,
    company: '',
    provider: row.provider,
    manufacturer: row.manufacturer,
    model: row.model,
    featureScores: JSON.parse(row.feature_scores) as Record<string, number>,
    distributionComputerHardwareIds: JSON.parse(row.distribution_ids) as Guid[],
    targetComputerHardwareIds: JSON.parse(row.target_ids) as Guid[],
  }));
}

async function readApprovals(db: DbOrTx): Promise<Approval[]> {
  const rows = await db.selectFrom('approval').selectAll().execute();
  return rows.map((row) => ({
    update: row.update_number,
    groupId: row.group_id as Guid,
    action: APPROVAL_ACTIONS.find((action) => action === row.action) ?? 'NotApproved',
    deadlineMs: row.deadline_ms,
    deploymentId: row.deployment_id,
    approvedMs: row.approved_ms,
  }));
}

/** The inverse of encodeRelations. */
export function decodeRelations(bytes: Uint8Array): NumberedRelations {
  const prerequisites: { isCategory: boolean; updates: number[] }[] = [];
  const bundled: NumberedMember[][] = [];
  const superseded: number[] = [];
  let updates: number[] = [];
  let members: NumberedMember[] = [];
  tellRelations(bytes, {
    alternative: (update) => updates.push(update),
    endClause: (isCategory) => {
      prerequisites.push({ isCategory, updates });
      updates = [];
    },
    member: (update, revisionNumber) => members.push({ update, revisionNumber }),
    endMembers: () => {
      bundled.push(members);
      members = [];
    },
    superseded: (update) => superseded.push(update),
  });
  return { prerequisites, bundled, superseded };
}
