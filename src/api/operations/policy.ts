import { Type, type Static } from 'typebox';
import { applyPolicy, viewPlan } from '../../admin/policy/apply-policy.ts';
import { exportPolicy } from '../../admin/policy/export-policy.ts';
import { CHANGE_KINDS, POLICY_NOUNS } from '../../admin/policy/policy-change.ts';
import { parsePolicy, POLICY_DOCUMENT } from '../../admin/policy/policy-document.ts';
import { viewDrift } from '../../admin/policy/policy-drift.ts';
import type { ErrorCode } from '../../errors/catalogue.ts';
import { defineChange, defineRead, type Output } from '../operation.ts';
import { dryRun } from '../schemas.ts';

const BODY = Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]);

const CHANGE = Type.Object({
  kind: Type.Enum([...CHANGE_KINDS]),
  noun: Type.Enum([...POLICY_NOUNS]),
  name: Type.String({
    description: 'What it is called when its turn comes: of what is renamed, the old name.',
  }),
  before: BODY,
  after: BODY,
  warnings: Type.Array(Type.String(), { description: 'What is lost, and what stands in the way.' }),
});

const PLAN = Type.Object({
  changes: Type.Array(CHANGE, { description: 'Exactly what is done, in this order.' }),
  unmanaged: Type.Array(CHANGE, {
    description: 'What is not in its section of the policy, and is left alone unless prune is given.',
  }),
  digest: Type.String({ description: 'Of the changes: equal as long as they are.' }),
});

export type AnsweredPlan = Output<typeof PLAN>;

const document = Type.Record(Type.String(), Type.Unknown(), {
  description: `A policy as plain data: ${Object.keys(POLICY_DOCUMENT.properties).join(', ')}; see docs/policy.md.`,
});
const prune = Type.Optional(
  Type.Boolean({ description: 'Also remove what is there and not in its section of the policy.' }),
);

/** What is wrong with a policy, or with what it names. */
const POLICY_ERRORS = [
  'OAK_POLICY_INVALID',
  'OAK_POLICY_LIMIT',
  'OAK_SETTING_UNKNOWN',
  'OAK_SETTING_INVALID',
  'OAK_SETTING_NOT_STORED',
  'OAK_GROUP_UNKNOWN',
  'OAK_GROUP_BUILT_IN',
  'OAK_UPDATE_UNKNOWN',
  'OAK_UPDATE_AMBIGUOUS',
] as const satisfies readonly ErrorCode[];

const policyExample = { version: 1, groups: [{ name: 'Pilot' }] };
const planExample: Static<typeof PLAN> = {
  changes: [
    {
      ...{ kind: 'create', noun: 'group', name: 'Pilot', before: null, warnings: [] },
      after: { parent: 'All Computers' },
    },
  ],
  unmanaged: [],
  digest: '4f8b0c1d2e3f405162738495a6b7c8d9',
};

const plan = defineRead({
  id: 'policy.plan',
  method: 'POST',
  path: '/policy/plan',
  role: 'reader',
  summary: 'Shows exactly what applying a policy would change',
  input: Type.Object({ document, prune }),
  result: PLAN,
  errors: POLICY_ERRORS,
  example: { input: { document: policyExample }, result: planExample },
  run: ({ db, house }, input) =>
    viewPlan(db, parsePolicy(input.document, house.settingsTable), { prune: input.prune === true }),
});

const apply = defineChange({
  id: 'policy.apply',
  method: 'POST',
  path: '/policy/apply',
  role: 'administrator',
  summary: 'Makes groups, rules, rings and settings what a policy says, all at once',
  input: Type.Object({
    document,
    prune,
    planDigest: Type.Optional(
      Type.String({
        pattern: '^[0-9a-f]{32}$',
        description: 'Only if this is still what it does: the digest of the plan that somebody looked at.',
      }),
    ),
    dryRun,
  }),
  result: PLAN,
  errors: [
    ...POLICY_ERRORS,
    'OAK_POLICY_MOVED',
    'OAK_GROUP_NAME',
    'OAK_GROUP_EXISTS',
    'OAK_GROUP_CYCLE',
    'OAK_GROUP_IN_USE',
    'OAK_RULE_INVALID',
    'OAK_RING_INVALID',
    'OAK_ROLLOUT_STATE',
  ],
  example: { input: { document: policyExample }, result: planExample },
  run({ db, principal, house, nowMs }, { document: data, ...request }) {
    const settings = house.settingsTable;
    return applyPolicy(db, principal, { ...request, document: parsePolicy(data, settings), settings, nowMs });
  },
});

const drift = defineRead({
  id: 'policy.drift',
  method: 'GET',
  path: '/policy/drift',
  role: 'reader',
  summary: 'Shows what has become different from the policy that was applied last',
  input: Type.Object({}),
  result: Type.Object({
    ...PLAN.properties,
    appliedMs: Type.Integer(),
    appliedBy: Type.String(),
    document: Type.Unknown({ description: 'The policy that was applied.' }),
  }),
  errors: ['OAK_POLICY_NONE', ...POLICY_ERRORS],
  example: {
    input: {},
    result: { ...planExample, appliedMs: 1_794_996_000_000, appliedBy: 'kim', document: policyExample },
  },
  run: ({ db, house }) => viewDrift(db, house.settingsTable),
});

const OBJECTS = Type.Array(Type.Object({ name: Type.String() }, { additionalProperties: true }));

const exportNow = defineRead({
  id: 'policy.export',
  method: 'GET',
  path: '/policy',
  role: 'reader',
  summary: 'Gives things as they are, as a policy to begin with',
  input: Type.Object({}),
  result: Type.Object({
    version: Type.Literal(1),
    ...{ groups: OBJECTS, groupRules: OBJECTS, rules: OBJECTS, rings: OBJECTS },
    settings: Type.Record(Type.String(), Type.Unknown()),
  }),
  example: {
    input: {},
    result: { version: 1, groups: [{ name: 'Pilot' }], groupRules: [], rules: [], rings: [], settings: {} },
  },
  run: ({ db, house }) => exportPolicy(db, house.settingsTable),
});

export const policy = { plan, apply, drift, export: exportNow };
