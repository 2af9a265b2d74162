import type { Classification } from '../metadata/authoring/classification.ts';
import type { Rule } from '../metadata/authoring/rule.ts';
import type { CategorySpec } from '../metadata/authoring/update-spec.ts';

/** An OR clause over categories and detectoids. */
export interface NodeClause {
  readonly nodes: readonly TaxonomyNode[];
  readonly isCategory: boolean;
}

/** A category or detectoid of a synthetic catalogue, before it is written. */
export interface TaxonomyNode {
  readonly updateId: string;
  readonly type: 'Category' | 'Detectoid';
  readonly title: string;
  readonly rule: Rule;
  /** Absent for detectoids and for categories without a type. */
  readonly categoryType?: NonNullable<CategorySpec['categoryType']>;
  readonly detectoidType?: string;
  /** One of those with a well-known id. */
  readonly classification?: Classification;
  readonly clauses: readonly NodeClause[];
  readonly superseded: readonly TaxonomyNode[];
  /** Longest chain of prerequisites below it. */
  readonly depth: number;
  /** Something else shall have it as a prerequisite. */
  readonly nonLeaf: boolean;
  /** A Windows 11 computer has it installed: its rule holds there, and so do its prerequisites. */
  readonly holds: boolean;
}

export function depthOf(clauses: readonly NodeClause[]): number {
  let depth = 0;
  for (const { nodes } of clauses) for (const node of nodes) depth = Math.max(depth, node.depth + 1);
  return depth;
}
