import { sql } from 'kysely';
import { UPDATE_TYPES, type UpdateType } from '../metadata/update-document.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { type DbOrTx } from './schema.ts';
import { RevisionFlag } from './schema/catalogue-tables.ts';

/** An update as administrators list it: its latest published revision. */
export interface ListedUpdate {
  readonly number: number;
  readonly updateId: UpdateId;
  readonly revisionNumber: number;
  readonly revisionId: number;
  readonly type: UpdateType;
  readonly title: string;
  readonly kbArticles: readonly string[];
  readonly severity: string | null;
  readonly createdMs: number | null;
  readonly importedMs: number;
  readonly declined: boolean;
  readonly deployable: boolean;
  readonly expired: boolean;
  readonly uninstallable: boolean;
}

export interface UpdateFilter {
  /** Found by an index, whereas text goes through every title. */
  readonly updateId?: UpdateId;
  /** An UpdateID, a KB number with or without "KB", or part of the title. */
  readonly text?: string;
  readonly limit?: number;
}

export async function listUpdates(db: DbOrTx, filter: UpdateFilter): Promise<ListedUpdate[]> {
  let query = db
    .selectFrom('update_entry')
    .innerJoin('revision', 'revision.update_number', 'update_entry.number')
    .select([
      'update_entry.number',
      'update_entry.update_id',
      'update_entry.declined',
      'revision.id',
      'revision.revision_number',
      'revision.type',
      'revision.title',
      'revision.kb_articles',
      'revision.msrc_severity',
      'revision.created_ms',
      'revision.imported_ms',
      'revision.flags',
    ])
    .where('revision.change', 'is not', null)
    .where((eb) =>
      eb(
        'revision.revision_number',
        '=',
        eb
          .selectFrom('revision as newest')
          .select(({ fn }) => fn.max('newest.revision_number').as('highest'))
          .whereRef('newest.update_number', '=', 'update_entry.number')
          .where('newest.change', 'is not', null),
      ),
    )
    .orderBy('revision.title')
    .orderBy('update_entry.update_id');
  const text = filter.text?.trim().toLowerCase();
  if (text !== undefined && text !== '') {
    const kb = text.replace(/^kb/, '');
    query = query.where((eb) =>
      eb.or([
        eb('update_entry.update_id', '=', text),
        eb(sql<string>`lower(revision.title)`, 'like', `%${text.replaceAll(/[%_]/g, '')}%`),
        ...(/^\d+$/.test(kb)
          ? [eb(sql<string>`' ' || revision.kb_articles || ' '`, 'like', `% ${kb} %`)]
          : []),
      ]),
    );
  }
  if (filter.updateId !== undefined) query = query.where('update_entry.update_id', '=', filter.updateId);
  const rows = await query.limit(filter.limit ?? 1_000_000).execute();
  return rows.map((row) => ({
    number: row.number,
    updateId: row.update_id as UpdateId,
    revisionNumber: row.revision_number,
    revisionId: row.id,
    type: UPDATE_TYPES[row.type],
    title: row.title,
    kbArticles: row.kb_articles === '' ? [] : row.kb_articles.split(' '),
    severity: row.msrc_severity,
    createdMs: row.created_ms,
    importedMs: row.imported_ms,
    declined: row.declined !== 0,
    deployable: (row.flags & RevisionFlag.ExplicitlyDeployable) !== 0,
    expired: (row.flags & RevisionFlag.Expired) !== 0,
    uninstallable: (row.flags & RevisionFlag.Uninstallable) !== 0,
  }));
}
