import { Type } from 'typebox';
import { acceptLicences, viewLicences, type LicenceView } from '../../admin/licences.ts';
import { defineChange, defineList } from '../operation.ts';
import { pageOfAll, type Page, type PageRequest } from '../page.ts';
import { dryRun, textOrNull, timeOrNever, UPDATE, updateOf } from '../schemas.ts';
import { exampleListed, exampleUpdate, UPDATE_ERRORS, updatesNamed } from './update-schemas.ts';

const list = defineList({
  id: 'licences.list',
  path: '/licences',
  role: 'reader',
  summary: 'Lists licences of updates, those that nobody has accepted first',
  input: Type.Object({
    pending: Type.Optional(Type.Boolean({ description: 'Only those that nobody has accepted.' })),
  }),
  item: Type.Object({
    eulaId: Type.String(),
    acceptedMs: timeOrNever(),
    acceptedBy: textOrNull(),
    updates: Type.Array(Type.Object({ updateId: Type.String(), title: Type.String() }), {
      description: 'Updates, not declined, whose newest revision has it.',
    }),
  }),
  sorts: ['acceptedMs', 'eulaId'],
  usualSort: '-acceptedMs',
  example: {
    input: { pending: true },
    result: {
      eulaId: '5d4c3b2a-1f0e-4d9c-8b7a-6f5e4d3c2b1a',
      acceptedMs: null,
      acceptedBy: null,
      updates: [{ updateId: exampleListed.updateId, title: exampleListed.title }],
    },
  },
  async read({ db }, { pending = false }, page) {
    const all = await viewLicences(db, { pending });
    return page.sort === 'acceptedMs' ? byAcceptance(all, page) : pageOfAll(all, page, (one) => one.eulaId);
  },
});

/** What nobody has accepted comes as what is accepted last, which it will be; titles stay in their order. */
function byAcceptance(all: readonly LicenceView[], page: PageRequest): Page<LicenceView> {
  const keyed = all.map((licence) => ({ licence, age: -(licence.acceptedMs ?? Number.MAX_SAFE_INTEGER) }));
  const { items, ...rest } = pageOfAll(
    keyed,
    { ...page, sort: 'age', descending: !page.descending },
    ({ licence }) => `${licence.updates[0]?.title.slice(0, 200) ?? ''}\0${licence.eulaId.slice(0, 200)}`,
  );
  return { items: items.map((one) => one.licence), ...rest };
}

const accept = defineChange({
  id: 'licences.accept',
  method: 'POST',
  path: '/licences/accept',
  role: 'operator',
  summary: 'Accepts the licences of updates on behalf of all users',
  description: 'Approvals that waited for it take effect.',
  input: Type.Object({
    updates: updatesNamed,
    dryRun,
  }),
  result: Type.Object({
    updates: Type.Array(UPDATE, { description: 'Those whose licence was not accepted before.' }),
  }),
  errors: [...UPDATE_ERRORS],
  example: { input: { updates: ['KB5099001'] }, result: { updates: [exampleUpdate] } },
  async run({ db, principal, nowMs }, input) {
    return { updates: (await acceptLicences(db, principal, { ...input, nowMs })).map(updateOf) };
  },
});

export const licences = { list, accept };
