import { Type } from 'typebox';
import {
  addRule,
  changeRule,
  removeRule,
  runRules,
  showRule,
  viewNumberedRules,
  type RuleView,
} from '../../admin/rules.ts';
import { requireMayReach } from '../../admin/second-person.ts';
import { AUTO_APPROVAL_RULE, RULE_ACTIONS } from '../../fleet/auto-approval-rule.ts';
import { answered, changes } from '../derived-schemas.ts';
import { defineChange, defineList, defineRead, type OperationContext, type Output } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { dryRun, exampleGuid, guid, named, time, timeOrNever } from '../schemas.ts';
import { UPDATE_EXAMPLE } from './status-schemas.ts';

const { properties } = AUTO_APPROVAL_RULE;
const DECIDED = answered(properties);

const RULE_VIEW = Type.Object({
  name: Type.String(),
  sinceMs: time('Updates that arrived before are left to "run".'),
  ...DECIDED,
});

export type AnsweredRule = Output<typeof RULE_VIEW>;

/** What a change of a rule may say, for whoever reads it from a file. */
export const RULE_CHANGES = Type.Object(changes(properties), { additionalProperties: false });

/** An approval that a rule gave. */
const RULE_APPROVAL = Type.Object({
  rule: Type.String(),
  updateId: Type.String(),
  title: Type.String(),
  group: Type.String(),
  groupId: guid(),
  action: DECIDED.action,
  deadlineMs: timeOrNever(),
});

const rule = named('What the rule is called.');

const nothing = {
  ...{ kbArticles: [], severities: [], architectures: [], languages: [], driverClasses: [], titles: [] },
  ...{ excludeTitles: [], excludeKbArticles: [], excludeClassifications: [], excludeProducts: [] },
};
const monthly = {
  name: 'Monthly',
  sinceMs: 1_794_996_000_000,
  enabled: true,
  priority: 100,
  groups: ['Pilot'],
  action: 'install' as const,
  classifications: ['Security Updates'],
  products: [],
  ...nothing,
  afterDays: 2,
  deadlineDays: 7,
  excludeKinds: ['preview' as const],
};

const list = defineList({
  id: 'rules.list',
  path: '/rules',
  role: 'reader',
  summary: 'Lists the rules that approve updates by themselves, in the order in which they decide',
  input: Type.Object({
    enabled: Type.Optional(
      Type.Boolean({ description: 'Only those that run by themselves, or only others.' }),
    ),
  }),
  item: RULE_VIEW,
  sorts: ['priority', 'name', 'sinceMs'],
  example: { input: { enabled: true }, result: monthly },
  async read({ db }, { enabled }, page) {
    const numbered = await viewNumberedRules(db);
    const ids = new Map(numbered.map(({ id, view }) => [view, id]));
    const views = numbered.map(({ view }) => view);
    // Of equal priority the older one decides.
    return pageOfAll(
      views.filter((view) => enabled === undefined || view.enabled === enabled),
      page,
      (view) => ids.get(view)!,
    );
  },
});

const show = defineRead({
  id: 'rules.show',
  method: 'GET',
  path: '/rules/{rule}',
  role: 'reader',
  summary: 'Shows a rule',
  input: Type.Object({ rule }),
  result: RULE_VIEW,
  errors: ['OAK_RULE_UNKNOWN'],
  example: { input: { rule: 'Monthly' }, result: monthly },
  run: ({ db }, input) => showRule(db, input.rule),
});

const add = defineChange({
  id: 'rules.add',
  method: 'POST',
  path: '/rules',
  role: 'operator',
  status: 201,
  summary: 'Adds a rule; it begins with what arrives from now on',
  input: Type.Object({ name: rule, ...properties, dryRun }),
  result: RULE_VIEW,
  errors: [
    'OAK_RULE_INVALID',
    'OAK_RULE_EXISTS',
    'OAK_GROUP_UNKNOWN',
    'OAK_UPDATE_UNKNOWN',
    'OAK_UPDATE_AMBIGUOUS',
  ],
  example: {
    input: {
      name: 'Monthly',
      ...{ enabled: true, priority: 100, groups: ['Pilot'], action: 'install' as const },
      ...{ classifications: ['Security Updates'], products: [], ...nothing },
      ...{ afterDays: 2, deadlineDays: 7, excludeKinds: ['preview' as const] },
    },
    result: monthly,
  },
  async run(context, { name, dryRun: isDryRun = false, ...said }) {
    const { db, principal, nowMs } = context;
    return allowed(context, await addRule(db, principal, { name, rule: said, dryRun: isDryRun, nowMs }));
  },
});

