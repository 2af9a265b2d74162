import type { ApprovalAction } from '../catalog/catalog-rows.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { ALL_COMPUTERS } from '../fleet/server-state.ts';
import {
  decideApprovalRequest,
  insertApprovalRequest,
  listApprovalRequests,
  readApprovalRequest,
  type ApprovalRequestState,
  type StoredApprovalRequest,
} from '../store/approval-requests.ts';
import { appendAudit } from '../store/audit.ts';
import type { DbOrTx, Tx } from '../store/schema.ts';
import { approveUpdates, installs, type ApprovalOutcome, type ApprovalRequest } from './approvals.ts';
import { inTransaction } from './dry-run.ts';
import { findGroup } from './groups.ts';
import { atLeast, type Principal } from './identity/roles.ts';

/** Whoever asked has forgotten why by then, and the updates have changed. */
const WAITS_MS = 7 * 24 * 3_600_000;

/** What is asked for: ids, because words may mean something else by the time somebody confirms them. */
interface WantedApproval {
  /** With what they were called when it was asked for. */
  readonly updates: readonly {
    readonly updateId: string;
    readonly revisionNumber: number;
    readonly title: string;
  }[];
  readonly groups: readonly { readonly id: string; readonly name: string }[];
  readonly action: ApprovalAction;
  readonly deadlineMs: number | null;
  readonly acceptLicence: boolean;
}

/** A request that waits for somebody else, or did. */
export interface ApprovalRequestView extends WantedApproval {
  readonly id: number;
  readonly state: ApprovalRequestState;
  readonly requestedBy: string;
  readonly requestedMs: number;
  /** When nobody can confirm it any more. */
  readonly expiresMs: number;
  readonly decidedBy: string | null;
  readonly decidedMs: number | null;
}

/** What became of a wish to approve: it was done, or it waits. */
export interface RequestedApproval extends ApprovalOutcome {
  readonly request: ApprovalRequestView | null;
}

/**
 * Approves updates, or, when it brings them onto all computers and the house wants two people for that, asks for it.
 * What could not be approved is refused now, not when somebody confirms it.
 *
 * @throws OakumError as {@link approveUpdates}
 */
export async function approveOrRequest(
  db: DbOrTx,
  principal: Principal,
  request: ApprovalRequest,
  house: { readonly secondPerson: boolean },
): Promise<RequestedApproval> {
  return inTransaction(db, request.dryRun, async (tx) => {
    const groups: WantedApproval['groups'][number][] = [];
    for (const name of request.groups) groups.push(await findGroup(tx, name));
    const concernsEverybody = groups.some((group) => group.id === ALL_COMPUTERS);
    if (!house.secondPerson || !concernsEverybody || !installs(request.action))
      return { ...(await approveUpdates(tx, principal, request)), request: null };
    const { action, deadlineMs, acceptLicence, nowMs } = request;
    const outcome = await approveUpdates(tx, principal, { ...request, dryRun: true });
    const wanted: WantedApproval = {
      updates: outcome.updates.map(({ updateId, revisionNumber, title }) => ({
        updateId,
        revisionNumber,
        title,
      })),
      groups: groups.map(({ id, name }) => ({ id, name })),
      action,
      deadlineMs: deadlineMs ?? null,
      acceptLicence: acceptLicence ?? false,
    };
    const id = await insertApprovalRequest(tx, {
      body: wanted,
      caller: principal.name,
      person: personOf(principal),
      requestedMs: nowMs,
    });
    await audit(tx, principal, nowMs, 'request', id, wanted);
    return { ...outcome, request: await showApprovalRequest(tx, id, nowMs) };
  });
}

/**
 * Keeps a rule or a ring, which goes on by itself, from being a way around the second person: where the house wants
 * two, those that bring updates onto all computers are made by administrators, who decide about that wish, too.
 *
 * @param made with its groups by name or id
 * @throws OakumError OAK_FORBIDDEN
 */
export async function requireMayReach(
  db: DbOrTx,
  principal: Principal,
  made: { readonly groups: readonly string[]; readonly action: ApprovalAction },
  house: { readonly secondPerson: boolean },
): Promise<void> {
  if (!house.secondPerson || atLeast(principal.role, 'administrator') || !installs(made.action)) return;
  for (const name of made.groups) {
    if ((await findGroup(db, name)).id !== ALL_COMPUTERS) continue;
    throw new OakumError('OAK_FORBIDDEN', {
      detail:
        'As approvals.secondPerson is on, what brings updates onto All Computers by itself needs the role administrator.',
    });
  }
}

export interface ApprovalRequestQuery {
  readonly state?: ApprovalRequestState;
  /** Behind the request with this number. */
  readonly after?: number;
  readonly descending: boolean;
  readonly limit: number;
  readonly nowMs: number;
}

