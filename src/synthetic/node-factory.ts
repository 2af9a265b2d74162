import type { Rule } from '../metadata/authoring/rule.ts';
import type { BaseDetectoid } from './base-detectoids.ts';
import type { CatalogueShape } from './catalogue-shape.ts';
import { DETECTED_LANGUAGES } from './names.ts';
import { NodePool } from './node-pool.ts';
import { failingRule, holdingRule, productKey } from './node-rules.ts';
import { Random } from './random.ts';
import { divide, Share } from './share.ts';
import { syntheticId } from './synthetic-id.ts';
import { depthOf, type NodeClause, type TaxonomyNode } from './taxonomy-node.ts';

/** The longest chain of prerequisites among categories and detectoids. */
export const DEPTHS = 7;

/** How detectoids and untyped categories are spread over the depths from 0 on, as counted in a real export. */
const SPREAD = {
  detectoids: { nonLeaf: [0, 60, 50, 80, 25, 5, 2, 0], leaf: [0, 37, 50, 2808, 340, 153, 13, 2] },
  untyped: { nonLeaf: [0, 30, 44, 0, 0, 0, 0, 0], leaf: [2, 70, 127, 0, 0, 0, 0, 0] },
} as const;

/** How many of the non-leaf ones a Windows 11 client is sent, and has. Of whatever size, it has about 90. */
const SENT = { detectoids: 30, untyped: 24 };
const HELD = { detectoids: 20, untyped: 10 };

/** Share of the leaf ones that a Windows 11 client is sent: most belong to products it does not have. */
const SENT_LEAVES = { detectoids: 0.27, untyped: 0.5 };
const HELD_LEAVES = 0.3;

type Kind = 'detectoids' | 'untyped';
type Leafness = 'nonLeaf' | 'leaf';

type NewNode = Omit<TaxonomyNode, 'updateId' | 'depth' | 'superseded'> &
  Partial<Pick<TaxonomyNode, 'updateId' | 'superseded'>>;

/** Makes nodes one after the other, and knows which of them others may depend on. */
export class NodeFactory {
  readonly nodes: TaxonomyNode[] = [];
  readonly pool = new NodePool();
  readonly #shape: CatalogueShape;
  readonly #seed: number;
  readonly #random: Random;
  readonly #shares: Readonly<Record<Kind, Record<Leafness, { readonly sent: Share; readonly held: Share }>>>;
  #products = { held: new ProductQueue([]), other: new ProductQueue([]) };

  constructor(shape: CatalogueShape, seed: number) {
    this.#shape = shape;
    this.#seed = seed;
    this.#random = new Random(seed, 1);
    const shares = (kind: Kind) => ({
      nonLeaf: {
        sent: new Share(SENT[kind] / shape[kind].nonLeaf),
        held: new Share(HELD[kind] / SENT[kind]),
      },
      leaf: { sent: new Share(SENT_LEAVES[kind]), held: new Share(HELD_LEAVES) },
    });
    this.#shares = { detectoids: shares('detectoids'), untyped: shares('untyped') };
  }

  add(node: NewNode): TaxonomyNode {
    const complete: TaxonomyNode = {
      updateId: syntheticId(this.#seed, this.nodes.length),
      superseded: [],
      ...node,
      depth: depthOf(node.clauses),
    };
    this.nodes.push(complete);
    return complete;
  }

  /** A detectoid without prerequisites. */
  addBase({ title, detectoidType, rule, holds }: BaseDetectoid, nonLeaf: boolean): void {
    const node = this.add({ type: 'Detectoid', title, detectoidType, rule, clauses: [], nonLeaf, holds });
    if (nonLeaf) this.pool.add(node);
  }

  /** From now on detectoids may belong to products. */
  useProducts(products: readonly TaxonomyNode[]): void {
    this.#products = {
      held: new ProductQueue(products.filter((node) => node.holds)),
      other: new ProductQueue(products.filter((node) => !node.holds)),
    };
  }

