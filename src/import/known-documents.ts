import { leadingIdentity } from '../metadata/document-identity.ts';
import type { UpdateIdentity } from '../metadata/update-identity.ts';
import { publishedDocuments } from '../store/imports.ts';
import { unpack } from '../store/packing.ts';
import type { DbOrTx } from '../store/schema.ts';
import type { SourceDocument } from './source-document.ts';

/** Documents looked up at once. */
const LOOK_AHEAD_DOCUMENTS = 50;

/** Bytes of documents that wait to be looked up; one larger document waits alone or with fewer than these. */
const LOOK_AHEAD_BYTES = 4 * 1024 * 1024;

/** A document, and whether it is known for sure. */
export interface MarkedDocument {
  readonly source: SourceDocument;
  /**
   * True: it is stored byte for byte, and published. False says nothing: it may be new, damaged, another document of
   * a known revision, or one that was stored only since it was looked for.
   */
  readonly isKnown: boolean;
}

/**
 * Marks the documents that are known already, in their order. Importing the same files every day is what
 * administrators do, and what was stored as a document once need not be parsed again to be recognised.
 */
export async function* markKnown(
  db: DbOrTx,
  documents: AsyncIterable<SourceDocument>,
): AsyncGenerator<MarkedDocument> {
  let waiting: SourceDocument[] = [];
  let bytes = 0;
  for await (const source of documents) {
    waiting.push(source);
    bytes += source.bytes?.length ?? 0;
    if (waiting.length < LOOK_AHEAD_DOCUMENTS && bytes < LOOK_AHEAD_BYTES) continue;
    yield* marked(db, waiting);
    waiting = [];
    bytes = 0;
  }
  yield* marked(db, waiting);
}

async function* marked(db: DbOrTx, sources: readonly SourceDocument[]): AsyncGenerator<MarkedDocument> {
  const identities = new Map<number, UpdateIdentity>();
  for (const [index, { bytes }] of sources.entries()) {
    const identity = bytes && leadingIdentity(bytes);
    if (identity !== undefined) identities.set(index, identity);
  }
  const stored = await publishedDocuments(db, identities);
  for (const [index, source] of sources.entries()) {
    const packed = stored.get(index);
    yield { source, isKnown: packed !== undefined && source.bytes?.equals(unpack(packed)) === true };
  }
}