const change = defineChange({
  id: 'rules.change',
  method: 'PATCH',
  path: '/rules/{rule}',
  role: 'operator',
  summary: 'Changes what is given of a rule',
  description: 'Enabled again, it begins with what arrives from then on.',
  input: Type.Object({ rule, ...RULE_CHANGES.properties, dryRun }),
  result: RULE_VIEW,
  shownBy: show,
  errors: [
    'OAK_RULE_UNKNOWN',
    'OAK_RULE_INVALID',
    'OAK_GROUP_UNKNOWN',
    'OAK_UPDATE_UNKNOWN',
    'OAK_UPDATE_AMBIGUOUS',
  ],
  example: {
    input: { rule: 'Monthly', deadlineDays: 7, titles: null },
    result: monthly,
  },
  async run(context, { rule: name, dryRun: isDryRun = false, ...said }) {
    const { db, principal, nowMs } = context;
    return allowed(context, await changeRule(db, principal, { name, rule: said, dryRun: isDryRun, nowMs }));
  },
});

/** A rule as it would be; the change is taken back when it is not this caller's to make. */
async function allowed({ db, principal, house }: OperationContext, made: RuleView): Promise<RuleView> {
  const { groups, action } = made;
  await requireMayReach(db, principal, { groups, action: RULE_ACTIONS[action] }, house.configuration());
  return made;
}

const remove = defineChange({
  id: 'rules.remove',
  method: 'DELETE',
  path: '/rules/{rule}',
  role: 'operator',
  summary: 'Removes a rule; what it approved stays approved',
  input: Type.Object({ rule, dryRun }),
  result: RULE_VIEW,
  shownBy: show,
  errors: ['OAK_RULE_UNKNOWN'],
  example: { input: { rule: 'Monthly' }, result: monthly },
  run({ db, principal, nowMs }, { rule: name, dryRun: isDryRun = false }) {
    return removeRule(db, principal, { name, dryRun: isDryRun, nowMs });
  },
});

const run = defineChange({
  id: 'rules.run',
  method: 'POST',
  path: '/rules/run',
  role: 'operator',
  summary: 'Lets rules decide now about everything that is there',
  description:
    'Also about updates that are older than the rules. A dry run lists exactly what would be approved.',
  input: Type.Object({
    rules: Type.Optional(
      Type.Array(rule, {
        minItems: 1,
        maxItems: 1000,
        description: 'Only these, enabled or not; all enabled ones unless given.',
      }),
    ),
    dryRun,
  }),
  result: Type.Object({
    approvals: Type.Array(RULE_APPROVAL),
    waiting: Type.Array(
      Type.Object({ updateId: Type.String(), title: Type.String(), eulaId: Type.String() }),
      { description: 'What would be approved if its licence were accepted.' },
    ),
  }),
  errors: ['OAK_RULE_UNKNOWN'],
  example: {
    input: { rules: ['Monthly'] },
    result: {
      approvals: [
        {
          rule: 'Monthly',
          updateId: UPDATE_EXAMPLE.updateId,
          title: UPDATE_EXAMPLE.title,
          group: 'Pilot',
          groupId: exampleGuid('4a5b0a8f-6a34-4d0a-9d4a-0c6c2f0b6a11'),
          action: 'install',
          deadlineMs: 1_795_600_800_000,
        },
      ],
      waiting: [],
    },
  },
  run({ db, principal, nowMs }, { rules: names, dryRun: isDryRun = false }) {
    return runRules(db, principal, { nowMs, dryRun: isDryRun, ...(names === undefined ? {} : { names }) });
  },
});

export const rules = { list, show, add, change, remove, run };
