import type { DbOrTx } from './schema.ts';

export const APPROVAL_REQUEST_STATES = ['waiting', 'confirmed', 'rejected', 'expired'] as const;
export type ApprovalRequestState = (typeof APPROVAL_REQUEST_STATES)[number];

/** An approval that somebody asked for and somebody else decides about. */
export interface StoredApprovalRequest {
  readonly id: number;
  /** What was asked for, as data. */
  readonly body: unknown;
  readonly caller: string;
  /** Tells people apart, whatever they call themselves and however they signed in. */
  readonly person: string;
  /** Expired is what nobody decided about in time, without anything being written then. */
  readonly state: ApprovalRequestState;
  readonly requestedMs: number;
  readonly decidedMs: number | null;
  readonly decidedBy: string | null;
}

export async function insertApprovalRequest(
  db: DbOrTx,
  request: Pick<StoredApprovalRequest, 'body' | 'caller' | 'person' | 'requestedMs'>,
): Promise<number> {
  const { id } = await db
    .insertInto('approval_request')
    .values({
      body: JSON.stringify(request.body),
      caller: request.caller,
      person: request.person,
      state: 'waiting',
      requested_ms: request.requestedMs,
    })
    .returning('id')
    .executeTakeFirstOrThrow();
  return id;
}

/** Requests from one number on, the newest first unless ascending. */
export async function listApprovalRequests(
  db: DbOrTx,
  filter: {
    readonly state?: ApprovalRequestState;
    /** What was asked for before and not decided about has expired. */
    readonly waitingSinceMs: number;
    readonly after?: number;
    readonly descending: boolean;
    readonly limit: number;
  },
): Promise<StoredApprovalRequest[]> {
  const { state, waitingSinceMs, after, descending, limit } = filter;
  const rows = await db
    .selectFrom('approval_request')
    .selectAll()
    .$if(state !== undefined, (query) => query.where('state', '=', state === 'expired' ? 'waiting' : state!))
    .$if(state === 'waiting', (query) => query.where('requested_ms', '>=', waitingSinceMs))
    .$if(state === 'expired', (query) => query.where('requested_ms', '<', waitingSinceMs))
    .$if(after !== undefined, (query) => query.where('id', descending ? '<' : '>', after!))
    .orderBy('id', descending ? 'desc' : 'asc')
    .limit(limit)
    .execute();
  return rows.map((row) => stored(row, waitingSinceMs));
}

export async function readApprovalRequest(
  db: DbOrTx,
  id: number,
  waitingSinceMs: number,
): Promise<StoredApprovalRequest | undefined> {
  const row = await db.selectFrom('approval_request').selectAll().where('id', '=', id).executeTakeFirst();
  return row === undefined ? undefined : stored(row, waitingSinceMs);
}

/** Notes what became of a request. */
export async function decideApprovalRequest(
  db: DbOrTx,
  id: number,
  how: {
    readonly state: 'confirmed' | 'rejected';
    readonly decidedMs: number;
    readonly decidedBy: string;
  },
): Promise<void> {
  await db
    .updateTable('approval_request')
    .set({ state: how.state, decided_ms: how.decidedMs, decided_by: how.decidedBy })
    .where('id', '=', id)
    .execute();
}

function stored(
  row: {
    readonly id: number;
    readonly body: string;
    readonly caller: string;
    readonly person: string;
    readonly state: string;
    readonly requested_ms: number;
    readonly decided_ms: number | null;
    readonly decided_by: string | null;
  },
  waitingSinceMs: number,
): StoredApprovalRequest {
  const isExpired = row.state === 'waiting' && row.requested_ms < waitingSinceMs;
  return {
    id: row.id,
    body: JSON.parse(row.body) as unknown,
    caller: row.caller,
    person: row.person,
    state: isExpired ? 'expired' : (row.state as ApprovalRequestState),
    requestedMs: row.requested_ms,
    decidedMs: row.decided_ms,
    decidedBy: row.decided_by,
  };
}
