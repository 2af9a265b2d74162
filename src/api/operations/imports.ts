import { relative } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { Type } from 'typebox';
import { runDueRules } from '../../admin/rules.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { importDocuments } from '../../import/importer.ts';
import { importFiles, readSourceDocuments, type SourceDocument } from '../../import/source-document.ts';
import { holdImportLock } from '../../store/import-lock.ts';
import { readImportsPage } from '../../store/imports-page.ts';
import { defineJob, defineList, type JobProgress, type OperationContext } from '../operation.ts';
import { pageOf } from '../page.ts';
import { count, guid, time, timeOrNever } from '../schemas.ts';
import { removeUpload, resolveUpload, uploadsFolder, withoutUploadsFolder } from '../uploads.ts';
import { exampleListed } from './update-schemas.ts';

const RETRY_MS = 100;
const PARTS_OF_PROGRESS = 1000;

/** What a job says it does while another import runs. */
export const IMPORT_WAITS = 'waiting for another import into this data folder to end';

const list = defineList({
  id: 'imports.list',
  path: '/imports',
  role: 'reader',
  summary: 'Lists imports, the latest first',
  input: Type.Object({}),
  item: Type.Object({
    id: Type.Integer(),
    source: Type.String({ description: 'What it was imported from.' }),
    startedMs: time(),
    finishedMs: timeOrNever('Null for one that runs or was cut off.'),
    revisions: count('Revisions it brought that are still there.'),
  }),
  sorts: ['id'],
  usualSort: '-id',
  example: {
    input: {},
    result: {
      id: 12,
      source: '["export.xml.gz"]',
      startedMs: 1_794_990_000_000,
      finishedMs: 1_794_990_060_000,
      revisions: 5120,
    },
  },
  async read({ db }, _, { descending, after, limit }) {
    const [id] = after ?? [];
    const page = { descending, limit: limit + 1, ...(typeof id === 'number' ? { after: id } : {}) };
    const found = await readImportsPage(db, page);
    return pageOf(found, { sort: 'id', descending, limit }, (one) => [one.id]);
  },
});

const REPORT = Type.Object({
  documents: count('Documents read.'),
  imported: count('Revisions that were new.'),
  known: count('Revisions that were there already.'),
  rejected: Type.Array(Type.Object({ name: Type.String(), code: Type.String(), reason: Type.String() })),
  approvals: Type.Array(
    Type.Object({
      rule: Type.String(),
      updateId: Type.String(),
      title: Type.String(),
      groupId: guid(),
      group: Type.String(),
      action: Type.Enum(['install', 'optional', 'not-approved']),
      deadlineMs: timeOrNever(),
    }),
    { description: 'What rules approved.' },
  ),
});

const start = defineJob({
  id: 'imports.start',
  path: '/imports',
  role: 'operator',
  summary: 'Imports uploaded update documents and export packages',
  description:
    'Nothing is visible to clients before all of it is. Rules that are due run afterwards. Uploads are gone then.',
  input: Type.Object({
    uploads: Type.Array(Type.String({ minLength: 1, maxLength: 4096 }), {
      maxItems: 10_000,
      description: 'What POST /uploads answered with; their names end in .xml, .cab or .xml.gz.',
    }),
  }),
  result: REPORT,
  errors: ['OAK_UPLOAD_UNKNOWN', 'OAK_IMPORT_PATH'],
  example: {
    input: { uploads: ['0b9f5c1e-3c54-4a3e-8f0e-9d2b8c5a7e41'] },
    result: {
      documents: 2,
      imported: 1,
      known: 1,
      rejected: [],
      approvals: [
        {
          rule: 'Security',
          updateId: exampleListed.updateId,
          title: exampleListed.title,
          groupId: exampleListed.approvals[0].groupId,
          group: 'Berlin',
          action: 'install',
          deadlineMs: null,
        },
      ],
    },
  },
  async run(context, { uploads }, progress) {
    const files = importFiles(uploads.map((upload) => resolveUpload(context, upload)));
    using _lock = await importLock(context.house.dataFolder, progress);
    try {
      return await imported(context, files, progress);
    } finally {
      // Whoever starts it again names the same uploads.
      if (!progress.signal.aborted) for (const upload of uploads) await removeUpload(context, upload);
    }
  },
});

async function imported(context: OperationContext, files: readonly string[], progress: JobProgress) {
  const isLocal = context.principal.kind === 'local';
  const folder = uploadsFolder(context.house.dataFolder);
  const outcome = await importDocuments(
    context.db,
    untilAborted(readSourceDocuments(files), progress.signal),
    {
      // Going on after an interruption needs the same names; where uploads lie is nobody's concern.
      source: JSON.stringify(isLocal ? files : files.map((file) => relative(folder, file))),
      now: Date.now,
      onProgress: ({ share, documents }) =>
        progress.report(Math.floor(share * PARTS_OF_PROGRESS), PARTS_OF_PROGRESS, `${documents} documents`),
    },
  );
  // A server that runs would do it within minutes: whoever imports sees at once what follows from it.
  const { approvals } = await runDueRules(context.db, Date.now());
  return { ...outcome, rejected: outcome.rejected.map((one) => named(context, one)), approvals };
}

function named<Rejected extends { readonly name: string; readonly reason: string }>(
  context: OperationContext,
  rejected: Rejected,
): Rejected {
  const name = withoutUploadsFolder(context, rejected.name);
  return { ...rejected, name, reason: withoutUploadsFolder(context, rejected.reason) };
}

async function* untilAborted(
  documents: AsyncIterable<SourceDocument>,
  signal: AbortSignal,
): AsyncGenerator<SourceDocument> {
  for await (const document of documents) {
    signal.throwIfAborted();
    yield document;
  }
}

async function importLock(dataFolder: string, progress: JobProgress): Promise<Disposable> {
  for (;;) {
    try {
      return holdImportLock(dataFolder);
    } catch (error) {
      if (!(error instanceof OakumError) || error.code !== 'OAK_IMPORT_BUSY') throw error;
      progress.report(0, 0, IMPORT_WAITS);
      await delay(RETRY_MS, undefined, { signal: progress.signal });
    }
  }
}

export const imports = { list, start };
