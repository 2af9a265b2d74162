import type { ErrorCode } from '../errors/catalogue.ts';
import { eventChannel } from '../errors/event-channels.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { ITEMS_NAMED } from '../fleet/notification-event.ts';
import { inertLine } from '../fleet/notified-text.ts';
import { deriveFragments } from '../metadata/fragments.ts';
import { parseUpdateDocument, type UpdateDocument } from '../metadata/update-document.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { adoptRevision, beginImport, findRevision, publishImport, readDocument } from '../store/imports.ts';
import { notify, notifyAlone } from '../store/notifications.ts';
import { mentionedIds } from '../store/relations-codec.ts';
import { insertRevision, prepareRevision, type PreparedRevision } from '../store/revisions.ts';
import type { Db, Tx } from '../store/schema.ts';
import { numberUpdates } from '../store/update-numbers.ts';
import { markKnown } from './known-documents.ts';
import type { SourceDocument } from './source-document.ts';

export interface RejectedDocument {
  readonly name: string;
  readonly code: ErrorCode;
  readonly reason: string;
}

export interface ImportReport {
  /** Documents read. */
  readonly documents: number;
  /** Revisions that were new. */
  readonly imported: number;
  /** Revisions the store already had. */
  readonly known: number;
  readonly rejected: readonly RejectedDocument[];
}

export interface ImportOptions {
  /** Names the import: going on after an interruption needs the same name. */
  readonly source: string;
  readonly now: () => number;
  readonly onProgress?: (progress: { readonly share: number; readonly documents: number }) => void;
}

const PUBLISHED = eventChannel('oakum.import.published');

// Clients that report meanwhile wait for a batch: it takes about 20 ms.
const BATCH_DOCUMENTS = 125;
const BATCH_BYTES = 16 * 1024 * 1024;

/**
 * Imports update documents: each batch is one transaction, and nothing becomes visible to clients before
 * the whole import is. Documents that are refused are reported, the rest goes on. Importing again what
 * is there changes nothing.
 */
export async function importDocuments(
  db: Db,
  documents: AsyncIterable<SourceDocument>,
  options: ImportOptions,
): Promise<ImportReport> {
  try {
    return await importAll(db, documents, options);
  } catch (error) {
    await tellFailure(db, options, error);
    throw error;
  }
}

async function importAll(
  db: Db,
  documents: AsyncIterable<SourceDocument>,
  options: ImportOptions,
): Promise<ImportReport> {
  const importId = await beginImport(db, options.source, options.now());
  const stored = new Set<number>();
  const rejected: RejectedDocument[] = [];
  const total = { documents: 0, imported: 0, known: 0 };
  let batch: Prepared[] = [];
  // What is known counts too, so that progress is told as often.
  let batchDocuments = 0;
  let batchBytes = 0;
  const flush = async (): Promise<void> => {
    if (batch.length > 0) {
      const outcome = await storeBatch(db, batch, { importId, nowMs: options.now(), stored });
      total.imported += outcome.imported;
      total.known += outcome.known;
      rejected.push(...outcome.rejected);
    }
    batch = [];
    batchDocuments = 0;
    batchBytes = 0;
  };
  for await (const { source, isKnown } of markKnown(db, documents)) {
    total.documents++;
    const prepared = isKnown ? undefined : prepare(source);
    if (prepared !== undefined && 'code' in prepared) rejected.push(prepared);
    else {
      if (prepared === undefined) total.known++;
      else batch.push(prepared);
      batchDocuments++;
      batchBytes += source.bytes?.length ?? 0;
    }
    if (batchDocuments >= BATCH_DOCUMENTS || batchBytes >= BATCH_BYTES) {
      await flush();
      options.onProgress?.({ share: source.progress, documents: total.documents });
    }
  }
  await flush();
  const revisions = await db.transaction().execute(async (tx) => {
    const nowMs = options.now();
    const count = await publishImport(tx, importId, nowMs);
    if (rejected.length > 0) await notify(tx, 'import.rejected', nowMs, refusal(options.source, rejected));
    return count;
  });
  if (PUBLISHED.hasSubscribers) PUBLISHED.publish({ importId, source: options.source, revisions });
  return { ...total, rejected };
}

function refusal(source: string, rejected: readonly RejectedDocument[]) {
  const documents = rejected.slice(0, ITEMS_NAMED).map(({ name, code, reason }) => ({
    name: inertLine(name),
    code,
    reason: inertLine(reason),
  }));
  return { source, count: rejected.length, documents };
}

/** Whoever started the import learns of the error itself; that nobody can be told of it must not hide it. */
async function tellFailure(db: Db, { source, now }: ImportOptions, error: unknown): Promise<void> {
  const code = error instanceof OakumError ? error.code : 'OAK_INTERNAL';
  const reason = inertLine(error instanceof Error ? error.message : String(error));
  await notifyAlone(db, 'import.failed', now(), { source, code, reason }).catch(() => undefined);
}

interface Prepared extends PreparedRevision {
  readonly name: string;
}

function prepare(source: SourceDocument): Prepared | RejectedDocument {
  const { name, bytes } = source;
  try {
    if (bytes === undefined) throw source.error ?? new OakumError('OAK_INTERNAL');
    return { name, ...prepareRevision(parseUpdateDocument(bytes), deriveFragments(bytes), bytes) };
  } catch (error) {
    if (!(error instanceof OakumError)) throw error;
    return { name, code: error.code, reason: error.message };
  }
}

interface Run {
  readonly importId: number;
  readonly nowMs: number;
  /** Revisions this run has stored or adopted: a copy of one of them is known. */
  readonly stored: Set<number>;
}

async function storeBatch(
  db: Db,
  batch: readonly Prepared[],
  run: Run,
): Promise<{
  readonly imported: number;
  readonly known: number;
  readonly rejected: readonly RejectedDocument[];
}> {
  const rejected: RejectedDocument[] = [];
  let imported = 0;
  let known = 0;
  await db.transaction().execute(async (tx) => {
    const numbers = await numberUpdates(tx, idsOf(batch.map((one) => one.document)));
    const numberOf = (updateId: UpdateId): number => numbers.get(updateId)!;
    for (const prepared of batch) {
      const outcome = await storeOne(tx, prepared, { ...run, numberOf });
      if (outcome === 'imported') imported++;
      else if (outcome === 'known') known++;
      else rejected.push(outcome);
    }
  });
  return { imported, known, rejected };
}

type Staging = Run & Parameters<typeof insertRevision>[2];

async function storeOne(
  tx: Tx,
  prepared: Prepared,
  staging: Staging,
): Promise<'imported' | 'known' | RejectedDocument> {
  const found = await findRevision(tx, prepared.document);
  if (found === undefined) {
    staging.stored.add(await insertRevision(tx, prepared, staging));
    return 'imported';
  }
  const stored = await readDocument(tx, found.revisionId);
  if (stored?.equals(prepared.source) === false) {
    const error = new OakumError('OAK_IMPORT_CONFLICT');
    return { name: prepared.name, code: error.code, reason: error.message };
  }
  if (found.published || staging.stored.has(found.revisionId)) return 'known';
  staging.stored.add(found.revisionId);
  await adoptRevision(tx, found.revisionId, staging.importId);
  return 'imported';
}

function idsOf(documents: readonly UpdateDocument[]): Set<UpdateId> {
  const ids = new Set<UpdateId>();
  for (const document of documents) {
    ids.add(document.updateId);
    for (const id of mentionedIds(document.relations)) ids.add(id);
  }
  return ids;
}
