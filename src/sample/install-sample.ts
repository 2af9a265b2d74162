import type { ContentStore } from '../content/content-store.ts';
import { importDocuments, type ImportReport } from '../import/importer.ts';
import type { SourceDocument } from '../import/source-document.ts';
import type { Db } from '../store/schema.ts';
import type { Payload } from './payload.ts';
import { sampleCatalogue, type SampleDocument } from './sample-catalogue.ts';

export interface SampleReport extends ImportReport {
  /** Updates that an administrator can decide about. */
  readonly deployable: number;
  readonly files: {
    /** Files that were stored now. */
    readonly stored: number;
    readonly known: number;
    /** Bytes of all of them. */
    readonly bytes: number;
  };
}

/**
 * Puts the sample catalogue into a data folder: its files first, so that no client learns of an update
 * whose files are missing. Doing it again changes nothing.
 *
 * @throws OakumError OAK_CONTENT_STORE when the files cannot be stored
 */
export async function installSample(
  db: Db,
  content: ContentStore,
  options: { readonly now: () => number },
): Promise<SampleReport> {
  const { documents, payloads } = sampleCatalogue();
  let stored = 0;
  for (const payload of payloads) if (await store(content, payload)) stored++;
  const report = await importDocuments(db, sources(documents), { source: 'sample', now: options.now });
  return {
    ...report,
    deployable: documents.filter(({ spec }) => 'deployable' in spec && spec.deployable === true).length,
    files: {
      stored,
      known: payloads.length - stored,
      bytes: payloads.reduce((sum, payload) => sum + payload.file.size, 0),
    },
  };
}

/** @returns whether it was not there before */
async function store(content: ContentStore, { file, content: bytes }: Payload): Promise<boolean> {
  const known = await content.stat(file.sha1);
  if (known?.size === file.size) return false;
  const { sha1, sha256, size } = file;
  const writer = content.writer({ sha1, sha256, size, modified: new Date(file.modified) });
  try {
    await writer.write(bytes);
    await writer.commit();
  } finally {
    await writer.cancel();
  }
  return true;
}

async function* sources(documents: readonly SampleDocument[]): AsyncGenerator<SourceDocument> {
  for (const [index, { spec, bytes }] of documents.entries()) {
    yield { name: spec.texts[0].title, bytes, progress: (index + 1) / documents.length };
  }
}
