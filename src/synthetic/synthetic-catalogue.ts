import type { Buffer } from 'node:buffer';
import { updateDocument } from '../metadata/authoring/update-document.ts';
import type { UpdateSpec } from '../metadata/authoring/update-spec.ts';
import { shapeOf, type CatalogueShape } from './catalogue-shape.ts';
import { DocumentTail, type Tail } from './document-tail.ts';
import { msiList } from './node-rules.ts';
import { productSizes } from './product-sizes.ts';
import { ProductSoftware, type SoftwareContext } from './product-software.ts';
import { Random } from './random.ts';
import { SoftwarePrerequisites } from './software-prerequisites.ts';
import { buildTaxonomy, type Taxonomy } from './taxonomy.ts';
import { taxonomySpec } from './taxonomy-spec.ts';

export interface SyntheticOptions {
  /** At least FEWEST_REVISIONS. */
  readonly revisions: number;
  /** 32 bits. The same seed and number give the same bytes. */
  readonly seed: number;
  readonly tail: Tail;
}

/** A document of a synthetic catalogue. */
export interface SyntheticDocument {
  readonly spec: UpdateSpec;
  /** UTF-8. */
  readonly bytes: Buffer;
}

/** Bytes of Core that one entry of a list of MSI products takes. */
const MSI_ENTRY_BYTES = 120;

/** Detectoids with prerequisites of their own are the ones that real catalogues have long lists in. */
const LIST_DEPTH = 3;

/**
 * Makes the documents of a synthetic catalogue one by one: prerequisites before what needs them, members
 * before their bundles. Memory is for categories, detectoids and the product at hand, not for the whole.
 */
export function* syntheticDocuments(options: SyntheticOptions): Generator<SyntheticDocument, void> {
  for (const spec of syntheticSpecs(options)) yield { spec, bytes: updateDocument(spec) };
}

function* syntheticSpecs({
  revisions,
  seed,
  tail: tailOption,
}: SyntheticOptions): Generator<UpdateSpec, void> {
  const shape = shapeOf(revisions);
  const taxonomy = buildTaxonomy(shape, seed);
  const tail = new DocumentTail(shape, tailOption);
  yield* taxonomySpecs(taxonomy, seed, tail);
  const context: SoftwareContext = { seed, prerequisites: new SoftwarePrerequisites(taxonomy), tail };
  yield* softwareSpecs(context, shape, taxonomy);
}

function* taxonomySpecs(taxonomy: Taxonomy, seed: number, tail: DocumentTail): Generator<UpdateSpec, void> {
  for (const [index, node] of taxonomy.nodes.entries()) {
    const mayBeLarge = node.type === 'Detectoid' && !node.nonLeaf && node.depth === LIST_DEPTH && !node.holds;
    const bytes = mayBeLarge ? tail.next('detectoid') : undefined;
    if (bytes === undefined) yield taxonomySpec(node);
    else yield taxonomySpec(node, msiList(new Random(seed, 5, index), Math.round(bytes / MSI_ENTRY_BYTES)));
  }
}

function* softwareSpecs(
  context: SoftwareContext,
  shape: CatalogueShape,
  taxonomy: Taxonomy,
): Generator<UpdateSpec, void> {
  let firstIndex = taxonomy.nodes.length;
  for (const [number, { product, revisions }] of productSizes(shape, taxonomy, context.seed).entries()) {
    yield* new ProductSoftware(context, { product, number, firstIndex, revisions }).specs();
    firstIndex += revisions;
  }
}
