import type { Generated } from 'kysely';

/* Who is told of what. */

/** Who is told of what, and where. */
export interface SubscriptionTable {
  readonly id: Generated<number>;
  readonly name: string;
  readonly kind: 'webhook' | 'email';
  /** JSON: patterns, see fleet/notification-event.ts. */
  readonly events: string;
  /** JSON: one address of the web, or several of mail. */
  readonly targets: string;
  /** What webhooks are signed with, base64; in clear, because it is needed to sign. */
  readonly secret: string | null;
  readonly enabled: number;
  readonly created_ms: number;
  /** When something last reached it. */
  readonly delivered_ms: Generated<number | null>;
  /** Null while the last attempt succeeded. */
  readonly failing_since_ms: Generated<number | null>;
  readonly last_error: Generated<string | null>;
  /** Notifications that were never delivered because newer ones needed the room. */
  readonly dropped: Generated<number>;
}

/** What is to be told, written in the transaction of what happened. */
export interface NotificationTable {
  readonly id: Generated<number>;
  readonly uuid: string;
  readonly time_ms: number;
  readonly event: string;
  /** JSON. */
  readonly data: string;
}

export interface DeliveryTable {
  readonly notification_id: number;
  readonly subscription_id: number;
  readonly state: 'pending' | 'delivered' | 'failed';
  readonly attempts: Generated<number>;
  /** When it was queued, or queued again by hand: attempts are given up some days later. */
  readonly queued_ms: number;
  readonly next_ms: number;
  readonly attempted_ms: Generated<number | null>;
  /** Of HTTP or SMTP. */
  readonly last_status: Generated<number | null>;
  readonly last_error: Generated<string | null>;
}

/** Conditions that hold and were told. */
export interface ToldConditionTable {
  readonly event: string;
  readonly subject: string;
  readonly since_ms: number;
}
