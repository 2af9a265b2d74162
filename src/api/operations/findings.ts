import { Type } from 'typebox';
import { findComputer } from '../../admin/computers.ts';
import { viewFindings } from '../../admin/findings.ts';
import { FINDING_CURE, FINDING_KINDS, FINDING_MEANING } from '../../fleet/finding.ts';
import { FINDING_SORTS } from '../../store/findings.ts';
import { sortNames } from '../../store/keyset.ts';
import { defineList } from '../operation.ts';
import { computerName, count } from '../schemas.ts';
import { COMPUTER_EXAMPLE } from './status-schemas.ts';

export const findingKind = Type.Optional(Type.Enum([...FINDING_KINDS], { description: 'Only this kind.' }));

const FINDING = Type.Object({
  kind: Type.Enum([...FINDING_KINDS]),
  clientId: Type.String(),
  firstMs: Type.Integer(),
  lastMs: Type.Integer(),
  times: count('How often it was noticed; 1 for what is a state.'),
  name: Type.String(),
  meaning: Type.String(),
  cure: Type.String(),
  evidence: Type.Array(Type.String(), {
    description: 'Facts behind it: names or hardware that take turns, or group names.',
  }),
});

const example = {
  kind: 'duplicate-id' as const,
  clientId: COMPUTER_EXAMPLE.clientId,
  ...{ firstMs: 1_794_900_000_000, lastMs: 1_794_996_000_000, times: 9 },
  name: COMPUTER_EXAMPLE.name,
  meaning: FINDING_MEANING['duplicate-id'],
  cure: FINDING_CURE['duplicate-id'],
  evidence: ['till-4.example.com', 'till-5.example.com'],
};

const list = defineList({
  id: 'findings.list',
  path: '/findings',
  role: 'reader',
  summary: 'Lists what is wrong with computers, and what to do about it',
  input: Type.Object({ kind: findingKind }),
  item: FINDING,
  sorts: sortNames(FINDING_SORTS),
  usualSort: FINDING_SORTS.usual,
  example: { input: { kind: 'duplicate-id' }, result: example },
  read: ({ db, nowMs }, input, page) => viewFindings(db, { ...input, ...page, nowMs }),
});

const ofComputer = defineList({
  id: 'findings.ofComputer',
  path: '/computers/{computer}/findings',
  role: 'reader',
  summary: 'Lists what is wrong with a computer',
  input: Type.Object({ computer: computerName }),
  item: FINDING,
  sorts: sortNames(FINDING_SORTS),
  usualSort: FINDING_SORTS.usual,
  errors: ['OAK_COMPUTER_UNKNOWN'],
  example: { input: { computer: COMPUTER_EXAMPLE.name }, result: example },
  async read({ db, nowMs }, { computer }, page) {
    const { client_id: clientId } = await findComputer(db, computer);
    return viewFindings(db, { ...page, clientId, nowMs });
  },
});

export const findings = { list, ofComputer };
