import type { Classification } from '../metadata/authoring/classification.ts';
import { memberOf, type RelationsSpec } from '../metadata/authoring/relations-spec.ts';
import type { Random } from './random.ts';
import type { Taxonomy } from './taxonomy.ts';
import type { TaxonomyNode } from './taxonomy-node.ts';

type Clauses = NonNullable<RelationsSpec['prerequisites']>;

const MOST_CLAUSES = 8;

/** How often software needs a detectoid of each depth: mostly one about the system or the processor. */
const DEPTH_WEIGHTS = [40, 25, 15, 15, 3, 1, 1];

/** How often updates of the well-known classifications occur, about; the others hardly ever. */
const CLASSIFICATION_WEIGHTS: Partial<Record<Classification, number>> = {
  securityUpdates: 30,
  updates: 30,
  upgrades: 12,
  definitionUpdates: 10,
  updateRollups: 8,
  criticalUpdates: 5,
  featurePacks: 3,
  servicePacks: 1,
};

/** Share of the members that apply to a Windows 11 computer that has their product. */
const MEMBERS_THAT_APPLY = 0.5;
/** The same of what can be approved. */
const DEPLOYABLE_THAT_APPLY = 0.95;

/** Chooses what software has as prerequisites: 2.6 clauses in the mean, never more than eight. */
export class SoftwarePrerequisites {
  readonly #taxonomy: Taxonomy;
  readonly #weights: readonly number[];
  #classificationsUsed = 0;

  constructor(taxonomy: Taxonomy) {
    this.#taxonomy = taxonomy;
    this.#weights = taxonomy.classifications.map(
      ({ classification }) => (classification && CLASSIFICATION_WEIGHTS[classification]) ?? 0.2,
    );
  }

  /** Of an update that can be approved: product, classification, and seldom more. */
  deployable(random: Random, product: TaxonomyNode): Clauses {
    const applies = random.chance(DEPLOYABLE_THAT_APPLY);
    const classification = this.#classification(random);
    const clauses = [memberOf(product.updateId), memberOf(classification.updateId)];
    return applies && random.chance(0.6)
      ? clauses
      : [...this.#detectoid(random, product, applies), ...clauses];
  }

  /** Of a member of a bundle: detectoids, and the product without belonging to it. */
  member(random: Random, product: TaxonomyNode): Clauses {
    const applies = random.chance(MEMBERS_THAT_APPLY);
    const clauses: Clauses[number][] = [];
    const wanted = 1 + Math.min(MOST_CLAUSES - 2, random.geometric(0.8));
    for (let count = 0; count < wanted; count++)
      clauses.push(...this.#detectoid(random, product, applies || count > 0));
    return [...clauses, { anyOf: [product.updateId] }];
  }

  #detectoid(random: Random, product: TaxonomyNode, applies: boolean): string[] {
    const depth = random.weighted(DEPTH_WEIGHTS);
    // Of products that the client lacks it is sent nothing anyway.
    const holds = product.holds ? applies : random.chance(0.5);
    const node = this.#taxonomy.pool.pick(random, depth, holds);
    return node === undefined ? [] : [node.updateId];
  }

  #classification(random: Random): TaxonomyNode {
    const { classifications } = this.#taxonomy;
    // Each of them once, so that none is a leaf.
    if (this.#classificationsUsed < classifications.length)
      return classifications[this.#classificationsUsed++];
    return classifications[random.weighted(this.#weights)];
  }
}
