/** Plain data of one thing: names instead of ids, lists whose order says nothing in one order. */
export type PolicyBody = Readonly<Record<string, unknown>>;

export const POLICY_NOUNS = ['group', 'groupRule', 'rule', 'ring', 'setting'] as const;
export type PolicyNoun = (typeof POLICY_NOUNS)[number];

export const CHANGE_KINDS = ['create', 'change', 'rename', 'move', 'remove'] as const;

/** One exact change. */
export interface PolicyChange {
  readonly kind: (typeof CHANGE_KINDS)[number];
  readonly noun: PolicyNoun;
  /** What it is called when its turn comes: of what is renamed, the old name. */
  readonly name: string;
  /** Null for what is created. */
  readonly before: PolicyBody | null;
  /** Null for what is removed. */
  readonly after: PolicyBody | null;
  /** Sentences about what is lost, and what stands in the way. */
  readonly warnings: readonly string[];
}

/** The order of texts in lists that mean sets. */
export function inOrder(texts: readonly string[]): string[] {
  return [...new Set(texts)].sort((one, other) => (one < other ? -1 : 1));
}
