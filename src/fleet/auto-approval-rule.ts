import { Type, type Static } from 'typebox';
import type { ApprovalAction } from '../catalog/catalog-rows.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { declared } from './declared.ts';
import { fitsSome } from './text-pattern.ts';

const text = Type.String({ minLength: 1, maxLength: 200 });
const texts = (description: string) => Type.Array(text, { default: [], maxItems: 1000, description });

const ARCHITECTURES = ['x86', 'x64', 'arm64', 'itanium'] as const;
const KINDS = ['preview', 'beta', 'superseded', 'driver', ...ARCHITECTURES] as const;
const SEVERITIES = ['Critical', 'Important', 'Moderate', 'Low', 'Unspecified'] as const;

/**
 * Everything an auto-approval rule can say, once: types, bounds, defaults, the flags of "oakum rules" and its
 * help come from this declaration. What is left empty fits every update; of several values in one list one
 * must fit; all lists must.
 */
export const AUTO_APPROVAL_RULE = Type.Object(
  {
    enabled: Type.Boolean({ default: true, description: 'Whether it runs by itself.' }),
    priority: Type.Integer({
      default: 100,
      minimum: 1,
      maximum: 10_000,
      description: 'Of several rules that fit an update, the one with the lowest number decides for a group.',
    }),
    groups: Type.Array(text, {
      minItems: 1,
      maxItems: 1000,
      description: 'Groups it approves for, by name or id.',
    }),
    action: Type.Enum(['install', 'optional', 'not-approved'], {
      default: 'install',
      description: 'What clients do; not-approved keeps rules behind this one away.',
    }),
    classifications: texts('Classifications such as "Security Updates", by title or UpdateID.'),
    products: texts('Products or families of products, by title or UpdateID.'),
    titles: texts('Patterns of the whole title; * stands for anything.'),
    kbArticles: texts('Patterns of the KB number: 5066835, 50*.'),
    severities: Type.Array(Type.Enum(SEVERITIES), {
      default: [],
      description: 'Severities of the publisher.',
    }),
    architectures: Type.Array(Type.Enum(ARCHITECTURES), {
      default: [],
      description: 'Architectures in the title; a title that names none fits them all.',
    }),
    languages: texts('Languages of the payload, such as "de"; one for all languages always fits.'),
    driverClasses: texts('Classes of drivers, such as "Net". Only drivers fit then.'),
    afterDays: Type.Integer({
      default: 0,
      minimum: 0,
      maximum: 3650,
      description: 'Days after its arrival at this server that an update must wait.',
    }),
    deadlineDays: Type.Optional(
      Type.Integer({
        minimum: 0,
        maximum: 3650,
        description:
          'Days after the approval by which computers must have installed it; no deadline unless given.',
      }),
    ),
    deadlineTime: Type.Optional(
      Type.String({
        pattern: '^([01][0-9]|2[0-3]):[0-5][0-9]$',
        description: 'Time of that day, UTC, such as 22:00; the time of the approval unless given.',
      }),
    ),
    excludeTitles: texts('Patterns of titles it leaves alone.'),
    excludeKbArticles: texts('Patterns of KB numbers it leaves alone.'),
    excludeClassifications: texts('Classifications it leaves alone.'),
    excludeProducts: texts('Products it leaves alone.'),
    excludeKinds: Type.Array(Type.Enum(KINDS), {
      default: [],
      description: 'Kinds of updates it leaves alone, by their title except for superseded ones and drivers.',
    }),
  },
  { additionalProperties: false },
);

export type AutoApprovalRule = Static<typeof AUTO_APPROVAL_RULE>;

/** @throws OakumError OAK_RULE_INVALID */
export function parseAutoApprovalRule(data: unknown): AutoApprovalRule {
  return declared(AUTO_APPROVAL_RULE, data, 'OAK_RULE_INVALID');
}

const DAY_MS = 86_400_000;

/** What rules look at of an update that may be approved. */
export interface RuleFacts {
  readonly updateId: UpdateId;
  readonly title: string;
  readonly kbArticles: readonly string[];
  readonly severity: string | null;
  /** Products, families and classifications it belongs to, directly or through one of them. */
  readonly categories: ReadonlySet<string>;
  readonly isDriver: boolean;
  readonly driverClasses: readonly string[];
  /** Languages of the payload; empty for one that says nothing. */
  readonly languages: readonly string[];
  /** Another update that is neither declined nor expired replaces it. */
  readonly superseded: boolean;
  /** When clients could see its first revision. */
  readonly arrivedMs: number;
}

