import { Type } from 'typebox';
import {
  addGroupRule,
  applyGroupRules,
  changeGroupRule,
  previewGroupRules,
  releaseComputer,
  removeGroupRule,
  showGroupRule,
  viewGroupRules,
} from '../../admin/group-rules.ts';
import { GROUP_RULE } from '../../fleet/group-rule.ts';
import { defineChange, defineList, defineRead } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { computerName, dryRun, exampleGuid, groupName, guid, named } from '../schemas.ts';
import { COMPUTER_EXAMPLE } from './status-schemas.ts';

const rule = named('A rule, by its name.');

const RULE = Type.Object({
  name: Type.String(),
  group: Type.String({ description: 'Where computers go that fit.' }),
  groupId: guid(),
  names: Type.Array(Type.String()),
  operatingSystems: Type.Array(Type.String()),
  subnets: Type.Array(Type.String()),
  models: Type.Array(Type.String()),
});

const conditions = { names: ['till-*'], operatingSystems: ['Windows 11*'], subnets: [], models: [] };
const tills = {
  name: 'tills',
  group: 'Berlin',
  groupId: exampleGuid('4a5b0a8f-6a34-4d0a-9d4a-0c6c2f0b6a11'),
  ...conditions,
};

const list = defineList({
  id: 'groupRules.list',
  path: '/group-rules',
  role: 'reader',
  summary: 'Lists the rules that assign computers to groups',
  input: Type.Object({}),
  item: RULE,
  sorts: ['name', 'group'],
  example: { input: {}, result: tills },
  read: async ({ db }, _input, page) => pageOfAll(await viewGroupRules(db), page, (one) => one.name),
});

const show = defineRead({
  id: 'groupRules.show',
  method: 'GET',
  path: '/group-rules/{rule}',
  role: 'reader',
  summary: 'Shows a rule that assigns computers',
  input: Type.Object({ rule }),
  result: RULE,
  errors: ['OAK_RULE_UNKNOWN'],
  example: { input: { rule: 'tills' }, result: tills },
  run: ({ db }, input) => showGroupRule(db, input.rule),
});

const add = defineChange({
  id: 'groupRules.add',
  method: 'POST',
  path: '/group-rules',
  role: 'operator',
  status: 201,
  summary: 'Adds a rule that assigns computers, from their next registration on',
  description: 'What is left empty fits every computer; one of each list must fit. Not all may be empty.',
  input: Type.Object({
    name: named('What it is called.'),
    group: groupName,
    ...GROUP_RULE.properties,
    dryRun,
  }),
  result: RULE,
  errors: ['OAK_RULE_INVALID', 'OAK_RULE_EXISTS', 'OAK_GROUP_UNKNOWN'],
  example: { input: { name: 'tills', group: 'Berlin', ...conditions }, result: tills },
  run: ({ db, principal, nowMs }, { name, group, dryRun: dry, ...given }) =>
    addGroupRule(db, principal, {
      name,
      group,
      rule: given,
      nowMs,
      ...(dry === undefined ? {} : { dryRun: dry }),
    }),
});

const change = defineChange({
  id: 'groupRules.change',
  method: 'PUT',
  path: '/group-rules/{rule}',
  role: 'operator',
  summary: 'Puts a rule that assigns computers in place of the one of its name',
  input: Type.Object({ rule, group: groupName, ...GROUP_RULE.properties, dryRun }),
  result: RULE,
  shownBy: show,
  errors: ['OAK_RULE_INVALID', 'OAK_RULE_UNKNOWN', 'OAK_GROUP_UNKNOWN'],
  example: { input: { rule: 'tills', group: 'Berlin', ...conditions }, result: tills },
  run: ({ db, principal, nowMs }, { rule: name, group, dryRun: dry, ...given }) =>
    changeGroupRule(db, principal, {
      ...{ name, group, rule: given, nowMs },
      ...(dry === undefined ? {} : { dryRun: dry }),
    }),
});

const remove = defineChange({
  id: 'groupRules.remove',
  method: 'DELETE',
  path: '/group-rules/{rule}',
  role: 'operator',
  summary: 'Removes a rule that assigns computers',
  description: 'Computers that it assigned stay where they are.',
  input: Type.Object({ rule, dryRun }),
  result: RULE,
  shownBy: show,
  errors: ['OAK_RULE_UNKNOWN'],
  example: { input: { rule: 'tills' }, result: tills },
  run: ({ db, principal, nowMs }, { rule: name, ...input }) =>
    removeGroupRule(db, principal, { ...input, name, nowMs }),
});

const MOVES = Type.Object({
  moves: Type.Array(
    Type.Object({
      clientId: Type.String(),
      computer: Type.String(),
      from: Type.Array(Type.String()),
      to: Type.Array(Type.String()),
      rules: Type.Array(Type.String()),
    }),
  ),
});

const movesExample = {
  moves: [
    {
      ...{ clientId: COMPUTER_EXAMPLE.clientId, computer: COMPUTER_EXAMPLE.name },
      ...{ from: ['Unassigned Computers'], to: ['Berlin'], rules: ['tills'] },
    },
  ],
};

const preview = defineRead({
  id: 'groupRules.preview',
  method: 'GET',
  path: '/group-rule-moves',
  role: 'reader',
  summary: 'Tells which computers would be moved were all of them assigned by the rules now',
  input: Type.Object({}),
  result: MOVES,
  example: { input: {}, result: movesExample },
  run: async ({ db }) => ({ moves: await previewGroupRules(db) }),
});

const apply = defineChange({
  id: 'groupRules.apply',
  method: 'POST',
  path: '/group-rule-moves',
  role: 'operator',
  summary: 'Assigns all computers by the rules',
  description: 'Those that were moved by hand stay where they are, and so do those that no rule fits.',
  input: Type.Object({ dryRun }),
  result: MOVES,
  example: { input: { dryRun: true }, result: movesExample },
  run: async ({ db, principal, nowMs }, input) => ({
    moves: await applyGroupRules(db, principal, { ...input, nowMs }),
  }),
});

const release = defineChange({
  id: 'groupRules.release',
  method: 'POST',
  path: '/computers/{computer}/release',
  role: 'operator',
  summary: 'Gives a computer that was moved by hand back to the rules',
  description: 'It leaves its groups; its next registration or applying the rules assigns it.',
  input: Type.Object({ computer: computerName, dryRun }),
  result: Type.Object({ clientId: Type.String(), computer: Type.String() }),
  errors: ['OAK_COMPUTER_UNKNOWN'],
  example: {
    input: { computer: COMPUTER_EXAMPLE.name },
    result: { clientId: COMPUTER_EXAMPLE.clientId, computer: COMPUTER_EXAMPLE.name },
  },
  run: ({ db, principal, nowMs }, input) => releaseComputer(db, principal, { ...input, nowMs }),
});

export const groupRules = { list, show, add, change, remove, preview, apply, release };
