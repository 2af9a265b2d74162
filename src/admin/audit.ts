import { firstForgedAudit, listAudit, type AuditFilter, type StoredAuditEntry } from '../store/audit.ts';
import type { DbOrTx } from '../store/schema.ts';

/** What administrators, rules and rings changed, newest first. */
export function viewAudit(db: DbOrTx, filter: AuditFilter): Promise<StoredAuditEntry[]> {
  return listAudit(db, filter);
}

/** Checks that nobody changed the log; undefined when nobody did, else the number of the first forged entry. */
export function verifyAudit(db: DbOrTx): Promise<number | undefined> {
  return firstForgedAudit(db);
}
