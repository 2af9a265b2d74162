import type { Generated } from 'kysely';

/* What the server does by itself and for others, and by which settings. */

/** When each task of housekeeping ran last. */
export interface HousekeepingTaskTable {
  readonly task: string;
  readonly started_ms: number;
  /** Null while it runs, or when it was interrupted. */
  readonly finished_ms: number | null;
}

/** Runs of housekeeping that changed something. */
export interface HousekeepingRunTable {
  readonly id: Generated<number>;
  readonly task: string;
  readonly caller: string;
  readonly started_ms: number;
  readonly finished_ms: number | null;
  readonly actions: number;
}

/** What was declined or deleted, written in the transaction that did it. */
export interface HousekeepingActionTable {
  readonly id: Generated<number>;
  readonly run_id: number;
  readonly time_ms: number;
  readonly subject: string;
  readonly title: string;
  readonly reason: string;
}

/** Stored files that nothing needs, and since when. */
export interface UnneededFileTable {
  readonly digest: Uint8Array;
  readonly since_ms: number;
  /** 1 as soon as its removal has begun. */
  readonly doomed: Generated<number>;
}

/** Changes that came with an Idempotency-Key, and what was answered. */
export interface IdempotentChangeTable {
  readonly caller: string;
  readonly key: string;
  /** Digest of the operation and its input. */
  readonly request: string;
  /** JSON; null for what holds a secret. */
  readonly result: string | null;
  readonly created_ms: number;
}

/** Work that takes longer than anybody waits. */
export interface JobTable {
  readonly id: Generated<number>;
  readonly operation: string;
  /** JSON, as the operation's declaration says. */
  readonly input: string;
  readonly caller: string;
  readonly role: string;
  /** One of JOB_STATES. */
  readonly state: string;
  readonly done: Generated<number>;
  /** 0 while nobody knows. */
  readonly total: Generated<number>;
  readonly what: Generated<string>;
  /** JSON. */
  readonly result: string | null;
  readonly error_code: string | null;
  readonly error_detail: string | null;
  readonly created_ms: number;
  readonly started_ms: number | null;
  readonly ended_ms: number | null;
  readonly cancelled_by: string | null;
}

/** Settings that administrators keep in the store. */
export interface SettingTable {
  readonly key: string;
  /** JSON. */
  readonly value: string;
  readonly changed_ms: number;
  readonly caller: string;
}

/** The policy that was applied last; one row at most. */
export interface PolicyTable {
  readonly id: number;
  /** JSON, see admin/policy/policy-document.ts. */
  readonly document: string;
  readonly applied_ms: number;
  readonly caller: string;
}
