import { Type, type TProperties } from 'typebox';
import type { ExplanationView } from '../../admin/explain.ts';
import type { DeploymentAction } from '../../catalog/deployment.ts';
import { APPROVAL_ACTIONS } from '../../catalog/catalog-rows.ts';
import type { Cause, CauseCode } from '../../fleet/explanation.ts';
import { STATE_NAMES } from '../../fleet/status-state.ts';
import { UPDATE_TYPES } from '../../metadata/update-document.ts';
import type { UpdateId } from '../../metadata/update-identity.ts';
import { count, textOrNull, timeOrNever } from '../schemas.ts';
import { COMPUTER_EXAMPLE, UPDATE_EXAMPLE } from './status-schemas.ts';

/** Explanations as `src/fleet/explanation.ts` has them. */

const DEPLOYMENT_ACTIONS = [
  'OptionalInstall',
  'Install',
  'Uninstall',
  'PreDeploymentCheck',
  'Evaluate',
  'Bundle',
] as const satisfies readonly DeploymentAction[];

const action = Type.Enum([...APPROVAL_ACTIONS]);
const deployment = Type.Enum([...DEPLOYMENT_ACTIONS]);
const state = Type.Enum([...STATE_NAMES]);
const type = Type.Enum([...UPDATE_TYPES]);
const texts = Type.Array(Type.String());
const mentioned = { updateId: Type.String(), title: Type.String() };

const DECISION = Type.Object({
  action,
  group: Type.String({ description: 'The group that was decided for.' }),
  memberOf: Type.String({ description: 'The computer’s own group from which that one was reached.' }),
  inherited: Type.Boolean(),
  approvedMs: Type.Integer(),
  deadlineMs: timeOrNever(),
  source: Type.String({ description: 'A person, a rule or a rollout.' }),
  withheld: textOrNull('Why it does not take effect; null when it does.'),
  others: Type.Array(Type.Object({ action, group: Type.String() }), {
    description: 'Decisions of the computer’s other groups that this one prevailed over.',
  }),
});

const PENDING = Type.Object({
  name: Type.String({ description: 'The rollout or rule.' }),
  group: Type.String(),
  dueMs: timeOrNever('Null when it waits for something other than time.'),
  reason: Type.String(),
});

const UNMET = Type.Object({
  isCategory: Type.Boolean(),
  alternatives: Type.Array(
    Type.Object({
      ...mentioned,
      known: Type.Boolean({ description: 'Whether the server has it.' }),
      reached: Type.Boolean({ description: 'Whether the computer was sent it and found it not installed.' }),
    }),
  ),
});

const MEMBER = Type.Object({ ...mentioned, unmet: Type.Array(UNMET) });

const SUPERSEDER = Type.Object({
  ...mentioned,
  approved: Type.Boolean({ description: 'Whether the computer is told to install it.' }),
  state: Type.Optional(state),
});

const FILE = Type.Object({
  name: Type.String(),
  size: count('Bytes.'),
  sha1: Type.String(),
  stored: Type.Boolean(),
});

const COMPUTER_FACTS = Type.Object({
  clientId: Type.String(),
  name: Type.String(),
  registeredMs: timeOrNever(),
  lastContactMs: Type.Integer(),
  lastScanMs: timeOrNever(),
  lastReportMs: timeOrNever(),
  groups: texts,
  unknownGroups: texts,
  sharedWith: Type.Array(Type.String(), {
    description: 'Names or hardware of the computers that share its id.',
  }),
});

const UPDATE_FACTS = Type.Object({
  ...mentioned,
  type,
  revisionNumber: Type.Union([Type.Integer(), Type.Null()]),
  importing: Type.Boolean(),
  importedMs: timeOrNever(),
  deployable: Type.Boolean(),
  declined: Type.Boolean(),
  expired: Type.Boolean(),
  unacceptedLicence: textOrNull(),
  hardwareIds: texts,
});

const FACTS = Type.Object({
  nowMs: Type.Integer(),
  computer: Type.Optional(COMPUTER_FACTS),
  update: Type.Optional(UPDATE_FACTS),
  decision: Type.Optional(DECISION),
  pending: Type.Array(PENDING),
  reach: Type.Optional(
    Type.Object({
      action: deployment,
      unmet: Type.Optional(Type.Array(UNMET)),
      members: Type.Optional(Type.Array(MEMBER)),
    }),
  ),
  supersededBy: Type.Array(SUPERSEDER),
  files: Type.Array(FILE),
  status: Type.Optional(
    Type.Object({
      state,
      sinceMs: timeOrNever(),
      hresult: Type.Integer({ description: 'Signed; 0 for none.' }),
    }),
  ),
});

