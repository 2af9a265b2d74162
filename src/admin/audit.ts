import { OakumError } from '../errors/oakum-error.ts';
import {
  checkAudit,
  headText,
  pageOfAudit,
  parseHead,
  type AuditFilter,
  type StoredAuditEntry,
} from '../store/audit.ts';
import type { ListPage, ListPart } from '../store/keyset.ts';
import type { DbOrTx } from '../store/schema.ts';

/** What administrators, rules and rings changed, newest first. */
export function viewAudit(
  db: DbOrTx,
  query: Omit<AuditFilter, 'limit'> & ListPage,
): Promise<ListPart<StoredAuditEntry>> {
  return pageOfAudit(db, query, query);
}

/** What can be said about the log. */
export interface AuditVerdict {
  readonly intact: boolean;
  /** The number of the first entry that is not what was written, or was cut off; null when all are there. */
  readonly firstForged: number | null;
  /** The newest entry as `NUMBER:HASH`, to be kept elsewhere; null for an empty log. */
  readonly head: string | null;
  /** Whether the log still holds the head that was given, as it was; null when none was. */
  readonly holdsHead: boolean | null;
}

export interface VerifyRequest {
  /** The head of the log as somebody kept it elsewhere. */
  readonly head?: string;
  readonly onProgress?: (done: number, of: number) => void;
}

/**
 * Checks that nobody changed the log.
 *
 * @throws OakumError OAK_AUDIT_HEAD for a head that is none
 */
export async function verifyAudit(db: DbOrTx, request: VerifyRequest = {}): Promise<AuditVerdict> {
  const { head, ...options } = request;
  const kept = head === undefined ? undefined : parseHead(head.trim().toLowerCase());
  if (head !== undefined && kept === undefined)
    throw new OakumError('OAK_AUDIT_HEAD', { detail: `"${head.slice(0, 100)}".` });
  const check = await checkAudit(db, { ...options, kept });
  return {
    intact: check.firstForged === undefined && check.holds,
    firstForged: check.firstForged ?? null,
    head: check.head === undefined ? null : headText(check.head),
    holdsHead: head === undefined ? null : check.holds,
  };
}
