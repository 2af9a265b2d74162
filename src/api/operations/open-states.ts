import { Type } from 'typebox';
import {
  countSilent,
  failures,
  failureTotals,
  pendingReboots,
  silentComputers,
} from '../../admin/compliance.ts';
import { sortNames } from '../../store/keyset.ts';
import { FAILURE_SORTS, PENDING_SORTS, SILENT_SORTS } from '../../store/open-states.ts';
import { defineList, defineRead } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { count, time, timeOrNever } from '../schemas.ts';
import {
  COMPUTER_EXAMPLE,
  FAILED_EXAMPLE,
  KNOWN_STATE,
  RESULT,
  STATE_VIEW,
  STATUS_COMPUTER,
  STATUS_UPDATE,
  UPDATE_EXAMPLE,
} from './status-schemas.ts';

/** Operations of compliance about what somebody should look at: failures, restarts and silence. */

const failureCodes = defineList({
  id: 'compliance.failureCodes',
  path: '/compliance/failures/codes',
  role: 'reader',
  summary: 'Lists the codes with which updates are failed now, and what they mean',
  input: Type.Object({}),
  item: Type.Object({
    hresult: Type.Integer({ description: 'Signed, as computers report it.' }),
    updates: count(),
    computers: count(),
    states: count('Pairs of a computer and an update.'),
    ...RESULT.properties,
  }),
  sorts: ['states', 'updates', 'computers', 'name', 'hresult'],
  usualSort: '-states',
  example: {
    input: {},
    result: { hresult: -2_147_023_293, updates: 2, computers: 5, states: 6, ...FAILED_EXAMPLE.result },
  },
  async read({ db }, _input, page) {
    return pageOfAll(await failureTotals(db), page, (one) => -one.hresult);
  },
});

const listFailures = defineList({
  id: 'compliance.failures',
  path: '/compliance/failures',
  role: 'reader',
  summary: 'Lists what fails, and where',
  input: Type.Object({
    code: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 80,
        description: 'Only with this code: 0x80070643, a number, or its name such as ERROR_INSTALL_FAILURE.',
      }),
    ),
  }),
  item: Type.Object({
    ...STATUS_COMPUTER.properties,
    ...STATUS_UPDATE.properties,
    ...STATE_VIEW.properties,
  }),
  sorts: sortNames(FAILURE_SORTS),
  usualSort: FAILURE_SORTS.usual,
  errors: ['OAK_RESULT_CODE_UNKNOWN'],
  example: {
    input: { code: '0x80070643' },
    result: { ...COMPUTER_EXAMPLE, ...UPDATE_EXAMPLE, ...FAILED_EXAMPLE },
  },
  read: ({ db }, input, page) => failures(db, { ...input, ...page }),
});

const restarts = defineList({
  id: 'compliance.pendingReboots',
  path: '/compliance/pending-reboots',
  role: 'reader',
  summary: 'Lists updates that wait for a restart, those that have waited longest first',
  input: Type.Object({}),
  item: Type.Object({
    ...STATUS_COMPUTER.properties,
    ...STATUS_UPDATE.properties,
    ...KNOWN_STATE.properties,
  }),
  sorts: sortNames(PENDING_SORTS),
  usualSort: PENDING_SORTS.usual,
  example: {
    input: {},
    result: {
      ...COMPUTER_EXAMPLE,
      ...UPDATE_EXAMPLE,
      ...{ state: 'pendingReboot' as const, sinceMs: 1_794_996_000_000, hresult: null },
    },
  },
  read: ({ db }, _input, page) => pendingReboots(db, page),
});

const beforeMs = time('Since then nothing was reported.');

const silent = defineList({
  id: 'compliance.silentComputers',
  path: '/compliance/silent-computers',
  role: 'reader',
  summary: 'Lists computers that have reported nothing since a time, or never',
  description: 'They are sorted to the hour of their last report.',
  input: Type.Object({ beforeMs }),
  item: Type.Object({
    ...STATUS_COMPUTER.properties,
    lastReportMs: timeOrNever(),
    lastContactMs: Type.Integer(),
  }),
  sorts: sortNames(SILENT_SORTS),
  usualSort: SILENT_SORTS.usual,
  example: {
    input: { beforeMs: 1_794_000_000_000 },
    result: { ...COMPUTER_EXAMPLE, lastReportMs: 1_792_500_000_000, lastContactMs: 1_794_996_000_000 },
  },
  read: ({ db }, input, page) => silentComputers(db, { ...input, ...page }),
});

const silentCount = defineRead({
  id: 'compliance.silentCount',
  method: 'GET',
  path: '/compliance/silent-computers/count',
  role: 'reader',
  summary: 'Counts computers that have reported nothing since a time, or never',
  input: Type.Object({ beforeMs }),
  result: Type.Object({ count: count() }),
  example: { input: { beforeMs: 1_794_000_000_000 }, result: { count: 7 } },
  run: async ({ db }, input) => ({ count: await countSilent(db, input.beforeMs) }),
});

export const openStates = {
  failureCodes,
  failures: listFailures,
  pendingReboots: restarts,
  silentComputers: silent,
  silentCount,
};
