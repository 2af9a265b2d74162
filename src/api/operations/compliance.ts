import { Type } from 'typebox';
import type { ComplianceScope } from '../../admin/compliance-scope.ts';
import { complianceTrend } from '../../admin/compliance-trend.ts';
import { complianceBy, complianceSummary, updateTotals } from '../../admin/compliance.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { sortNames } from '../../store/keyset.ts';
import { TOTALS_SORTS } from '../../store/update-totals.ts';
import { defineList, defineRead } from '../operation.ts';
import { pageOfAll } from '../page.ts';
import { count, groupName, named } from '../schemas.ts';
import { openStates } from './open-states.ts';
import { pairStates } from './pair-states.ts';
import { COUNTS_EXAMPLE, STATUS_COUNTS, STATUS_UPDATE, UPDATE_EXAMPLE } from './status-schemas.ts';

const PRODUCT = Type.Optional(named('A product, or a family or company of products: its name or id.'));
const CLASSIFICATION = Type.Optional(named('A classification: its name or id.'));

/** Whom an answer is about; everybody without any of these. */
const SCOPE = {
  group: Type.Optional(groupName),
  product: PRODUCT,
  classification: CLASSIFICATION,
};

/** @throws OakumError OAK_INPUT_INVALID for two at once: no sums are kept for what they have in common */
function onlyOne<Scope extends ComplianceScope>(scope: Scope): Scope {
  const given = [scope.group, scope.product, scope.classification].filter((one) => one !== undefined);
  if (given.length <= 1) return scope;
  throw new OakumError('OAK_INPUT_INVALID', {
    detail: 'Only one of group, product and classification may be given.',
  });
}

const SUMMARY = Type.Object({
  computers: count(),
  updates: count(),
  ...STATUS_COUNTS.properties,
  withNeeded: count('Computers that need something; updates that are needed when it is about updates.'),
  withFailed: count(),
  withPendingReboot: count(),
  withNone: count('Without anything needed, failed or waiting for a restart, as far as is known.'),
});

const summaryExample = {
  ...{ computers: 240, updates: 1787, ...COUNTS_EXAMPLE },
  ...{ withNeeded: 37, withFailed: 4, withPendingReboot: 6, withNone: 198 },
};

const summary = defineRead({
  id: 'compliance.summary',
  method: 'GET',
  path: '/compliance',
  role: 'reader',
  summary: 'Sums up the states of all computers and updates, or of some',
  input: Type.Object(SCOPE),
  result: SUMMARY,
  errors: ['OAK_GROUP_UNKNOWN', 'OAK_CATEGORY_UNKNOWN'],
  example: { input: { group: 'Berlin' }, result: summaryExample },
  run: ({ db, house }, input) => complianceSummary(db, onlyOne(input), house.configuration().targeting),
});

const NAMED_SUMMARY = Type.Object({ id: Type.String(), name: Type.String(), ...SUMMARY.properties });

const SUMMARY_SORTS = [
  'name',
  'computers',
  'updates',
  ...(['needed', 'failed', 'pendingReboot', 'installed', 'unknown', 'withNeeded', 'withFailed'] as const),
] as const;

function summaries(by: 'group' | 'product' | 'classification', what: string) {
  return defineList({
    id: `compliance.${by === 'group' ? 'groups' : by === 'product' ? 'products' : 'classifications'}`,
    path: `/compliance/${by}s`,
    role: 'reader',
    summary: what,
    input: Type.Object({}),
    item: NAMED_SUMMARY,
    sorts: [...SUMMARY_SORTS],
    example: {
      input: {},
      result: {
        id: '4a5b0a8f-6a34-4d0a-9d4a-0c6c2f0b6a11',
        name: { group: 'Berlin', product: 'Windows 11', classification: 'Security Updates' }[by],
        ...summaryExample,
      },
    },
    async read({ db, house }, _input, page) {
      return pageOfAll(await complianceBy(db, by, house.configuration().targeting), page, (one) => one.id);
    },
  });
}

/** How far back a trend may be asked for; what is older than two years is not kept. */
const MOST_DAYS = 1_000;

const trend = defineList({
  id: 'compliance.trend',
  path: '/compliance/trend',
  role: 'reader',
  summary: 'Tells day by day how things stood, as far back as is known',
  description: 'A group is what its name means now; computers count where they were then.',
  input: Type.Object({
    ...SCOPE,
    days: Type.Integer({ default: 30, minimum: 1, maximum: MOST_DAYS, description: 'So many, with today.' }),
  }),
  item: Type.Object({ day: Type.String({ description: 'Such as 2026-12-31, UTC.' }), ...SUMMARY.properties }),
  sorts: ['day'],
  errors: ['OAK_GROUP_UNKNOWN', 'OAK_CATEGORY_UNKNOWN'],
  example: { input: { days: 7, product: 'Windows 11' }, result: { day: '2026-11-20', ...summaryExample } },
  async read({ db, house, nowMs }, { days, ...scope }, page) {
    const { targeting } = house.configuration();
    return pageOfAll(
      await complianceTrend(db, onlyOne(scope), { days, nowMs, targeting }),
      page,
      (one) => one.day,
    );
  },
});

const updates = defineList({
  id: 'compliance.updates',
  path: '/compliance/updates',
  role: 'reader',
  summary: 'Counts the computers that need, have and failed to install each update',
  description: 'Updates that any computer reported; with a CVE all that fix it.',
  input: Type.Object({
    product: PRODUCT,
    classification: CLASSIFICATION,
    cve: Type.Optional(Type.String({ minLength: 1, maxLength: 40, description: 'Such as CVE-2026-12345.' })),
  }),
  item: Type.Object({
    ...STATUS_UPDATE.properties,
    needed: count(),
    downloaded: count(),
    installed: count(),
    failed: count(),
    pendingReboot: count(),
    lacking: count('Computers that need it and do not have it yet, whatever became of it so far.'),
  }),
  sorts: sortNames(TOTALS_SORTS),
  usualSort: TOTALS_SORTS.usual,
  errors: ['OAK_CATEGORY_UNKNOWN'],
  example: {
    input: { product: 'Windows 11' },
    result: {
      ...UPDATE_EXAMPLE,
      ...{ needed: 12, downloaded: 2, installed: 148, failed: 1, pendingReboot: 1, lacking: 16 },
    },
  },
  read: ({ db }, input, page) => updateTotals(db, { ...onlyOne(input), ...page }),
});

export const compliance = {
  summary,
  groups: summaries('group', 'Sums up the states of each group'),
  products: summaries('product', 'Sums up the states of each product'),
  classifications: summaries('classification', 'Sums up the states of each classification'),
  trend,
  updates,
  ...pairStates,
  ...openStates,
};
