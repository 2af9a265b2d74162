import { importDocuments, type ImportOptions, type ImportReport } from '../import/importer.ts';
import type { SourceDocument } from '../import/source-document.ts';
import type { Db } from '../store/schema.ts';
import { decide, DecisionCandidates, type Decisions, type DecisionShares } from './decisions.ts';
import { syntheticDocuments, type SyntheticDocument, type SyntheticOptions } from './synthetic-catalogue.ts';

export interface SyntheticStoreOptions extends SyntheticOptions, Pick<ImportOptions, 'now' | 'onProgress'> {
  readonly shares: DecisionShares;
  /** Milliseconds that only grow, with fractions; for the report. */
  readonly stopwatch: () => number;
}

/** What became of a synthetic catalogue, and how long it took. */
export interface SyntheticReport extends ImportReport, Decisions {
  /** Bytes of all documents. */
  readonly bytes: number;
  /** Milliseconds for making the documents. */
  readonly generationMs: number;
  /** Milliseconds for parsing and storing them. */
  readonly importMs: number;
  /** Milliseconds for approving and declining. */
  readonly decisionMs: number;
}

/** Imports a synthetic catalogue into a store and decides about some of its updates. */
export async function fillSyntheticStore(db: Db, options: SyntheticStoreOptions): Promise<SyntheticReport> {
  const { revisions, seed, tail, stopwatch } = options;
  const candidates = new DecisionCandidates();
  let bytes = 0;
  let generationMs = 0;
  async function* sources(): AsyncGenerator<SourceDocument> {
    const documents = syntheticDocuments(options);
    for (let count = 1; ; count++) {
      const before = stopwatch();
      const { value, done } = documents.next();
      generationMs += stopwatch() - before;
      if (done === true) return;
      bytes += value.bytes.length;
      candidates.note(value);
      yield { name: nameOf(value), bytes: value.bytes, progress: count / revisions };
    }
  }
  const begun = stopwatch();
  const source = `synthetic ${revisions} ${seed} ${tail}`;
  const report = await importDocuments(db, sources(), { ...options, source });
  const imported = stopwatch();
  const decisions = await decide(db, candidates, options.shares, options.now());
  const round = (milliseconds: number): number => Math.round(milliseconds);
  return {
    ...report,
    ...decisions,
    bytes,
    generationMs: round(generationMs),
    importMs: round(imported - begun - generationMs),
    decisionMs: round(stopwatch() - imported),
  };
}

function nameOf({ spec }: SyntheticDocument): string {
  return `${spec.updateId} revision ${spec.revisionNumber}`;
}
