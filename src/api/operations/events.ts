import { Type } from 'typebox';
import { viewEvents, viewRefusals } from '../../admin/events.ts';
import { EVENT_SORTS } from '../../store/event-list.ts';
import { sortNames } from '../../store/keyset.ts';
import { defineList } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { computerName, count, textOrNull, time, updateName } from '../schemas.ts';
import { COMPUTER_EXAMPLE, FAILED_EXAMPLE, RESULT, UPDATE_EXAMPLE } from './status-schemas.ts';

const list = defineList({
  id: 'events.list',
  path: '/events',
  role: 'reader',
  summary: 'Lists what computers reported, in the order in which it came',
  input: Type.Object({
    computer: Type.Optional(computerName),
    update: Type.Optional(updateName),
    event: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 80,
        description: 'Of this kind: a number, or words such as "installation failed".',
      }),
    ),
    failures: Type.Optional(Type.Boolean({ description: 'Only those that tell of a failure.' })),
    sinceMs: Type.Optional(time('Received then or later.')),
  }),
  item: Type.Object({
    instanceId: Type.String({ description: 'As the computer numbers it; each of them once for a computer.' }),
    clientId: Type.String(),
    computer: textOrNull('Its name; null when it was deleted since.'),
    eventId: Type.Integer(),
    sourceId: Type.Integer(),
    timeMs: Type.Integer({ description: 'When it happened, by the clock of the computer.' }),
    receivedMs: Type.Integer(),
    updateId: textOrNull(),
    revisionNumber: Type.Union([Type.Integer(), Type.Null()]),
    title: textOrNull('Of the latest revision; null for what this server does not have.'),
    hresult: Type.Integer(),
    appName: Type.String(),
    replacementStrings: Type.Array(Type.String()),
    miscData: Type.Array(Type.String()),
    event: Type.String({ description: 'What happened.' }),
    result: RESULT,
  }),
  sorts: sortNames(EVENT_SORTS),
  usualSort: EVENT_SORTS.usual,
  errors: ['OAK_COMPUTER_UNKNOWN', 'OAK_UPDATE_UNKNOWN', 'OAK_UPDATE_AMBIGUOUS', 'OAK_EVENT_KIND_UNKNOWN'],
  example: {
    input: { failures: true, computer: COMPUTER_EXAMPLE.name },
    result: {
      instanceId: 'c0a8f5b2-1d3e-4f60-9172-8394a5b6c7d8',
      clientId: COMPUTER_EXAMPLE.clientId,
      computer: COMPUTER_EXAMPLE.name,
      ...{ eventId: 182, sourceId: 101, timeMs: 1_794_996_000_000, receivedMs: 1_794_996_002_000 },
      ...{ updateId: UPDATE_EXAMPLE.updateId, revisionNumber: 200, title: UPDATE_EXAMPLE.title },
      hresult: FAILED_EXAMPLE.hresult,
      appName: 'UpdateOrchestrator',
      replacementStrings: ['0x80070643', UPDATE_EXAMPLE.title],
      miscData: [],
      event: 'installation failed',
      result: FAILED_EXAMPLE.result,
    },
  },
  read: ({ db }, input, page) => viewEvents(db, { ...input, ...page }),
});

const refusals = defineList({
  id: 'events.refusals',
  path: '/events/refusals',
  role: 'reader',
  summary: 'Counts events that were not taken as they were, and says why',
  input: Type.Object({}),
  item: Type.Object({
    code: Type.String({ description: 'Of an error of the catalogue.' }),
    events: count(),
    lastMs: Type.Integer(),
    lastClientId: Type.String(),
    summary: Type.String(),
  }),
  sorts: ['code', 'events', 'lastMs'],
  example: {
    input: {},
    result: {
      code: 'OAK_EVENT_UNKNOWN_UPDATE',
      events: 4,
      lastMs: 1_794_996_002_000,
      lastClientId: COMPUTER_EXAMPLE.clientId,
      summary: 'A report of states names updates this server has never had.',
    },
  },
  async read({ db }, _input, page) {
    return pageOfAll(await viewRefusals(db), page, (one) => one.code);
  },
});

export const events = { list, refusals };
