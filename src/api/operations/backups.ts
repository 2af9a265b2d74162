import { Type } from 'typebox';
import { viewBackups } from '../../admin/backup/view-backups.ts';
import { createBackup } from '../../admin/backup/create-backup.ts';
import { defineJob, defineList } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { count, time } from '../schemas.ts';

const content = Type.Union(
  [Type.Object({ files: count(), bytes: count(), linked: count('Not copied, but linked.') }), Type.Null()],
  { description: 'The files of updates; null for a backup without them.' },
);

const list = defineList({
  id: 'backups.list',
  path: '/backups',
  role: 'administrator',
  summary: 'Lists the complete backups in the folder of the server, the newest first',
  input: Type.Object({}),
  item: Type.Object({
    path: Type.String(),
    timeMs: time(),
    oakumVersion: Type.String(),
    catalogChange: Type.Integer(),
    bytes: count('Without the files of updates.'),
    contentFiles: Type.Union([Type.Integer(), Type.Null()]),
  }),
  sorts: ['timeMs', 'bytes'],
  usualSort: '-timeMs',
  example: {
    input: {},
    result: {
      path: '/var/lib/oakum/backups/oakum-2026-11-22T03-00-00Z',
      timeMs: 1_795_316_400_000,
      oakumVersion: '0.1.0',
      catalogChange: 812,
      bytes: 214_958_080,
      contentFiles: null,
    },
  },
  async read({ db, house }, _, page) {
    const { backupsFolder } = house.configuration();
    return pageOfAll(await viewBackups(db, backupsFolder), page, (one) => one.path);
  },
});

const create = defineJob({
  id: 'backups.create',
  path: '/backups',
  role: 'administrator',
  summary: 'Takes a backup into the folder of the server, while it goes on working',
  input: Type.Object({
    content: Type.Optional(Type.Boolean({ description: 'Also the files of updates.' })),
    keep: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 99_999, description: 'Delete older ones beyond so many.' }),
    ),
  }),
  result: Type.Object({
    path: Type.String(),
    bytes: count('Without the files of updates.'),
    content,
    removed: Type.Array(Type.String(), { description: 'Backups that were deleted.' }),
  }),
  errors: ['OAK_BACKUP_TARGET', 'OAK_BACKUP_BUSY', 'OAK_FILE_UNWRITABLE', 'OAK_STORE_DAMAGED'],
  example: {
    input: { keep: 7 },
    result: {
      path: '/var/lib/oakum/backups/oakum-2026-11-22T03-00-00Z',
      bytes: 214_958_080,
      content: null,
      removed: [],
    },
  },
  async run({ db, house, principal, nowMs }, input, progress) {
    const { manifest: _, ...report } = await createBackup(db, principal, {
      ...input,
      nowMs,
      dataFolder: house.dataFolder,
      // Where a backup goes is no matter of a request: it would be a way to write anywhere.
      target: house.configuration().backupsFolder,
      signal: progress.signal,
      onProgress: (what, done, of = 0) => progress.report(done, of, what),
    });
    return report;
  },
});

export const backups = { list, create };
