import { CLASSIFICATIONS, type Classification } from '../metadata/authoring/classification.ts';
import { ProductType, regKeyExists, windowsVersion } from '../metadata/authoring/base-rules.ts';
import { TRUE, type Rule } from '../metadata/authoring/rule.ts';
import type { CategorySpec } from '../metadata/authoring/update-spec.ts';
import { LANGUAGE_DETECTOIDS, PLATFORM_DETECTOIDS } from './base-detectoids.ts';
import type { CatalogueShape } from './catalogue-shape.ts';
import { COMPANIES, productName } from './names.ts';
import type { NodePool } from './node-pool.ts';
import { productKey } from './node-rules.ts';
import { Share } from './share.ts';
import { DEPTHS, NodeFactory } from './node-factory.ts';
import type { TaxonomyNode } from './taxonomy-node.ts';

/** Everything of a catalogue that is no software. */
export interface Taxonomy {
  /** Prerequisites first. */
  readonly nodes: readonly TaxonomyNode[];
  readonly classifications: readonly TaxonomyNode[];
  /** Products that a Windows 11 computer has, the operating system itself first. */
  readonly installedProducts: readonly TaxonomyNode[];
  readonly otherProducts: readonly TaxonomyNode[];
  /** What software may have as a prerequisite besides. */
  readonly pool: NodePool;
}

/** Classifications that have no well-known id. */
const MORE_CLASSIFICATIONS = ['Firmware', 'Hotfixes', 'Language Packs', 'Previews'];

/** A Windows 11 client has about ten products installed, of however many there are. */
const INSTALLED_PRODUCTS = 12;

/** Languages that some detectoid looks for, as a share of all detectoids that nothing depends on. */
const LANGUAGE_SHARE = 0.009;

/**
 * Makes the categories and detectoids of a catalogue. Companies, families and classifications are always
 * installed; products and what hangs on them decide what a client is sent.
 */
export function buildTaxonomy(shape: CatalogueShape, seed: number): Taxonomy {
  const factory = new NodeFactory(shape, seed);
  const companies = times(shape.companies, (index) =>
    typed(factory, 'Company', COMPANIES[index % COMPANIES.length], TRUE, []),
  );
  const classifications = times(shape.classifications, (index) => classification(factory, index));
  addPlatform(factory, shape);
  let families: TaxonomyNode[] = [];
  let products: TaxonomyNode[] = [];
  for (let depth = 0; depth <= DEPTHS; depth++) {
    if (depth === 1) {
      families = times(shape.families, (index) =>
        typed(factory, 'ProductFamily', `Family ${index + 1}`, TRUE, [companies[index % companies.length]]),
      );
    }
    if (depth === 2) {
      const installed = new Share(Math.min(0.4, INSTALLED_PRODUCTS / shape.products));
      products = times(shape.products, (index) =>
        product(factory, index, families[index % families.length], index === 0 || installed.next()),
      );
      factory.useProducts(products);
    }
    factory.addUntyped(depth, depth === 1 ? companies : families);
    factory.addDetectoids(depth);
  }
  return {
    nodes: factory.nodes,
    classifications,
    installedProducts: products.filter((node) => node.holds),
    otherProducts: products.filter((node) => !node.holds),
    pool: factory.pool,
  };
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

function typed(
  factory: NodeFactory,
  categoryType: NonNullable<CategorySpec['categoryType']>,
  title: string,
  rule: Rule,
  parents: readonly TaxonomyNode[],
  holds = true,
): TaxonomyNode {
  const clauses = parents.map((parent) => ({ nodes: [parent], isCategory: true }));
  return factory.add({ type: 'Category', categoryType, title, rule, clauses, nonLeaf: true, holds });
}

function classification(factory: NodeFactory, index: number): TaxonomyNode {
  const known = Object.keys(CLASSIFICATIONS) as Classification[];
  if (index >= known.length) {
    const title = MORE_CLASSIFICATIONS[index - known.length];
    return typed(factory, 'UpdateClassification', title, TRUE, []);
  }
  const { updateId, title } = CLASSIFICATIONS[known[index]];
  return factory.add({
    type: 'Category',
    categoryType: 'UpdateClassification',
    classification: known[index],
    updateId,
    title,
    rule: TRUE,
    clauses: [],
    nonLeaf: true,
    holds: true,
  });
}

function product(
  factory: NodeFactory,
  index: number,
  family: TaxonomyNode,
  installed: boolean,
): TaxonomyNode {
  const title = productName(index);
  // The operating systems that a computer has follow from its version, everything else from the registry.
  const rule = installed
    ? windowsVersion({
        comparison: 'GreaterThanOrEqualTo',
        major: 10,
        minor: 0,
        build: index === 0 ? 22_000 : 10_240,
        productType: ProductType.Workstation,
      })
    : regKeyExists(productKey(title));
  return typed(factory, 'Product', title, rule, [family], installed);
}

function addPlatform(factory: NodeFactory, shape: CatalogueShape): void {
  const { nonLeaf, leaf } = shape.detectoids;
  const platform = PLATFORM_DETECTOIDS.slice(0, Math.round(nonLeaf / 2));
  const languages = LANGUAGE_DETECTOIDS.slice(0, Math.round(leaf * LANGUAGE_SHARE));
  for (const base of platform) factory.addBase(base, true);
  for (const base of languages) factory.addBase(base, false);
}
