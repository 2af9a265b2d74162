import { growth, type CatalogueShape } from './catalogue-shape.ts';
import { Random } from './random.ts';
import { divide } from './share.ts';
import type { Taxonomy } from './taxonomy.ts';
import type { TaxonomyNode } from './taxonomy-node.ts';

export interface ProductSize {
  readonly product: TaxonomyNode;
  /** Software revisions. */
  readonly revisions: number;
}

/** Software of the products that a Windows 11 client has, in the measured catalogue: the system itself first. */
const INSTALLED_SOFTWARE = [640, 150, 20, 15, 10, 8, 5, 4];

/** Revisions per product: lognormal, median 30, 95th percentile 600. */
const MEDIAN = 30;
const SIGMA = 1.82;
const MEAN = MEDIAN * Math.exp(SIGMA ** 2 / 2);

/**
 * How many software revisions each product has. What a Windows 11 client has grows slowly with the
 * catalogue, so that its scans stay as they are; the rest goes to products it does not have.
 */
export function productSizes(shape: CatalogueShape, taxonomy: Taxonomy, seed: number): ProductSize[] {
  const { installedProducts, otherProducts } = taxonomy;
  const scale = growth(shape.revisions);
  const installed = installedProducts.map((product, index) => ({
    product,
    revisions: Math.round((INSTALLED_SOFTWARE[index] ?? 0) * scale),
  }));
  const left = shape.software - installed.reduce((sum, size) => sum + size.revisions, 0);
  const count = Math.min(otherProducts.length, Math.max(4, Math.round(left / MEAN)));
  const random = new Random(seed, 2);
  const weights = Array.from({ length: count }, () => random.lognormal(MEDIAN, SIGMA));
  const others = divide(left, weights).map((revisions, index) => ({
    product: otherProducts[index],
    revisions,
  }));
  return [...installed, ...others].filter((size) => size.revisions > 0);
}
