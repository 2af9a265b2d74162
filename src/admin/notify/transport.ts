/** A notification as it goes to one subscription. */
export interface OutgoingMessage {
  /** The same at every attempt and for every receiver, so that repeats can be told. */
  readonly id: string;
  readonly event: string;
  readonly timeMs: number;
  /** One line for people, inert. */
  readonly text: string;
  readonly data: unknown;
  /** Which server says so. */
  readonly server: string;
  readonly subscription: string;
  readonly targets: readonly string[];
  /** Base64; null where nothing is signed. */
  readonly secret: string | null;
  /** When this attempt is made. */
  readonly nowMs: number;
}

/** What became of one attempt. */
export interface Attempt {
  readonly ok: boolean;
  /** Of HTTP or SMTP; null when it did not come to one. */
  readonly status: number | null;
  /** Why not, or what was wrong although it was delivered; without secrets. */
  readonly error: string | null;
}

/**
 * Carries one message to its receiver, within seconds. What goes wrong is the attempt's outcome; whatever is thrown
 * counts as one that failed.
 */
export type Transport = (message: OutgoingMessage, signal: AbortSignal) => Promise<Attempt>;
