import { Type } from 'typebox';
import { declineUpdates } from '../../admin/approvals.ts';
import { readUpdateText, showUpdate, viewUpdates, type UpdateSummary } from '../../admin/update-views.ts';
import { UPDATE_TYPES } from '../../metadata/update-document.ts';
import { SEVERITIES } from '../../store/update-index.ts';
import { UPDATE_SORTS, updateKey, type UpdatesPage } from '../../store/updates-page.ts';
import { defineChange, defineList, defineRead, type OperationContext } from '../operation.ts';
import { pageOf, type PageRequest } from '../page.ts';
import { dryRun, named, search, time, UPDATE, updateName, updateOf } from '../schemas.ts';
import {
  DETAILS,
  exampleDetails,
  exampleListed,
  exampleUpdate,
  LISTED,
  UPDATE_ERRORS,
  updatesNamed,
} from './update-schemas.ts';

const list = defineList({
  id: 'updates.list',
  path: '/updates',
  role: 'reader',
  summary: 'Lists updates, and finds them by their words',
  description:
    'A search finds what has all of its words, the last of which may go on: in the title, among KB articles, CVEs and ' +
    'security bulletins, in the titles of products and classifications, and in what drivers are for.',
  input: Type.Object({
    search: search('Words, a KB article, a CVE, a security bulletin, a hardware id or an UpdateID.'),
    type: Type.Optional(Type.Enum([...UPDATE_TYPES])),
    product: Type.Optional(named('A product, a family or a company with all that is in it: title or id.')),
    classification: Type.Optional(named('A classification: title or id.')),
    severity: Type.Optional(
      Type.Enum([...SEVERITIES], { description: 'Unspecified is also what nobody rated.' }),
    ),
    decision: Type.Optional(
      Type.Enum(['approved', 'declined', 'undecided'], {
        description: 'Approved: for at least one group, to install or uninstall it.',
      }),
    ),
    deployable: Type.Optional(Type.Boolean({ description: 'Whether it can be approved.' })),
    superseded: Type.Optional(Type.Boolean()),
    arrivedSinceMs: Type.Optional(time('Only those whose newest revision came since then.')),
  }),
  item: LISTED,
  sorts: [...UPDATE_SORTS],
  // What nobody searched for is equally relevant, and follows the titles.
  usualSort: '-relevance',
  errors: [...UPDATE_ERRORS],
  example: { input: { search: 'cumulative KB5099001', decision: 'approved' }, result: exampleListed },
  async read({ db }, { arrivedSinceMs, ...query }, page) {
    const asked = { ...query, ...(arrivedSinceMs === undefined ? {} : { sinceMs: arrivedSinceMs }) };
    const found = await viewUpdates(db, asked, pageWanted(page));
    const { items, ...rest } = pageOf(found, page, (update) => updateKey(pageWanted(page), update));
    return { items: items.map(listed), ...rest };
  },
});

function pageWanted({ sort, limit, ...page }: PageRequest): UpdatesPage {
  const known = UPDATE_SORTS.find((one) => one === sort) ?? UPDATE_SORTS[0];
  return { ...page, sort: known, limit: limit + 1 };
}

/** Without what only cursors are made of. */
function listed<Update extends UpdateSummary>(update: Update): Omit<Update, 'sortTitle'> {
  const { sortTitle: _sortTitle, ...rest } = update;
  return rest;
}

const show = defineRead({
  id: 'updates.show',
  method: 'GET',
  path: '/updates/{update}',
  role: 'reader',
  summary: 'Shows everything that is known of an update',
  input: Type.Object({ update: updateName }),
  result: DETAILS,
  errors: [...UPDATE_ERRORS],
  example: { input: { update: 'KB5099001' }, result: exampleDetails },
  run: async ({ db, house }, { update }) => listed(await showUpdate(db, await house.content(), update)),
});

const document = defineRead({
  id: 'updates.document',
  method: 'GET',
  path: '/updates/{update}/document',
  role: 'reader',
  summary: 'Shows the XML document of an update as it was imported',
  input: Type.Object({
    update: updateName,
    revision: Type.Optional(
      Type.Integer({ minimum: 0, maximum: 0x7fff_ffff, description: 'The newest one unless given.' }),
    ),
  }),
  result: Type.Object({ updateId: Type.String(), revisionNumber: Type.Integer(), document: Type.String() }),
  errors: [...UPDATE_ERRORS],
  example: {
    input: { update: 'KB5099001' },
    result: { updateId: exampleListed.updateId, revisionNumber: 201, document: '<Update>…</Update>' },
  },
  run: ({ db }, { update, revision }) => readUpdateText(db, update, revision),
});

const DECISION = Type.Object({
  updates: updatesNamed,
  dryRun,
});
const CHANGED = Type.Object({
  updates: Type.Array(UPDATE, { description: 'Those that were changed.' }),
});
const example = {
  input: { updates: ['KB5099001'] },
  result: { updates: [exampleUpdate] },
};

const decline = defineChange({
  id: 'updates.decline',
  method: 'POST',
  path: '/updates/decline',
  role: 'operator',
  summary: 'Hides updates from clients and forgets their approvals',
  input: DECISION,
  result: CHANGED,
  errors: [...UPDATE_ERRORS, 'OAK_UPDATE_NOT_DEPLOYABLE'],
  example,
  run: (context, input) => declined(context, input, true),
});

const undecline = defineChange({
  id: 'updates.undecline',
  method: 'POST',
  path: '/updates/undecline',
  role: 'operator',
  summary: 'Shows declined updates to clients again, not approved',
  input: DECISION,
  result: CHANGED,
  errors: [...UPDATE_ERRORS],
  example,
  run: (context, input) => declined(context, input, false),
});

async function declined(
  { db, principal, nowMs }: OperationContext,
  input: { readonly updates: readonly string[]; readonly dryRun?: boolean | undefined },
  isDeclined: boolean,
): Promise<{ readonly updates: ReturnType<typeof updateOf>[] }> {
  const { updates, dryRun: isDryRun = false } = input;
  const request = { updates, declined: isDeclined, dryRun: isDryRun, nowMs };
  return { updates: (await declineUpdates(db, principal, request)).map(updateOf) };
}

export const updates = { list, show, document, decline, undecline };
