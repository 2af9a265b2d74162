import { classificationSpec } from '../metadata/authoring/classification.ts';
import { memberOf, type RelationsSpec } from '../metadata/authoring/relations-spec.ts';
import type { Rule } from '../metadata/authoring/rule.ts';
import type { CategorySpec, DetectoidSpec } from '../metadata/authoring/update-spec.ts';
import { PUBLISHER_ID } from './synthetic-id.ts';
import type { NodeClause, TaxonomyNode } from './taxonomy-node.ts';

/**
 * The document of a category or detectoid.
 *
 * @param rule in place of the node's own, for a document that shall be large
 */
export function taxonomySpec(node: TaxonomyNode, rule: Rule = node.rule): CategorySpec | DetectoidSpec {
  if (node.classification !== undefined) return classificationSpec(node.classification);
  const { type, categoryType, detectoidType, updateId, title } = node;
  const relations: RelationsSpec = {
    superseded: node.superseded.map((other) => other.updateId),
    prerequisites: node.clauses.map(clause),
  };
  const common = {
    updateId,
    revisionNumber: 200,
    created: '2015-10-13T17:00:00.0000000Z',
    publisherId: PUBLISHER_ID,
    texts: [{ language: 'en', title }],
    relations,
    isInstalled: rule,
  } as const;
  return type === 'Category'
    ? { ...common, type, ...(categoryType === undefined ? {} : { categoryType }) }
    : { ...common, type, ...(detectoidType === undefined ? {} : { detectoidType }) };
}

function clause({ nodes, isCategory }: NodeClause): string | ReturnType<typeof memberOf> {
  const ids = nodes.map((node) => node.updateId);
  if (isCategory) return memberOf(...ids);
  // A product stands in a clause of alternatives also when it is the only one, as Microsoft writes it.
  return ids.length === 1 && nodes[0].type === 'Detectoid' ? ids[0] : { anyOf: ids };
}
