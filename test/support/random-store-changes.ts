import { randomUUID } from 'node:crypto';
import { APPROVAL_ACTIONS } from '../../src/catalog/catalog-rows.ts';
import type { Relations } from '../../src/metadata/relations.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';
import type { Guid } from '../../src/soap/simple-type.ts';
import { putApproval, removeApproval, setDeclined, touchDeployments } from '../../src/store/approvals.ts';
import { recountUpdates } from '../../src/store/counted-updates.ts';
import { deleteGroup, insertGroup } from '../../src/store/groups.ts';
import { publishImport } from '../../src/store/imports.ts';
import { encodeRelations } from '../../src/store/relations-codec.ts';
import type { Tx } from '../../src/store/schema.ts';
import { advance } from '../../src/store/sequence.ts';
import { numberUpdates } from '../../src/store/update-numbers.ts';
import type { TempStore } from './temp-store.ts';

/** Something that becomes of a store. Numbers are made out by what is there. */
export interface StoreChange {
  readonly does: string;
  readonly import?: number;
  readonly revisions?: readonly number[];
  readonly update?: number;
  readonly group?: number;
  readonly revision?: number;
}

const IMPORTS = 3;
const UPDATES = 40;

/** Makes drawn changes to a store as imports and administrators do, without documents. */
export class StoreChanges {
  readonly #temp: TempStore;
  #count = 0;

  constructor(temp: TempStore) {
    this.#temp = temp;
  }

  /** The time of the next change is after this. */
  advanceTo(ms: number): void {
    this.#count = Math.max(this.#count, ms);
  }

  async make(change: StoreChange): Promise<void> {
    this.#count++;
    await this.#temp.db.transaction().execute(async (tx) => {
      if (change.does === 'stage') {
        for (const drawn of change.revisions ?? []) await this.#stage(tx, change.import ?? 0, drawn);
      } else if (change.does === 'publish')
        await publishImport(tx, await this.#importId(tx, change.import ?? 0), this.#count);
      else if (change.does.endsWith('Group')) await this.#changeGroups(tx, change);
      else if (change.does === 'deleteRevision') await this.#deleteRevision(tx, change.revision ?? 0);
      else if (change.does === 'changeIdentity') {
        await tx.updateTable('server').set({ value: randomUUID() }).where('key', '=', 'identity').execute();
      } else await this.#decide(tx, change);
    });
  }

  async #importId(tx: Tx, number: number): Promise<number> {
    const id = 1 + (number % IMPORTS);
    await tx
      .insertInto('import')
      .values({ id, source: `import ${id}`, started_ms: 1, finished_ms: null })
      .onConflict((conflict) => conflict.doNothing())
      .execute();
    return id;
  }

  /** One more revision: which update, and what it refers to, all by one number. */
  async #stage(tx: Tx, importNumber: number, drawn: number): Promise<void> {
    const idOf = (number: number): UpdateId =>
      `50000000-0000-4000-8000-${String(number % UPDATES).padStart(12, '0')}` as UpdateId;
    const other = idOf(drawn * 7 + 1);
    const relations: Relations = {
      prerequisites:
        drawn % 3 === 0 ? [] : [{ isCategory: drawn % 2 === 0, updateIds: [other, idOf(drawn + 3)] }],
      bundled:
        drawn % 5 === 0
          ? [[{ updateId: idOf(drawn + 1), revisionNumber: drawn % 2 === 0 ? undefined : drawn % 4 }]]
          : [],
      superseded: drawn % 4 === 0 ? [other] : [],
    };
    const ids = new Set([idOf(drawn), idOf(drawn + 1), idOf(drawn + 3), other]);
    const numbers = await numberUpdates(tx, ids);
    const number = numbers.get(idOf(drawn))!;
    const known = await tx
      .selectFrom('revision')
      .select(({ fn }) => fn.max('revision_number').as('highest'))
      .where('update_number', '=', number)
      .executeTakeFirst();
    const { id } = await tx
      .insertInto('revision')
      .values({
        update_number: number,
        revision_number: (known?.highest ?? 0) + 1,
        type: drawn % 4,
        flags: drawn % 5 === 0 ? 0 : 1,
        relations: encodeRelations(relations, (updateId) => numbers.get(updateId)!),
        core_bytes: drawn,
        imported_ms: 1,
        change: null,
        import_id: await this.#importId(tx, importNumber),
        created_ms: null,
        title: '',
        default_language: 'en',
        category_type: ['Product', 'UpdateClassification', 'Company', null][drawn % 4],
        handler: null,
        msrc_severity: null,
        kb_articles: '',
        security_bulletins: '',
        cves: '',
        eula_id: null,
      })
      .returning('id')
      .executeTakeFirstOrThrow();
    for (let count = 0; count < drawn % 3; count++) await this.#addDriver(tx, id, drawn + count);
  }

  async #addDriver(tx: Tx, revisionId: number, drawn: number): Promise<void> {
    await tx
      .insertInto('driver')
      .values({
        revision_id: revisionId,
        hardware_id: `PCI\\${drawn % 5}`,
        ver_date_ms: drawn,
        ver_version: String(drawn),
        whql_driver_id: drawn,
        class: drawn % 2 === 0 ? 'Printer' : 'Net',
        provider: 'Contoso',
        manufacturer: `Maker ${drawn % 3}`,
        model: '',
        feature_scores: JSON.stringify({ 'amd64.10.0': drawn % 256 }),
        distribution_ids: '[]',
        target_ids: '[]',
      })
      .execute();
  }

  async #decide(tx: Tx, { does, update = 0, group = 0 }: StoreChange): Promise<void> {
    const numbers = await tx.selectFrom('update_entry').select('number').orderBy('number').execute();
    const groups = await tx.selectFrom('target_group').select('id').orderBy('id').execute();
    if (numbers.length === 0) return;
    const { number } = numbers[update % numbers.length];
    const groupId = groups[group % groups.length].id as Guid;
    if (does === 'approve') {
      const action = APPROVAL_ACTIONS[update % APPROVAL_ACTIONS.length];
      const deadlineMs = group % 2 === 0 ? group : null;
      await putApproval(tx, { updateNumber: number, groupId, action, deadlineMs, nowMs: this.#count });
    } else if (does === 'withdraw') await removeApproval(tx, number, groupId);
    else await setDeclined(tx, number, does === 'decline', this.#count);
    await touchDeployments(tx, [number], this.#count);
  }

  async #changeGroups(tx: Tx, { does, group = 0 }: StoreChange): Promise<void> {
    const groups = await tx.selectFrom('target_group').select('id').orderBy('id').execute();
    const parentId = groups[group % groups.length].id as Guid;
    if (does === 'addGroup') {
      await insertGroup(tx, { id: randomUUID() as Guid, name: `Group ${this.#count}`, parentId });
      return;
    }
    const all = await tx.selectFrom('target_group').selectAll().orderBy('id').execute();
    const leaf = all.find(
      (one) => one.name.startsWith('Group ') && all.every((two) => two.parent_id !== one.id),
    );
    if (leaf !== undefined) await deleteGroup(tx, leaf.id as Guid);
  }

  async #deleteRevision(tx: Tx, drawn: number): Promise<void> {
    const published = await tx
      .selectFrom('revision')
      .select(['id', 'update_number'])
      .where('change', 'is not', null)
      .execute();
    if (published.length === 0) return;
    const { id, update_number: number } = published[drawn % published.length];
    await tx.deleteFrom('revision').where('id', '=', id).execute();
    await recountUpdates(tx, [number], this.#count);
    await advance(tx, 'catalog_change');
  }
}
