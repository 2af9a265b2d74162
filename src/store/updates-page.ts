import { sql, type RawBuilder } from 'kysely';
import { UPDATE_TYPES, type UpdateType } from '../metadata/update-document.ts';
import { parseUpdateId, type UpdateId } from '../metadata/update-identity.ts';
import { searchExpression } from './search-query.ts';
import { type DbOrTx } from './schema.ts';
import { RevisionFlag, UpdateRelation } from './schema/catalogue-tables.ts';
import { SEVERITIES } from './update-index.ts';
import type { ListedUpdate } from './update-list.ts';

/** Whether something is to be done with an update, or it is hidden, or nobody has decided. */
type DecisionState = 'approved' | 'declined' | 'undecided';

export interface UpdatesFilter {
  /** An UpdateID, or words of its title, numbers, categories or drivers, see searchExpression. */
  readonly search?: string;
  readonly type?: UpdateType;
  /** In one of these categories of each list, by number. */
  readonly categories?: readonly (readonly number[])[];
  readonly severity?: (typeof SEVERITIES)[number];
  readonly decision?: DecisionState;
  readonly deployable?: boolean;
  /** Whether an update that is neither declined nor expired takes its place. */
  readonly superseded?: boolean;
  /** Whose newest revision came since then. */
  readonly sinceMs?: number;
}

/** What lists of updates are sorted by; all but the first along an index. */
export const UPDATE_SORTS = ['relevance', 'title', 'importedMs', 'severity'] as const;
type UpdateSort = (typeof UPDATE_SORTS)[number];

export interface UpdatesPage {
  readonly sort: UpdateSort;
  readonly descending: boolean;
  /** Key of the item before the page, see {@link updateKey}. */
  readonly after?: readonly (string | number | null)[];
  readonly limit: number;
}

/** An update of a page, with what is needed to go on behind it and to tell more of it. */
export interface PagedUpdate extends ListedUpdate {
  readonly sortTitle: string;
  /** How well it fits what was searched for: more is better. Null when nothing was. */
  readonly relevance: number | null;
  readonly securityBulletins: readonly string[];
  readonly cves: readonly string[];
  readonly superseded: boolean;
}

/** Words of a title weigh more than those of categories, and a number means this update. */
const WEIGHTS = sql.raw('10.0, 20.0, 2.0, 1.0');

interface Row {
  readonly number: number;
  readonly update_id: UpdateId;
  readonly declined: number;
  readonly id: number;
  readonly revision_number: number;
  readonly type: number;
  readonly title: string;
  readonly sort_title: string;
  readonly kb_articles: string;
  readonly security_bulletins: string;
  readonly cves: string;
  readonly msrc_severity: string | null;
  readonly created_ms: number | null;
  readonly imported_ms: number;
  readonly flags: number;
  readonly relevance: number | null;
  readonly superseded: number;
}

/**
 * A page of the updates that have a published revision. Without a search their relevance is equal, and the titles
 * order them.
 */
export async function readUpdatesPage(
  db: DbOrTx,
  filter: UpdatesFilter,
  page: UpdatesPage,
): Promise<PagedUpdate[]> {
  const found = matching(filter.search);
  if (found === 'nothing') return [];
  const order = orderOf(page, found);
  // Only what is on the page is told in full: sorting carries along what is read of a row.
  const { rows } = await sql<Row>`
    WITH page AS MATERIALIZED (
      SELECT listed.number AS number, listed.revision_id AS revision_id, ${order.column} AS place,
        ${found?.relevance ?? sql`NULL`} AS relevance
      FROM ${found?.source ?? sql``} listed_update AS listed ${found?.join ?? sql``}
      JOIN update_entry ON update_entry.number = listed.number
      JOIN revision ON revision.id = listed.revision_id
      WHERE ${sql.join([...(found?.where ?? []), ...conditions(filter), ...order.after], sql` AND `)}
      ORDER BY ${order.column} ${order.direction}, listed.number ${order.direction} LIMIT ${page.limit})
    SELECT listed.number, update_id, declined, revision.id, revision_number, revision.type, title, sort_title,
      kb_articles, security_bulletins, cves, msrc_severity, created_ms, listed.imported_ms, flags,
      relevance, ${SUPERSEDED} AS superseded
    FROM page JOIN listed_update AS listed ON listed.number = page.number
    JOIN update_entry ON update_entry.number = page.number
    JOIN revision ON revision.id = page.revision_id
    ORDER BY place ${order.direction}, page.number ${order.direction}`.execute(db);
  return rows.map(paged);
}

/** The key of an update in a list with this order. */
export function updateKey(
  { sort }: Pick<UpdatesPage, 'sort'>,
  update: PagedUpdate,
): readonly (string | number | null)[] {
  const { relevance, sortTitle, importedMs, severity, number } = update;
  switch (sort) {
    case 'relevance':
      return relevance === null ? [sortTitle, number] : [relevance, number];
    case 'title':
      return [sortTitle, number];
    case 'importedMs':
      return [importedMs, number];
    case 'severity':
      return [severityRank(severity), number];
  }
}

interface Match {
  readonly source: RawBuilder<unknown>;
  readonly join: RawBuilder<unknown>;
  readonly relevance: RawBuilder<number | null>;
  readonly where: readonly RawBuilder<boolean>[];
  readonly isRanked: boolean;
}

