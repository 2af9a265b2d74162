import { Type } from 'typebox';
import { verifyAudit, viewAudit } from '../../admin/audit.ts';
import { AUDIT_SORTS } from '../../store/audit.ts';
import { sortNames } from '../../store/keyset.ts';
import { defineJob, defineList, type Output } from '../operation.ts';
import { textOrNull, time } from '../schemas.ts';
import { UPDATE_EXAMPLE } from './status-schemas.ts';

const filter = (description: string) =>
  Type.Optional(Type.String({ minLength: 1, maxLength: 4096, description }));

const ENTRY = Type.Object({
  number: Type.Integer({ description: '1, 2, 3… without a gap.' }),
  timeMs: Type.Integer(),
  caller: Type.String(),
  action: Type.String({ description: 'What was done, as `noun.verb`.' }),
  subject: Type.String({ description: 'To what: an UpdateID, a group id, a client id, a name.' }),
  before: Type.Optional(Type.Unknown({ description: 'What was; left out for what was not there.' })),
  after: Type.Optional(Type.Unknown({ description: 'What is now; left out for what is gone.' })),
  hash: Type.String({
    description: 'SHA-256 over the hash of the entry before and the canonical JSON of this one, hexadecimal.',
  }),
});

export type AnsweredEntry = Output<typeof ENTRY>;

const hash = '5f70bf18a086007016e948b04aed3b82103a36bea41755b6cddfaf10ace3c6ef';

const list = defineList({
  id: 'audit.list',
  path: '/audit',
  // It names accounts, and the addresses they signed in from.
  role: 'operator',
  summary: 'Lists what was changed, when and by whom',
  input: Type.Object({
    caller: filter('Only by this one; rules and rings are callers, too.'),
    action: filter('Only this, such as `update.approve`, or `update` for all about updates.'),
    subject: filter('Only about this UpdateID, group id, client id or name.'),
    sinceMs: Type.Optional(time('Only since then.')),
  }),
  item: ENTRY,
  sorts: sortNames(AUDIT_SORTS),
  usualSort: AUDIT_SORTS.usual,
  example: {
    input: { action: 'update' },
    result: {
      number: 1204,
      timeMs: 1_794_996_000_000,
      caller: 'kim',
      action: 'update.approve',
      subject: UPDATE_EXAMPLE.updateId,
      after: { approvals: [{ group: 'Pilot', action: 'Install' }] },
      hash,
    },
  },
  read: ({ db }, input, page) => viewAudit(db, { ...input, ...page }),
});

const verify = defineJob({
  id: 'audit.verify',
  path: '/audit/verify',
  role: 'operator',
  summary: 'Checks that nobody changed the log of changes',
  description:
    'Finds what was changed, taken out or put in. Only a head that was kept elsewhere proves that nobody who may ' +
    'write to the database wrote the log anew or cut off its end.',
  input: Type.Object({
    head: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 100,
        description:
          'A head of the log, `NUMBER:HASH`, as it was answered before: the log must still hold it.',
      }),
    ),
  }),
  result: Type.Object({
    intact: Type.Boolean(),
    firstForged: Type.Union([Type.Integer(), Type.Null()], {
      description: 'The first entry that is not what was written, or is missing.',
    }),
    head: textOrNull('The newest entry, `NUMBER:HASH`, to be kept elsewhere; null for an empty log.'),
    holdsHead: Type.Union([Type.Boolean(), Type.Null()], {
      description: 'Whether the log holds the head that was given; null when none was.',
    }),
  }),
  errors: ['OAK_AUDIT_HEAD'],
  example: {
    input: { head: `1204:${hash}` },
    result: { intact: true, firstForged: null, head: `1204:${hash}`, holdsHead: true },
  },
  run: ({ db }, input, progress) =>
    verifyAudit(db, { ...input, onProgress: (done, of) => progress.report(done, of) }),
});

export const audit = { list, verify };
