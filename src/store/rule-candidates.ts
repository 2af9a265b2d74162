import { sql } from 'kysely';
import type { RuleCandidate } from '../fleet/plan-approvals.ts';
import { parseUpdateDocument, UPDATE_TYPES } from '../metadata/update-document.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { Guid } from '../soap/simple-type.ts';
import { unpack } from './packing.ts';
import { tellRelations } from './relations-codec.ts';
import { type DbOrTx } from './schema.ts';
import { RevisionFlag } from './schema/catalogue-tables.ts';

export interface CandidateQuery {
  /** Only updates that arrived since then. */
  readonly sinceMs: number;
  /** Whether somebody asks about superseded updates: takes a look at the relations of the whole catalogue. */
  readonly superseded: boolean;
  /** Whether somebody asks about languages: takes a look at the document of each candidate. */
  readonly languages: boolean;
}

interface Row {
  readonly number: number;
  readonly update_id: UpdateId;
  readonly revision_id: number;
  readonly type: number;
  readonly title: string;
  readonly kb_articles: string;
  readonly msrc_severity: string | null;
  readonly relations: Uint8Array;
  readonly arrived_ms: number;
  readonly licence: string | null;
}

const DRIVER = UPDATE_TYPES.indexOf('Driver');
const CATEGORY = UPDATE_TYPES.indexOf('Category');

/**
 * Updates that rules may decide about: those that can be approved and are neither declined nor expired. One
 * arrived when clients could first see a revision of it, so a new revision is no new update.
 */
export async function readRuleCandidates(db: DbOrTx, query: CandidateQuery): Promise<RuleCandidate[]> {
  const rows = await readRows(db, query.sinceMs);
  const parents = await readCategoryParents(db);
  const superseded = query.superseded ? await readSuperseded(db) : new Set<number>();
  const classes = await readDriverClasses(db, rows);
  const decisions = await readDecisions(db, rows);
  const candidates: RuleCandidate[] = [];
  for (const row of rows) {
    const decided = decisions.get(row.number);
    candidates.push({
      update: row.number,
      updateId: row.update_id,
      title: row.title,
      kbArticles: row.kb_articles === '' ? [] : row.kb_articles.split(' '),
      severity: row.msrc_severity,
      categories: categoriesOf(row.relations, parents),
      isDriver: row.type === DRIVER,
      driverClasses: classes.get(row.revision_id) ?? [],
      languages: query.languages ? await readLanguages(db, row.revision_id) : [],
      superseded: superseded.has(row.number),
      arrivedMs: row.arrived_ms,
      licence: row.licence,
      decided: decided?.decided ?? new Set(),
      byHand: decided?.byHand ?? new Set(),
    });
  }
  return candidates;
}

async function readRows(db: DbOrTx, sinceMs: number): Promise<Row[]> {
  // Of a large catalogue only what came lately: by the imports since then, whose revisions an index finds.
  const lately = sql`number IN (
    SELECT update_number FROM revision WHERE import_id IN (SELECT id FROM import WHERE finished_ms >= ${sinceMs}))`;
  const { rows } = await sql<Row>`
    SELECT number, update_id, revision.id AS revision_id, type, title, kb_articles, msrc_severity, relations,
      (SELECT coalesce(finished_ms, first.imported_ms) FROM revision AS first
        LEFT JOIN import ON import.id = first.import_id
        WHERE first.update_number = number AND first.change IS NOT NULL
        ORDER BY first.change, first.id LIMIT 1) AS arrived_ms,
      iif(flags & ${RevisionFlag.RequiresEula} <> 0 AND NOT EXISTS (
        SELECT 1 FROM licence WHERE licence.eula_id = coalesce(revision.eula_id, update_id)),
        coalesce(revision.eula_id, update_id), NULL) AS licence
    FROM update_entry
    JOIN revision ON revision.update_number = number
    WHERE declined = 0 AND revision.change IS NOT NULL
      AND flags & ${RevisionFlag.ExplicitlyDeployable} <> 0 AND flags & ${RevisionFlag.Expired} = 0
      AND type IN (${UPDATE_TYPES.indexOf('Software')}, ${DRIVER})
      AND revision_number = (SELECT max(newest.revision_number) FROM revision AS newest
        WHERE newest.update_number = number AND newest.change IS NOT NULL)
      AND ${sinceMs > 0 ? lately : sql`1`}
    ORDER BY title, update_id`.execute(db);
  return rows.filter((row) => row.arrived_ms >= sinceMs);
}

interface CategoryParents {
  readonly ids: ReadonlyMap<number, UpdateId>;
  readonly parents: ReadonlyMap<number, readonly number[]>;
}

