import type { Generated } from 'kysely';

/* What computers reported, and its sums. */

/**
 * What computers reported: a row for each pair of a computer and an update whose state is Needed or beyond. A row
 * counts only while its update is in {@link UpdateStatusTable}. Triggers keep the sums in the tables below
 * (migration 0004 says how).
 */
export interface StatusTable {
  /** The computer's number. */
  readonly computer: number;
  readonly update_number: number;
  /** One of StatusState, 2 to 6. */
  readonly state: number;
  readonly since_ms: number;
  /** Signed; of a failure. */
  readonly hresult: number;
}

/** Rows of {@link StatusTable} by state. */
export interface StateSums {
  readonly needed: Generated<number>;
  readonly downloaded: Generated<number>;
  readonly installed: Generated<number>;
  readonly failed: Generated<number>;
  readonly pending_reboot: Generated<number>;
  /** Those of updates that count since after the computer's last detection: neither unknown nor not applicable. */
  readonly early: Generated<number>;
}

/** Sums over a set, and how many of its members have at least one of a kind. */
export interface SetSums extends StateSums {
  readonly with_needed: Generated<number>;
  readonly with_failed: Generated<number>;
  readonly with_pending: Generated<number>;
  readonly with_open: Generated<number>;
}

export interface ComputerStatusTable extends StateSums {
  readonly number: Generated<number>;
  readonly client_id: string;
  readonly placement: number;
  /** The latest time in {@link ArrivalTable} before its last detection; -1 for none. */
  readonly after_ms: Generated<number>;
  /** Of the lists it reported last, as long as reporting them again changes nothing. */
  readonly lists_digest: number | null;
  /** The hour, from 1970, of its last report; -1 for never. All of them are read without reading computers. */
  readonly report_hour: Generated<number>;
}

/** A row for each update that counts in compliance. */
export interface UpdateStatusTable extends StateSums {
  readonly number: number;
  readonly category_set: number;
  /** Since when it counts: published or undeclined. */
  readonly from_ms: number;
}

/** A set of groups and requested groups that computers have. */
export interface PlacementTable extends SetSums {
  readonly id: Generated<number>;
  /** Ascending, with blanks between them. */
  readonly group_ids: string;
  readonly requested_groups: string;
  readonly computers: Generated<number>;
}

/** A set of categories that updates have. */
export interface CategorySetTable extends SetSums {
  readonly id: Generated<number>;
  /** Update numbers, ascending, with blanks between them. */
  readonly categories: string;
  readonly updates: Generated<number>;
}

export interface DetectionCountTable {
  readonly placement: number;
  readonly after_ms: number;
  readonly computers: number;
}

export interface ArrivalTable {
  readonly from_ms: number;
  readonly category_set: number;
  readonly updates: number;
}

/** How things stood at the end of a day, and until the next day that has rows. */
export interface StatusHistoryTable extends SetSums {
  readonly day: number;
  readonly scope: 'placement' | 'category';
  readonly first: string;
  readonly second: string;
  readonly members: number;
  readonly unknown: number;
}
