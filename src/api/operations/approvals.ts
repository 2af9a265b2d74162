import { Type } from 'typebox';
import { removeApprovals } from '../../admin/approvals.ts';
import { findGroup } from '../../admin/groups.ts';
import { approveOrRequest } from '../../admin/second-person.ts';
import { findUpdate } from '../../admin/updates.ts';
import type { ErrorCode } from '../../errors/catalogue.ts';
import {
  APPROVAL_SORTS,
  approvalKey,
  readApprovalsPage,
  type ApprovalsPage,
  type ListedApproval,
} from '../../store/approvals-page.ts';
import { defineChange, defineList } from '../operation.ts';
import { pageOf, type PageRequest } from '../page.ts';
import { dryRun, groupName, guid, time, UPDATE, updateName, updateOf } from '../schemas.ts';
import { APPROVAL_REQUEST } from './approval-request-schema.ts';
import {
  action,
  APPROVAL,
  exampleApproval,
  exampleListed,
  exampleUpdate,
  UPDATE_ERRORS,
  updatesNamed,
} from './update-schemas.ts';

const ITEM = Type.Object({
  updateId: guid(),
  title: Type.String(),
  ...APPROVAL.properties,
});

const list = defineList({
  id: 'approvals.list',
  path: '/approvals',
  role: 'reader',
  summary: 'Lists what was decided about updates, the latest first',
  input: Type.Object({
    update: Type.Optional(updateName),
    group: Type.Optional(groupName),
    action: Type.Optional(action()),
    madeBy: Type.Optional(Type.Enum(['manual', 'rule', 'rollout'])),
    withheld: Type.Optional(Type.Boolean({ description: 'Whether it takes no effect now.' })),
  }),
  item: ITEM,
  sorts: [...APPROVAL_SORTS],
  usualSort: '-approvedMs',
  errors: [...UPDATE_ERRORS, 'OAK_GROUP_UNKNOWN'],
  example: {
    input: { group: 'Berlin', madeBy: 'manual' },
    result: { updateId: exampleListed.updateId, title: exampleListed.title, ...exampleApproval },
  },
  async read({ db }, { update, group, ...filter }, page) {
    const found = await readApprovalsPage(
      db,
      {
        ...filter,
        ...(update === undefined ? {} : { updateNumber: (await findUpdate(db, update)).number }),
        ...(group === undefined ? {} : { groupId: (await findGroup(db, group)).id }),
      },
      pageWanted(page),
    );
    const { items, ...rest } = pageOf(found, page, (one) => approvalKey(pageWanted(page), one));
    return { items: items.map(listed), ...rest };
  },
});

function pageWanted({ sort, limit, ...page }: PageRequest): ApprovalsPage {
  const known = APPROVAL_SORTS.find((one) => one === sort) ?? APPROVAL_SORTS[0];
  return { ...page, sort: known, limit: limit + 1 };
}

function listed(approval: ListedApproval): Omit<ListedApproval, 'number'> {
  const { number: _number, ...rest } = approval;
  return rest;
}

const groups = Type.Array(groupName, { minItems: 1, maxItems: 1000 });

const WARNING = Type.Object({
  kind: Type.Literal('install-and-uninstall'),
  updateId: Type.String(),
  title: Type.String(),
  clientId: Type.String(),
  computer: Type.String(),
  install: Type.Array(Type.String(), { description: 'Groups of the computer that install it.' }),
  uninstall: Type.Array(Type.String(), { description: 'Groups of the computer that uninstall it.' }),
});

/** What came of an approval. */
export const APPROVAL_OUTCOME = {
  updates: Type.Array(UPDATE),
  warnings: Type.Array(WARNING, { description: 'Computers on which groups contradict each other.' }),
};

export const APPROVE_ERRORS = [
  ...UPDATE_ERRORS,
  'OAK_GROUP_UNKNOWN',
  'OAK_DEADLINE',
  'OAK_UPDATE_NOT_DEPLOYABLE',
  'OAK_UPDATE_DECLINED',
  'OAK_UPDATE_EXPIRED',
  'OAK_UPDATE_NOT_UNINSTALLABLE',
  'OAK_LICENCE_NOT_ACCEPTED',
] as const satisfies readonly ErrorCode[];

const approve = defineChange({
  id: 'approvals.approve',
  method: 'POST',
  path: '/approvals',
  role: 'operator',
  summary: 'Decides what groups do with updates: all of it or nothing',
  description:
    'Clients learn of it at their next scan. Where the setting `approvals.secondPerson` is on, an approval for ' +
    'installation on All Computers waits until somebody else confirms it.',
  input: Type.Object({
    updates: updatesNamed,
    groups,
    action: action(),
    deadlineMs: Type.Optional(
      time('Install or uninstall at the latest then; one in the past means at the next scan.'),
    ),
    acceptLicence: Type.Optional(
      Type.Boolean({ description: 'Accept the licences of these updates on behalf of all users.' }),
    ),
    dryRun,
  }),
  result: Type.Object({
    ...APPROVAL_OUTCOME,
    request: Type.Union([APPROVAL_REQUEST, Type.Null()], {
      description: 'What waits for a second person; null when it was done.',
    }),
  }),
  errors: APPROVE_ERRORS,
  example: {
    input: { updates: ['KB5099001'], groups: ['Berlin'], action: 'Install', deadlineMs: 1_795_600_000_000 },
    result: { updates: [exampleUpdate], warnings: [], request: null },
  },
  async run({ db, principal, nowMs, house }, input) {
    const { updates, ...outcome } = await approveOrRequest(
      db,
      principal,
      { ...input, nowMs },
      house.configuration(),
    );
    return { ...outcome, updates: updates.map(updateOf) };
  },
});

const remove = defineChange({
  id: 'approvals.remove',
  method: 'POST',
  path: '/approvals/remove',
  role: 'operator',
  summary: 'Takes decisions back, so that the groups inherit again',
  description: 'Rules do not make them again by themselves.',
  input: Type.Object({ updates: updatesNamed, groups, dryRun }),
  result: Type.Object({
    updates: Type.Array(UPDATE, { description: 'Those about which something was taken back.' }),
  }),
  errors: [...UPDATE_ERRORS, 'OAK_GROUP_UNKNOWN'],
  example: {
    input: { updates: ['KB5099001'], groups: ['Berlin'] },
    result: { updates: [exampleUpdate] },
  },
  async run({ db, principal, nowMs }, input) {
    return { updates: (await removeApprovals(db, principal, { ...input, nowMs })).map(updateOf) };
  },
});

export const approvals = { list, approve, remove };