  /** The untyped categories of one depth. */
  addUntyped(depth: number, parents: readonly TaxonomyNode[]): void {
    for (const leafness of ['nonLeaf', 'leaf'] as const) {
      for (let left = this.#count('untyped', leafness, depth); left > 0; left--) {
        const sent = this.#shares.untyped[leafness].sent.next() || depth === 0;
        const clauses: NodeClause[] =
          depth === 0 ? [] : [{ nodes: [this.#random.pick(parents)], isCategory: true }];
        if (!sent || this.#random.chance(0.3)) clauses.push(...this.#clause(depth - 1, sent));
        this.#addPlanned('untyped', leafness, sent, clauses, `Category ${this.nodes.length}`);
      }
    }
  }

  /** The detectoids of one depth. */
  addDetectoids(depth: number): void {
    for (const leafness of ['nonLeaf', 'leaf'] as const) {
      for (let left = this.#count('detectoids', leafness, depth); left > 0; left--) {
        const sent = this.#shares.detectoids[leafness].sent.next();
        const product = depth === 3 && this.#random.chance(0.92) ? this.#product(sent) : undefined;
        const clauses =
          product === undefined ? this.#clause(depth - 1, sent) : [{ nodes: [product], isCategory: false }];
        if (this.#random.chance(0.3)) clauses.push(...this.#clause(Math.min(depth - 1, 1), sent));
        const subject = product?.title ?? `Feature ${this.nodes.length}`;
        this.#addPlanned('detectoids', leafness, sent, clauses, subject);
      }
    }
  }

  #count(kind: Kind, leafness: Leafness, depth: number): number {
    const planned = this.#shape[kind][leafness] - (kind === 'detectoids' ? this.#baseCount(leafness) : 0);
    return divide(planned, SPREAD[kind][leafness])[depth];
  }

  #baseCount(leafness: Leafness): number {
    const nonLeaf = leafness === 'nonLeaf';
    return this.nodes.filter(
      (node) => node.type === 'Detectoid' && node.depth === 0 && node.nonLeaf === nonLeaf,
    ).length;
  }

  #product(held: boolean): TaxonomyNode | undefined {
    return (held ? this.#products.held : this.#products.other).next(this.#random);
  }

  /** A clause that holds on a Windows 11 client, or one that does not; alternatives now and then. */
  #clause(depth: number, holds: boolean): NodeClause[] {
    const first = this.pool.pick(this.#random, depth, holds);
    if (first === undefined) return [];
    const nodes = [first];
    if (this.#random.chance(0.15)) {
      for (let more = Math.min(16, 1 + this.#random.geometric(1.5)); more > 0; more--) {
        const other = this.pool.pick(this.#random, depth, holds);
        if (other !== undefined && !nodes.includes(other)) nodes.push(other);
      }
    }
    return [{ nodes, isCategory: false }];
  }

  #addPlanned(
    kind: Kind,
    leafness: Leafness,
    sent: boolean,
    clauses: readonly NodeClause[],
    subject: string,
  ): void {
    const holds = sent && this.#shares[kind][leafness].held.next();
    const key = productKey(subject);
    const rule: Rule = holds ? holdingRule(this.#random, key) : failingRule(this.#random, key);
    const language = this.#random.pick(DETECTED_LANGUAGES);
    const before = this.nodes.at(-1);
    const node = this.add({
      type: kind === 'untyped' ? 'Category' : 'Detectoid',
      ...(kind === 'untyped' ? {} : { detectoidType: this.#random.pick(DETECTOID_TYPES) }),
      title: kind === 'untyped' ? subject : `${subject} (${language}, ${this.nodes.length})`,
      rule,
      clauses,
      // In the real export 109 of 4,125 supersede another one.
      superseded: before?.detectoidType !== undefined && this.#random.chance(0.03) ? [before] : [],
      nonLeaf: leafness === 'nonLeaf',
      holds,
    });
    if (node.nonLeaf) this.pool.add(node);
  }
}

/** As often as in the real export, roughly. */
const DETECTOID_TYPES = [
  'Application Locale',
  'Application Locale',
  'Application Locale',
  'Application Locale',
  'SKU or Feature',
  'SKU or Feature',
  'SKU or Feature',
  'Windows Locale',
  'WMI Detection',
];

/** Hands out each product once, and then some far more often than others. */
class ProductQueue {
  readonly #products: readonly TaxonomyNode[];
  #used = 0;

  constructor(products: readonly TaxonomyNode[]) {
    this.#products = products;
  }

  next(random: Random): TaxonomyNode | undefined {
    if (this.#used < this.#products.length) return this.#products[this.#used++];
    return this.#products[Math.floor(random.real() ** 2 * this.#products.length)];
  }
}