export const RULE_ACTIONS: Readonly<Record<AutoApprovalRule['action'], ApprovalAction>> = {
  install: 'Install',
  optional: 'OptionalInstall',
  'not-approved': 'NotApproved',
};

/** Whether a rule is about an update. When is another question, see {@link ruleDueMs}. */
export function ruleFits(rule: AutoApprovalRule, update: RuleFacts): boolean {
  const any = <T>(wanted: readonly T[], fits: (one: T) => boolean): boolean =>
    wanted.length === 0 || wanted.some(fits);
  const kb = (pattern: string): boolean =>
    update.kbArticles.some((number) => fitsSome(number, [pattern.replace(/^kb/i, '')]));
  const inCategory = (id: string): boolean => update.categories.has(id);
  return (
    any(rule.classifications, inCategory) &&
    any(rule.products, inCategory) &&
    any(rule.titles, (pattern) => fitsSome(update.title, [pattern])) &&
    any(rule.kbArticles, kb) &&
    any(rule.severities, (one) => one.toLowerCase() === (update.severity ?? 'Unspecified').toLowerCase()) &&
    fitsArchitecture(rule.architectures, update.title) &&
    any(rule.languages, (language) => fitsLanguage(update.languages, language)) &&
    any(rule.driverClasses, (one) => fitsSome(one, update.driverClasses)) &&
    !fitsSome(update.title, rule.excludeTitles) &&
    !rule.excludeKbArticles.some(kb) &&
    !rule.excludeClassifications.some(inCategory) &&
    !rule.excludeProducts.some(inCategory) &&
    !rule.excludeKinds.some((kind) => isKind(kind, update))
  );
}

/** The moment from which a rule approves an update that it fits. */
export function ruleDueMs(rule: AutoApprovalRule, update: RuleFacts): number {
  return update.arrivedMs + rule.afterDays * DAY_MS;
}

/** The deadline a rule sets when it approves at this moment. */
export function ruleDeadlineMs(rule: AutoApprovalRule, approvedMs: number): number | null {
  if (rule.deadlineDays === undefined || rule.action !== 'install') return null;
  const deadline = approvedMs + rule.deadlineDays * DAY_MS;
  if (rule.deadlineTime === undefined) return deadline;
  const [hours, minutes] = rule.deadlineTime.split(':').map(Number);
  const onThatDay = Math.floor(deadline / DAY_MS) * DAY_MS + (hours * 60 + minutes) * 60_000;
  // Never sooner than that many whole days: a deadline that has passed restarts computers at once.
  return onThatDay < deadline ? onThatDay + DAY_MS : onThatDay;
}

// No field of an update says it; Microsoft's titles do.
const IN_TITLE: Readonly<Record<Exclude<(typeof KINDS)[number], 'superseded' | 'driver'>, RegExp>> = {
  preview: /\bpreview\b/i,
  beta: /\b(beta|insider)\b/i,
  x86: /\b(x86(?!-64)|32-bit)/i,
  x64: /\b(x64|x86-64|amd64|64-bit)/i,
  arm64: /\barm64\b/i,
  itanium: /\b(itanium|ia64)\b/i,
};

function isKind(kind: (typeof KINDS)[number], update: RuleFacts): boolean {
  if (kind === 'superseded') return update.superseded;
  if (kind === 'driver') return update.isDriver;
  return IN_TITLE[kind].test(update.title);
}

function fitsArchitecture(wanted: AutoApprovalRule['architectures'], title: string): boolean {
  if (wanted.length === 0) return true;
  const named = ARCHITECTURES.filter((one) => IN_TITLE[one].test(title));
  return named.length === 0 || named.some((one) => wanted.includes(one));
}

function fitsLanguage(languages: readonly string[], wanted: string): boolean {
  if (languages.length === 0) return true;
  const low = wanted.toLowerCase();
  return languages.some((one) => {
    const language = one.toLowerCase();
    return language === 'all' || language === low || language.startsWith(`${low}-`);
  });
}