async function readCategoryParents(db: DbOrTx): Promise<CategoryParents> {
  const { rows } = await sql<{ number: number; update_id: UpdateId; relations: Uint8Array }>`
    SELECT number, update_id, relations FROM update_entry
    JOIN revision ON update_number = number
    WHERE type = ${sql.lit(CATEGORY)} AND change IS NOT NULL
      AND revision_number = (SELECT max(newest.revision_number) FROM revision AS newest
        WHERE newest.update_number = number AND newest.change IS NOT NULL)`.execute(db);
  return {
    ids: new Map(rows.map((row) => [row.number, row.update_id])),
    parents: new Map(rows.map((row) => [row.number, directCategories(row.relations)])),
  };
}

function categoriesOf(relations: Uint8Array, { ids, parents }: CategoryParents): Set<string> {
  // A list that grows while it is gone through; every category comes once.
  const numbers = [...new Set(directCategories(relations))];
  for (const number of numbers) {
    for (const parent of parents.get(number) ?? []) if (!numbers.includes(parent)) numbers.push(parent);
  }
  return new Set(numbers.flatMap((number) => ids.get(number) ?? []));
}

function directCategories(relations: Uint8Array): number[] {
  const found: number[] = [];
  let clause: number[] = [];
  tellRelations(relations, {
    alternative: (update) => clause.push(update),
    endClause: (isCategory) => {
      if (isCategory) found.push(...clause);
      clause = [];
    },
    member: () => undefined,
    endMembers: () => undefined,
    superseded: () => undefined,
  });
  return found;
}

/** Updates that one that is neither declined nor expired replaces. */
async function readSuperseded(db: DbOrTx): Promise<Set<number>> {
  const { rows } = await sql<{ relations: Uint8Array }>`
    SELECT relations FROM update_entry JOIN revision ON update_number = number
    WHERE declined = 0 AND change IS NOT NULL AND flags & ${RevisionFlag.Expired} = 0
      AND revision_number = (SELECT max(newest.revision_number) FROM revision AS newest
        WHERE newest.update_number = number AND newest.change IS NOT NULL)`.execute(db);
  const superseded = new Set<number>();
  const nothing = (): void => undefined;
  for (const { relations } of rows) {
    tellRelations(relations, {
      alternative: nothing,
      endClause: nothing,
      member: nothing,
      endMembers: nothing,
      superseded: (update) => superseded.add(update),
    });
  }
  return superseded;
}

async function readDriverClasses(db: DbOrTx, rows: readonly Row[]): Promise<Map<number, string[]>> {
  const ids = rows.filter((row) => row.type === DRIVER).map((row) => row.revision_id);
  if (ids.length === 0) return new Map();
  const found = await sql<{ revision_id: number; class: string }>`
    SELECT DISTINCT revision_id, class FROM driver
    WHERE revision_id IN (SELECT value FROM json_each(${JSON.stringify(ids)}))`.execute(db);
  const classes = new Map<number, string[]>();
  for (const row of found.rows)
    classes.set(row.revision_id, [...(classes.get(row.revision_id) ?? []), row.class]);
  return classes;
}

interface Decided {
  readonly decided: Set<Guid>;
  readonly byHand: Set<string>;
}

async function readDecisions(db: DbOrTx, rows: readonly Row[]): Promise<Map<number, Decided>> {
  const numbers = JSON.stringify(rows.map((row) => row.number));
  const { rows: found } = await sql<{ update_number: number; group_id: Guid; source: string | null }>`
    SELECT update_number, group_id, source FROM approval
      WHERE update_number IN (SELECT value FROM json_each(${numbers}))
    UNION ALL
    SELECT update_number, group_id, NULL FROM release
      WHERE update_number IN (SELECT value FROM json_each(${numbers}))`.execute(db);
  const decisions = new Map<number, Decided>();
  for (const row of found) {
    const one = decisions.get(row.update_number) ?? { decided: new Set(), byHand: new Set() };
    decisions.set(row.update_number, one);
    if (row.source !== null) one.decided.add(row.group_id);
    if (row.source === null || row.source === 'manual') one.byHand.add(row.group_id);
  }
  return decisions;
}

/** Languages of the payload, which only the document itself names. */
async function readLanguages(db: DbOrTx, revisionId: number): Promise<readonly string[]> {
  const row = await db
    .selectFrom('document')
    .select('body')
    .where('revision_id', '=', revisionId)
    .executeTakeFirst();
  return row === undefined ? [] : parseUpdateDocument(unpack(row.body)).languages;
}
