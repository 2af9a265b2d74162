/** How many documents of which kind a catalogue has. */
export interface CatalogueShape {
  readonly revisions: number;
  readonly companies: number;
  readonly families: number;
  readonly classifications: number;
  readonly products: number;
  /** Categories without a type, as Microsoft's catalogue has them besides. */
  readonly untyped: { readonly nonLeaf: number; readonly leaf: number };
  readonly detectoids: { readonly nonLeaf: number; readonly leaf: number };
  readonly software: number;
}

/** What a real server sent to one fresh client of Windows 11, counted. */
export const MEASURED: CatalogueShape = Object.freeze({
  revisions: 5253,
  companies: 3,
  families: 5,
  classifications: 19,
  products: 148,
  untyped: { nonLeaf: 74, leaf: 199 },
  detectoids: { nonLeaf: 277, leaf: 3433 },
  software: 1095,
});

/** Below this there are not enough documents to have one of everything. */
export const FEWEST_REVISIONS = 1000;

// Products, categories and detectoids are the world's, and grow slowly; software is what accumulates. With
// this exponent a million revisions have about 550 products and 14,000 detectoids.
const GROWTH = 0.25;

/**
 * The shape of a catalogue of so many revisions: the measured one in small, or with more and more software.
 *
 * @param revisions at least {@link FEWEST_REVISIONS}
 */
export function shapeOf(revisions: number): CatalogueShape {
  const scale = growth(revisions);
  const scaled = (count: number): number => Math.round(count * scale);
  const { companies, families, classifications } = MEASURED;
  const products = scaled(MEASURED.products);
  const untyped = { nonLeaf: scaled(MEASURED.untyped.nonLeaf), leaf: scaled(MEASURED.untyped.leaf) };
  const detectoids = {
    nonLeaf: scaled(MEASURED.detectoids.nonLeaf),
    leaf: scaled(MEASURED.detectoids.leaf),
  };
  const others = [companies, families, classifications, products, untyped.nonLeaf, untyped.leaf];
  const counted = others.reduce((sum, count) => sum + count, detectoids.nonLeaf + detectoids.leaf);
  return {
    revisions,
    companies,
    families,
    classifications,
    products,
    untyped,
    detectoids,
    software: revisions - counted,
  };
}

/** How much more of the slowly growing things there is than in the measured catalogue. */
export function growth(revisions: number): number {
  const ratio = revisions / MEASURED.revisions;
  return ratio <= 1 ? ratio : ratio ** GROWTH;
}