/** What each cause comes with. The compiler sees that none is missing, and none of its properties. */
const EVIDENCE = {
  'update-unknown': {},
  'update-importing': {},
  'computer-unknown': {},
  'not-registered': { lastContactMs: Type.Integer() },
  'shared-id': { identities: texts },
  'not-deployable': { type },
  declined: {},
  expired: {},
  'not-due': { pending: Type.Array(PENDING) },
  'not-approved': { decision: Type.Union([DECISION, Type.Null()]), groups: texts },
  blocked: { decision: DECISION },
  withheld: { decision: DECISION },
  licence: { licence: Type.String() },
  'unknown-groups': { names: texts },
  conflict: { decision: DECISION },
  'out-of-scope': { unmet: Type.Array(UNMET) },
  'no-member-fits': { members: Type.Array(MEMBER) },
  superseded: { by: Type.Array(SUPERSEDER) },
  'file-missing': { files: Type.Array(FILE) },
  'not-scanned-yet': { lastScanMs: timeOrNever(), sinceMs: Type.Integer() },
  silent: { lastContactMs: Type.Integer(), days: count() },
  'not-reporting': { lastReportMs: timeOrNever(), days: Type.Union([count(), Type.Null()]) },
  'driver-not-asked': { hardwareIds: texts },
  failed: { sinceMs: timeOrNever(), hresult: Type.Integer() },
  installed: { sinceMs: timeOrNever() },
  'pending-reboot': { sinceMs: timeOrNever() },
  'not-applicable': { lastReportMs: timeOrNever() },
  offered: { state, decision: DECISION },
} as const satisfies {
  readonly [Code in CauseCode]: Record<Exclude<keyof Extract<Cause, { code: Code }>, 'code'>, unknown> &
    TProperties;
};

const CAUSES = Object.entries<TProperties>(EVIDENCE).map(([code, evidence]) =>
  Type.Object({ code: Type.Literal(code), ...evidence }),
);

// What is put together from a table has no type of its own that would say more than the one it describes.
export const EXPLANATION = Type.Unsafe<ExplanationView>(
  Type.Object({
    computer: Type.String(),
    update: Type.String(),
    offeredAs: Type.Union([deployment, Type.Null()], {
      description:
        'What the computer is told to do with it; null when it is not sent it, or that is not known.',
    }),
    causes: Type.Array(Type.Union(CAUSES), { description: 'The true cause first. Never empty.' }),
    facts: FACTS,
  }),
);

const decision = {
  ...{ action: 'Install' as const, group: 'All Computers', memberOf: 'Berlin', inherited: true },
  ...{ approvedMs: 1_794_990_000_000, deadlineMs: null, source: 'kim', withheld: null, others: [] },
};
const scan = { lastScanMs: 1_794_960_000_000, sinceMs: 1_794_990_000_000 };

export const EXPLANATION_EXAMPLE: ExplanationView = {
  computer: COMPUTER_EXAMPLE.name,
  update: UPDATE_EXAMPLE.title,
  offeredAs: 'Install',
  causes: [
    { code: 'not-scanned-yet', ...scan },
    { code: 'offered', state: 'unknown', decision },
  ],
  facts: {
    nowMs: 1_794_996_000_000,
    computer: {
      ...COMPUTER_EXAMPLE,
      ...{ registeredMs: 1_794_900_000_000, lastContactMs: scan.lastScanMs, lastScanMs: scan.lastScanMs },
      ...{ lastReportMs: 1_794_960_060_000, groups: ['Berlin'], unknownGroups: [], sharedWith: [] },
    },
    update: {
      ...{ updateId: UPDATE_EXAMPLE.updateId as UpdateId, title: UPDATE_EXAMPLE.title, type: 'Software' },
      ...{ revisionNumber: 200, importing: false, importedMs: 1_794_980_000_000, deployable: true },
      ...{ declined: false, expired: false, unacceptedLicence: null, hardwareIds: [] },
    },
    decision,
    pending: [],
    reach: { action: 'Install', unmet: [], members: [] },
    supersededBy: [],
    files: [],
    status: { state: 'unknown', sinceMs: null, hresult: 0 },
  },
};
