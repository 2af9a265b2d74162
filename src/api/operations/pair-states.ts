import { Type } from 'typebox';
import {
  computerCompliance,
  computerStates,
  updateCompliance,
  updateStates,
} from '../../admin/compliance.ts';
import { sortNames } from '../../store/keyset.ts';
import { COMPUTER_STATE_SORTS, UPDATE_STATE_SORTS } from '../../store/status-lists.ts';
import { defineList, defineRead } from '../operation.ts';
import { computerName, updateName } from '../schemas.ts';
import {
  COMPUTER_EXAMPLE,
  COUNTS_EXAMPLE,
  FAILED_EXAMPLE,
  STATE_VIEW,
  states,
  STATUS_COMPUTER,
  STATUS_COUNTS,
  STATUS_UPDATE,
  UPDATE_EXAMPLE,
} from './status-schemas.ts';

/** Operations of compliance about one computer or one update. */

const UPDATE_ERRORS = [
  'OAK_UPDATE_UNKNOWN',
  'OAK_UPDATE_AMBIGUOUS',
  'OAK_UPDATE_DECLINED',
  'OAK_UPDATE_NOT_DEPLOYABLE',
] as const;

const ofComputer = defineRead({
  id: 'compliance.ofComputer',
  method: 'GET',
  path: '/computers/{computer}/compliance',
  role: 'reader',
  summary: 'Counts the updates in each state on a computer',
  input: Type.Object({ computer: computerName }),
  result: STATUS_COUNTS,
  errors: ['OAK_COMPUTER_UNKNOWN'],
  example: { input: { computer: COMPUTER_EXAMPLE.name }, result: COUNTS_EXAMPLE },
  run: ({ db }, { computer }) => computerCompliance(db, computer),
});

const statesOfComputer = defineList({
  id: 'compliance.statesOfComputer',
  path: '/computers/{computer}/states',
  role: 'reader',
  summary: 'Lists the updates that count, each with its state on a computer',
  description: 'By state: failed ones and those that wait for a restart first, what was never reported last.',
  input: Type.Object({ computer: computerName, states }),
  item: Type.Object({ ...STATUS_UPDATE.properties, ...STATE_VIEW.properties }),
  sorts: sortNames(COMPUTER_STATE_SORTS),
  usualSort: COMPUTER_STATE_SORTS.usual,
  errors: ['OAK_COMPUTER_UNKNOWN', 'OAK_STATE_UNKNOWN'],
  example: {
    input: { computer: COMPUTER_EXAMPLE.name, states: ['failed'] },
    result: { ...UPDATE_EXAMPLE, ...FAILED_EXAMPLE },
  },
  read: ({ db }, { computer, ...query }, page) => computerStates(db, computer, { ...query, ...page }),
});

const ofUpdate = defineRead({
  id: 'compliance.ofUpdate',
  method: 'GET',
  path: '/updates/{update}/compliance',
  role: 'reader',
  summary: 'Counts the computers in each state with an update',
  input: Type.Object({ update: updateName }),
  result: Type.Object({
    updateId: Type.String(),
    title: Type.String(),
    kbArticles: Type.Array(Type.String()),
    declined: Type.Boolean(),
    ...STATUS_COUNTS.properties,
  }),
  errors: [...UPDATE_ERRORS],
  example: {
    input: { update: 'KB5066835' },
    result: {
      ...{ updateId: UPDATE_EXAMPLE.updateId, title: UPDATE_EXAMPLE.title },
      ...{ kbArticles: UPDATE_EXAMPLE.kbArticles, declined: false },
      ...COUNTS_EXAMPLE,
    },
  },
  run: ({ db }, { update }) => updateCompliance(db, update),
});

const statesOfUpdate = defineList({
  id: 'compliance.statesOfUpdate',
  path: '/updates/{update}/states',
  role: 'reader',
  summary: 'Lists the computers, each with the state of an update on it',
  description: 'By state: failed ones and those that wait for a restart first, what was never reported last.',
  input: Type.Object({ update: updateName, states }),
  item: Type.Object({ ...STATUS_COMPUTER.properties, ...STATE_VIEW.properties }),
  sorts: sortNames(UPDATE_STATE_SORTS),
  usualSort: UPDATE_STATE_SORTS.usual,
  errors: [...UPDATE_ERRORS, 'OAK_STATE_UNKNOWN'],
  example: {
    input: { update: 'KB5066835', states: ['failed'] },
    result: { ...COMPUTER_EXAMPLE, ...FAILED_EXAMPLE },
  },
  read: ({ db }, { update, ...query }, page) => updateStates(db, update, { ...query, ...page }),
});

export const pairStates = { ofComputer, statesOfComputer, ofUpdate, statesOfUpdate };