function matching(search: string | undefined): Match | 'nothing' | undefined {
  if (search === undefined || search.trim() === '') return undefined;
  const none = { source: sql``, join: sql``, relevance: sql<null>`NULL`, isRanked: false };
  const updateId = parseUpdateId(search.trim());
  if (updateId !== undefined) return { ...none, where: [sql<boolean>`update_id = ${updateId}`] };
  const expression = searchExpression(search);
  if (expression === undefined) return 'nothing';
  return {
    // The other way round would ask the index for each update.
    source: sql`update_text CROSS JOIN`,
    join: sql`ON listed.number = update_text.rowid`,
    relevance: sql<number>`-bm25(update_text, ${WEIGHTS})`,
    where: [sql<boolean>`update_text MATCH ${expression}`],
    isRanked: true,
  };
}

function orderOf(
  { sort, descending, after }: UpdatesPage,
  found: Match | undefined,
): {
  readonly column: RawBuilder<unknown>;
  readonly direction: RawBuilder<unknown>;
  readonly after: readonly RawBuilder<boolean>[];
} {
  const isRanked = sort === 'relevance' && found?.isRanked === true;
  // Of what fits equally well the first title comes first, so backwards is forwards.
  const isDown = sort === 'relevance' && !isRanked ? !descending : descending;
  const column = isRanked
    ? found.relevance
    : {
        relevance: sql`listed.sort_title`,
        title: sql`listed.sort_title`,
        importedMs: sql`listed.imported_ms`,
        severity: sql`listed.severity`,
      }[sort];
  const direction = sql.raw(isDown ? 'DESC' : 'ASC');
  const beyond = sql.raw(isDown ? '<' : '>');
  const [value = null, number = null] = after ?? [];
  return {
    column,
    direction,
    after:
      after === undefined ? [] : [sql<boolean>`(${column}, listed.number) ${beyond} (${value}, ${number})`],
  };
}

const SUPERSEDED = sql<number>`EXISTS (
  SELECT 1 FROM update_relation AS newer
  JOIN update_entry AS by_entry ON by_entry.number = newer.number
  JOIN listed_update AS by_listed ON by_listed.number = newer.number
  JOIN revision AS by_revision ON by_revision.id = by_listed.revision_id
  WHERE newer.target = listed.number AND newer.kind = ${sql.lit(UpdateRelation.Supersedence)}
    AND by_entry.declined = 0 AND by_revision.flags & ${sql.lit(RevisionFlag.Expired)} = 0)`;

const APPROVED = sql<number>`EXISTS (
  SELECT 1 FROM approval WHERE approval.update_number = listed.number
    AND action IN ('Install', 'OptionalInstall', 'Uninstall'))`;

const DECISIONS: Readonly<Record<DecisionState, RawBuilder<boolean>>> = {
  approved: sql<boolean>`${APPROVED}`,
  declined: sql<boolean>`declined = 1`,
  undecided: sql<boolean>`declined = 0 AND NOT ${APPROVED}`,
};

function conditions(filter: UpdatesFilter): RawBuilder<boolean>[] {
  const { type, categories = [], severity, decision, deployable, superseded, sinceMs } = filter;
  const all: RawBuilder<boolean>[] = [sql<boolean>`1`];
  if (type !== undefined) all.push(sql<boolean>`revision.type = ${UPDATE_TYPES.indexOf(type)}`);
  for (const numbers of categories) {
    all.push(sql<boolean>`listed.number IN (SELECT related.number FROM update_relation AS related
      WHERE related.kind = ${sql.lit(UpdateRelation.Category)}
        AND related.target IN (SELECT value FROM json_each(${JSON.stringify(numbers)})))`);
  }
  if (severity !== undefined) all.push(sql<boolean>`listed.severity = ${SEVERITIES.indexOf(severity)}`);
  if (decision !== undefined) all.push(DECISIONS[decision]);
  if (deployable !== undefined) {
    const flag = sql<boolean>`revision.flags & ${sql.lit(RevisionFlag.ExplicitlyDeployable)} <> 0`;
    all.push(deployable ? flag : sql<boolean>`NOT (${flag})`);
  }
  if (superseded !== undefined)
    all.push(superseded ? sql<boolean>`${SUPERSEDED}` : sql<boolean>`NOT ${SUPERSEDED}`);
  if (sinceMs !== undefined) all.push(sql<boolean>`listed.imported_ms >= ${sinceMs}`);
  return all;
}

/** @returns a position in SEVERITIES */
function severityRank(severity: string | null): number {
  return Math.max(0, SEVERITIES.indexOf(severity as (typeof SEVERITIES)[number]));
}

function paged(row: Row): PagedUpdate {
  return {
    number: row.number,
    updateId: row.update_id,
    revisionNumber: row.revision_number,
    revisionId: row.id,
    type: UPDATE_TYPES[row.type],
    title: row.title,
    kbArticles: words(row.kb_articles),
    severity: row.msrc_severity,
    createdMs: row.created_ms,
    importedMs: row.imported_ms,
    declined: row.declined !== 0,
    deployable: (row.flags & RevisionFlag.ExplicitlyDeployable) !== 0,
    expired: (row.flags & RevisionFlag.Expired) !== 0,
    uninstallable: (row.flags & RevisionFlag.Uninstallable) !== 0,
    sortTitle: row.sort_title,
    relevance: row.relevance,
    securityBulletins: words(row.security_bulletins),
    cves: words(row.cves),
    superseded: row.superseded !== 0,
  };
}

function words(text: string): string[] {
  return text === '' ? [] : text.split(' ');
}
