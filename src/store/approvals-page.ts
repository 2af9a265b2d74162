import { sql, type RawBuilder } from 'kysely';
import type { ApprovalAction } from '../catalog/catalog-rows.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import type { Guid } from '../soap/simple-type.ts';
import type { DecisionSource, StoredApproval } from './approvals.ts';
import type { DbOrTx } from './schema.ts';
import type { Withheld } from './schema/decision-tables.ts';

/** A decision, wherever it was made. */
export interface ListedApproval extends StoredApproval {
  readonly number: number;
  readonly updateId: UpdateId;
  /** Of the newest published revision. */
  readonly title: string;
}

interface ApprovalsFilter {
  readonly updateNumber?: number;
  readonly groupId?: Guid;
  readonly action?: ApprovalAction;
  /** `manual`, or the beginning of what made it: `rule`, `rollout`. */
  readonly madeBy?: 'manual' | 'rule' | 'rollout';
  /** Whether it takes no effect now. */
  readonly withheld?: boolean;
}

/** What lists of approvals are sorted by; only the first has an index, for the others are rarely asked. */
export const APPROVAL_SORTS = ['approvedMs', 'deadlineMs', 'title', 'groupName'] as const;
type ApprovalSort = (typeof APPROVAL_SORTS)[number];

export interface ApprovalsPage {
  readonly sort: ApprovalSort;
  readonly descending: boolean;
  /** Key of the approval before the page, see {@link approvalKey}. */
  readonly after?: readonly (string | number | null)[];
  readonly limit: number;
}

/** Before the first moment that there is: an approval without a deadline. */
const NO_DEADLINE = -1;

const COLUMNS: Readonly<Record<ApprovalSort, RawBuilder<unknown>>> = {
  approvedMs: sql`approval.approved_ms`,
  deadlineMs: sql`coalesce(approval.deadline_ms, ${sql.lit(NO_DEADLINE)})`,
  title: sql`coalesce(sort_title, '')`,
  groupName: sql`target_group.name COLLATE BINARY`,
};

interface Row {
  readonly number: number;
  readonly update_id: UpdateId;
  readonly title: string;
  readonly group_id: Guid;
  readonly name: string;
  readonly action: ApprovalAction;
  readonly deadline_ms: number | null;
  readonly approved_ms: number;
  readonly source: DecisionSource;
  readonly withheld: Withheld | null;
}

/** A page of what was decided about updates. */
export async function readApprovalsPage(
  db: DbOrTx,
  filter: ApprovalsFilter,
  page: ApprovalsPage,
): Promise<ListedApproval[]> {
  const column = COLUMNS[page.sort];
  const direction = sql.raw(page.descending ? 'DESC' : 'ASC');
  const beyond = sql.raw(page.descending ? '<' : '>');
  const [value = null, number = null, group = null] = page.after ?? [];
  const behind =
    page.after === undefined
      ? sql<boolean>`1`
      : sql<boolean>`(${column}, approval.update_number, approval.group_id) ${beyond}
          (${value}, ${number}, ${group})`;
  const { rows } = await sql<Row>`
    SELECT approval.update_number AS number, update_id, coalesce(sort_title, '') AS title, approval.group_id,
      target_group.name, action, deadline_ms, approved_ms, source, withheld
    FROM approval_in_effect AS approval
    JOIN update_entry ON update_entry.number = approval.update_number
    JOIN target_group ON target_group.id = approval.group_id
    LEFT JOIN listed_update ON listed_update.number = approval.update_number
    WHERE ${sql.join([behind, ...conditions(filter)], sql` AND `)}
    ORDER BY ${column} ${direction}, approval.update_number ${direction}, approval.group_id ${direction}
    LIMIT ${page.limit}`.execute(db);
  return rows.map((row) => ({
    number: row.number,
    updateId: row.update_id,
    title: row.title,
    groupId: row.group_id,
    groupName: row.name,
    action: row.action,
    deadlineMs: row.deadline_ms,
    approvedMs: row.approved_ms,
    source: row.source,
    withheld: row.withheld,
  }));
}

/** The key of an approval in a list with this order. */
export function approvalKey(
  { sort }: Pick<ApprovalsPage, 'sort'>,
  approval: ListedApproval,
): readonly (string | number | null)[] {
  const value = approval[sort] ?? NO_DEADLINE;
  return [value, approval.number, approval.groupId];
}

function conditions({
  updateNumber,
  groupId,
  action,
  madeBy,
  withheld,
}: ApprovalsFilter): RawBuilder<boolean>[] {
  return [
    ...(updateNumber === undefined ? [] : [sql<boolean>`approval.update_number = ${updateNumber}`]),
    ...(groupId === undefined ? [] : [sql<boolean>`approval.group_id = ${groupId}`]),
    ...(action === undefined ? [] : [sql<boolean>`action = ${action}`]),
    ...(madeBy === undefined
      ? []
      : [madeBy === 'manual' ? sql<boolean>`source = 'manual'` : sql<boolean>`source LIKE ${`${madeBy}:%`}`]),
    ...(withheld === undefined
      ? []
      : [withheld ? sql<boolean>`withheld IS NOT NULL` : sql<boolean>`withheld IS NULL`]),
  ];
}
