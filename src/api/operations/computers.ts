import { Type } from 'typebox';
import { moveComputer, removeComputer, showComputer, viewComputers } from '../../admin/computers.ts';
import { explainUpdate } from '../../admin/explain.ts';
import { COMPUTER_SORTS } from '../../store/computer-list.ts';
import { sortNames } from '../../store/keyset.ts';
import { defineChange, defineList, defineRead } from '../operation.ts';
import {
  computerName,
  dryRun,
  groupName,
  search,
  textOrNull,
  time,
  timeOrNever,
  updateName,
} from '../schemas.ts';
import { EXPLANATION, EXPLANATION_EXAMPLE } from './explanation-schema.ts';
import { findingKind } from './findings.ts';
import { COMPUTER_EXAMPLE } from './status-schemas.ts';

const COMPUTER = Type.Object({
  clientId: Type.String(),
  name: Type.String(),
  address: Type.String({ description: 'From which it was in contact last.' }),
  operatingSystem: Type.String({ description: 'With version and edition.' }),
  osVersion: textOrNull(),
  osNumber: Type.String({ description: 'Such as 10.0.26100.' }),
  isServer: Type.Boolean(),
  isDomainController: Type.Boolean(),
  osDescription: textOrNull('What the computer calls its system.'),
  osLocale: textOrNull(),
  architecture: textOrNull(),
  manufacturer: textOrNull(),
  model: textOrNull(),
  biosName: textOrNull(),
  biosVersion: textOrNull(),
  biosReleaseDate: textOrNull(),
  firmwareVersion: textOrNull(),
  clientVersion: textOrNull('Of its update agent.'),
  groups: Type.Array(Type.String(), { description: 'Names of the groups it was assigned to here.' }),
  requestedGroups: Type.Array(Type.String(), { description: 'Names it asks for by group policy.' }),
  unknownGroups: Type.Array(Type.String(), { description: 'Those of them that no group has.' }),
  firstSeenMs: Type.Integer(),
  registeredMs: timeOrNever(),
  lastContactMs: Type.Integer(),
  lastScanMs: timeOrNever(),
  lastReportMs: timeOrNever('When it reported the states of updates.'),
});

const example = {
  ...COMPUTER_EXAMPLE,
  address: '192.0.2.24',
  operatingSystem: 'Windows 11 24H2 Pro',
  osVersion: '24H2',
  osNumber: '10.0.26100',
  ...{ isServer: false, isDomainController: false, osDescription: 'Windows 10 Pro', osLocale: 'en-GB' },
  ...{ architecture: 'AMD64', manufacturer: 'Example', model: 'Till 3' },
  ...{
    biosName: 'Example 1.4',
    biosVersion: '1.4',
    biosReleaseDate: '2025-03-01T00:00:00',
    firmwareVersion: '1.4',
  },
  clientVersion: '1507.2601.30012.0',
  ...{ groups: ['Berlin'], requestedGroups: ['Berlin'], unknownGroups: [] },
  ...{ firstSeenMs: 1_760_000_000_000, registeredMs: 1_794_900_000_000, lastContactMs: 1_794_996_000_000 },
  ...{ lastScanMs: 1_794_995_900_000, lastReportMs: 1_794_995_960_000 },
};

const list = defineList({
  id: 'computers.list',
  path: '/computers',
  role: 'reader',
  summary: 'Lists computers',
  description: 'All filters that are given must hold.',
  input: Type.Object({
    search: search('A client id, or a part of the name.'),
    group: Type.Optional(groupName),
    os: search('Words of the operating system or its number, such as "11 24H2".'),
    model: search('A part of the manufacturer or the model.'),
    silentSinceMs: Type.Optional(time('Not in contact since then.')),
    finding: findingKind,
  }),
  item: COMPUTER,
  sorts: sortNames(COMPUTER_SORTS),
  usualSort: COMPUTER_SORTS.usual,
  errors: ['OAK_GROUP_UNKNOWN'],
  example: { input: { group: 'Berlin', os: 'windows 11' }, result: example },
  read: ({ db, nowMs }, { search: text, ...filter }, page) =>
    viewComputers(db, { ...filter, ...page, nowMs, ...(text === undefined ? {} : { text }) }),
});

const show = defineRead({
  id: 'computers.show',
  method: 'GET',
  path: '/computers/{computer}',
  role: 'reader',
  summary: 'Shows everything a computer told of itself, and where it belongs',
  input: Type.Object({ computer: computerName }),
  result: COMPUTER,
  errors: ['OAK_COMPUTER_UNKNOWN'],
  example: { input: { computer: COMPUTER_EXAMPLE.clientId }, result: example },
  run: ({ db }, { computer }) => showComputer(db, computer),
});

const move = defineChange({
  id: 'computers.move',
  method: 'POST',
  path: '/computers/{computer}/move',
  role: 'operator',
  summary: 'Makes a computer belong to exactly some groups',
  description: 'To none: Unassigned Computers. From then on no rule moves it, until it is released to them.',
  input: Type.Object({
    computer: computerName,
    groups: Type.Array(groupName, { maxItems: 1000 }),
    dryRun,
  }),
  result: COMPUTER,
  shownBy: show,
  errors: ['OAK_COMPUTER_UNKNOWN', 'OAK_GROUP_UNKNOWN'],
  example: { input: { computer: COMPUTER_EXAMPLE.name, groups: ['Berlin'] }, result: example },
  run: ({ db, principal, nowMs }, input) =>
    moveComputer(db, principal, input.computer, input.groups, nowMs, input.dryRun),
});

const remove = defineChange({
  id: 'computers.remove',
  method: 'DELETE',
  path: '/computers/{computer}',
  role: 'operator',
  summary: 'Forgets a computer',
  description: 'When it comes back, it registers as a new one.',
  input: Type.Object({ computer: computerName, dryRun }),
  result: COMPUTER,
  shownBy: show,
  errors: ['OAK_COMPUTER_UNKNOWN'],
  example: { input: { computer: COMPUTER_EXAMPLE.clientId }, result: example },
  run: ({ db, principal, nowMs }, input) =>
    removeComputer(db, principal, input.computer, nowMs, input.dryRun),
});

const explain = defineRead({
  id: 'computers.explain',
  method: 'GET',
  path: '/computers/{computer}/updates/{update}/explain',
  role: 'reader',
  summary: 'Says why a computer is not offered an update, or what it is offered as',
  description: 'With the true cause first, and with the facts that all of it was concluded from.',
  input: Type.Object({ computer: computerName, update: updateName }),
  result: EXPLANATION,
  errors: ['OAK_COMPUTER_UNKNOWN', 'OAK_UPDATE_AMBIGUOUS'],
  example: {
    input: { computer: COMPUTER_EXAMPLE.name, update: 'KB5066835' },
    result: EXPLANATION_EXAMPLE,
  },
  async run({ db, house, nowMs }, { computer, update }) {
    const { targeting } = house.configuration();
    const content = await house.content();
    return explainUpdate(
      { db, snapshot: await house.catalog(), content, targeting, nowMs },
      computer,
      update,
    );
  },
});

export const computers = { list, show, move, remove, explain };