/** Requests by their number. */
export async function viewApprovalRequests(
  db: DbOrTx,
  { nowMs, ...filter }: ApprovalRequestQuery,
): Promise<ApprovalRequestView[]> {
  return (await listApprovalRequests(db, { ...filter, waitingSinceMs: nowMs - WAITS_MS })).map(viewOf);
}

/** @throws OakumError OAK_APPROVAL_REQUEST_UNKNOWN */
export async function showApprovalRequest(
  db: DbOrTx,
  id: number,
  nowMs: number,
): Promise<ApprovalRequestView> {
  return viewOf(await requireRequest(db, id, nowMs));
}

/** Which request, decided by whom and when. */
export interface RequestDecision {
  readonly id: number;
  readonly dryRun?: boolean;
  readonly nowMs: number;
}

/** An approval that was asked for, and confirmed. */
export interface ConfirmedApproval extends ApprovalOutcome {
  readonly request: ApprovalRequestView;
}

/**
 * Approves what somebody else asked for.
 *
 * @throws OakumError OAK_SECOND_PERSON, OAK_APPROVAL_REQUEST_UNKNOWN, OAK_APPROVAL_REQUEST_DECIDED, and as
 *   {@link approveUpdates}: much may have changed since
 */
export async function confirmApproval(
  db: DbOrTx,
  principal: Principal,
  { id, dryRun, nowMs }: RequestDecision,
): Promise<ConfirmedApproval> {
  return inTransaction(db, dryRun, async (tx) => {
    const { person, caller, body } = await requireWaiting(tx, id, nowMs);
    if (person === personOf(principal)) throw new OakumError('OAK_SECOND_PERSON');
    const { updates, groups, deadlineMs, ...wanted } = body as WantedApproval;
    const outcome = await approveUpdates(tx, principal, {
      ...wanted,
      updates: updates.map((update) => update.updateId),
      groups: groups.map((group) => group.id),
      ...(deadlineMs === null ? {} : { deadlineMs }),
      nowMs,
    });
    await decideApprovalRequest(tx, id, { state: 'confirmed', decidedMs: nowMs, decidedBy: principal.name });
    await audit(tx, principal, nowMs, 'confirm', id, { requestedBy: caller });
    return { ...outcome, request: await showApprovalRequest(tx, id, nowMs) };
  });
}

/**
 * Lets a request be, whoever asked for it.
 *
 * @throws OakumError OAK_APPROVAL_REQUEST_UNKNOWN, OAK_APPROVAL_REQUEST_DECIDED
 */
export async function rejectApproval(
  db: DbOrTx,
  principal: Principal,
  { id, dryRun, nowMs }: RequestDecision,
): Promise<ApprovalRequestView> {
  return inTransaction(db, dryRun, async (tx) => {
    const { caller } = await requireWaiting(tx, id, nowMs);
    await decideApprovalRequest(tx, id, { state: 'rejected', decidedMs: nowMs, decidedBy: principal.name });
    await audit(tx, principal, nowMs, 'reject', id, { requestedBy: caller });
    return showApprovalRequest(tx, id, nowMs);
  });
}

/** Tokens and sessions of one account are one person; so are all who work on the machine itself. */
function personOf({ accountId }: Principal): string {
  return accountId === undefined ? 'local' : `account:${accountId}`;
}

async function requireRequest(db: DbOrTx, id: number, nowMs: number): Promise<StoredApprovalRequest> {
  const found = await readApprovalRequest(db, id, nowMs - WAITS_MS);
  if (found === undefined) throw new OakumError('OAK_APPROVAL_REQUEST_UNKNOWN', { detail: `Number ${id}.` });
  return found;
}

async function requireWaiting(tx: Tx, id: number, nowMs: number): Promise<StoredApprovalRequest> {
  const request = await requireRequest(tx, id, nowMs);
  if (request.state !== 'waiting')
    throw new OakumError('OAK_APPROVAL_REQUEST_DECIDED', { detail: `It is ${request.state}.` });
  return request;
}

function audit(
  tx: Tx,
  principal: Principal,
  timeMs: number,
  verb: 'request' | 'confirm' | 'reject',
  id: number,
  after: unknown,
): Promise<void> {
  return appendAudit(tx, {
    timeMs,
    caller: principal.name,
    action: `approval-request.${verb}`,
    subject: String(id),
    after,
  });
}

function viewOf({ body, ...stored }: StoredApprovalRequest): ApprovalRequestView {
  return {
    id: stored.id,
    ...(body as WantedApproval),
    state: stored.state,
    requestedBy: stored.caller,
    requestedMs: stored.requestedMs,
    expiresMs: stored.requestedMs + WAITS_MS,
    decidedBy: stored.decidedBy,
    decidedMs: stored.decidedMs,
  };
}
