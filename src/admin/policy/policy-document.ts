import { Type, type Static, type TSchema } from 'typebox';
import { Value } from 'typebox/value';
import { nearestName } from '../../errors/nearest-name.ts';
import { OakumError } from '../../errors/oakum-error.ts';
import { AUTO_APPROVAL_RULE } from '../../fleet/auto-approval-rule.ts';
import { faultText } from '../../fleet/declared.ts';
import { GROUP_RULE, parseGroupRule } from '../../fleet/group-rule.ts';
import { ROLLOUT_RING } from '../../fleet/rollout-ring.ts';
import { ruleName } from '../rule-name.ts';
import type { SettingsTable } from '../settings.ts';
import { checkGroups, POLICY_GROUP, type PolicyGroup, type Refuse } from './policy-group.ts';

const name = (description: string) => Type.String({ minLength: 1, maxLength: 256, description });
const section = <Item extends TSchema>(item: Item, description: string) =>
  Type.Optional(Type.Array(item, { maxItems: 2000, description }));

/**
 * Everything a policy can say, once, out of the declarations of its parts. A section that is there is the whole
 * truth of that section; one that is not leaves things alone.
 */
export const POLICY_DOCUMENT = Type.Object(
  {
    version: Type.Literal(1, { description: 'The version of this form.' }),
    groups: section(POLICY_GROUP, 'Groups below All Computers, each with those below it.'),
    groupRules: section(
      Type.Object(
        {
          name: name('What the rule is called.'),
          group: name('The group it assigns computers to, by name or id.'),
          ...GROUP_RULE.properties,
        },
        { additionalProperties: false },
      ),
      'Rules that assign computers to groups.',
    ),
    rules: section(
      Type.Object(
        { name: name('What the rule is called.'), ...AUTO_APPROVAL_RULE.properties },
        { additionalProperties: false },
      ),
      'Rules that approve updates by themselves.',
    ),
    rings: section(
      Type.Object(
        { name: name('What the ring is called.'), ...ROLLOUT_RING.properties },
        { additionalProperties: false },
      ),
      'Rings that updates go through from group to group.',
    ),
    settings: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description: 'Settings that are kept in the store, by key.',
      }),
    ),
  },
  { additionalProperties: false },
);

/** A policy with all defaults filled in. Plain data. */
export type PolicyDocument = Omit<Static<typeof POLICY_DOCUMENT>, 'groups'> & {
  readonly groups?: readonly PolicyGroup[];
};

/** Where a part of a document stands in its text, as words that end in a blank; empty when nobody knows. */
export type PlaceOf = (path: readonly (string | number)[]) => string;

/**
 * A policy out of plain data, checked as far as that is possible without a store.
 *
 * @param placeOf tells the line of a part for the messages
 * @throws OakumError OAK_POLICY_INVALID with the first fault and, for a wrong name, the nearest; OAK_SETTING_UNKNOWN,
 *   OAK_SETTING_INVALID, OAK_SETTING_NOT_STORED for settings
 */
export function parsePolicy(
  data: unknown,
  settings: SettingsTable,
  placeOf: PlaceOf = () => '',
): PolicyDocument {
  const refuse = (path: readonly (string | number)[], fault: string): never => {
    throw new OakumError('OAK_POLICY_INVALID', { detail: `${placeOf(path)}${inWords(path)}${fault}` });
  };
  requireShallow(data, 0);
  refuseUnknownNames(POLICY_DOCUMENT, data, [], refuse);
  const whole = Value.Default(POLICY_DOCUMENT, structuredClone(data));
  if (!Value.Check(POLICY_DOCUMENT, whole)) {
    const faults = Value.Errors(POLICY_DOCUMENT, whole);
    return refuse(pathOf(faults[0].instancePath, data), `${faultText(faults)}.`);
  }
  const groups = whole.groups && checkGroups(whole.groups, refuse);
  for (const list of ['groupRules', 'rules', 'rings'] as const) {
    const seen = new Set<string>();
    for (const [index, one] of (whole[list] ?? []).entries()) {
      const at = [list, index];
      one.name = placed(
        () => ruleName(one.name),
        (fault) => refuse([...at, 'name'], fault),
      );
      if (seen.has(one.name.toLowerCase())) refuse([...at, 'name'], `"${one.name}" is there twice.`);
      seen.add(one.name.toLowerCase());
    }
  }
  for (const [index, { name: _name, group: _group, ...rule }] of (whole.groupRules ?? []).entries())
    placed(
      () => parseGroupRule(rule),
      (fault) => refuse(['groupRules', index], fault),
    );
  const stored = whole.settings && checkedSettings(whole.settings, settings, placeOf);
  const { groups: _groups, settings: _settings, ...rest } = whole;
  return {
    ...rest,
    ...(groups === undefined ? {} : { groups }),
    ...(stored === undefined ? {} : { settings: stored }),
  };
}

/** Deeper than groups may stand below each other, with everything around them. */
const MAX_DEPTH = 100;

/** Everything after this may go down into the data by itself. */
function requireShallow(data: unknown, depth: number): void {
  if (typeof data !== 'object' || data === null) return;
  if (depth > MAX_DEPTH) throw new OakumError('OAK_POLICY_LIMIT', { detail: 'It is nested too deeply.' });
  if (Object.hasOwn(data, '__proto__'))
    throw new OakumError('OAK_POLICY_INVALID', { detail: '"__proto__" is not known.' });
  for (const value of Object.values(data)) requireShallow(value, depth + 1);
}

/** Says where in the policy something is that is wrong by itself. */
function placed<T>(check: () => T, refuse: (fault: string) => never): T {
  try {
    return check();
  } catch (error) {
    if (error instanceof OakumError) return refuse(error.detail ?? error.message);
    throw error;
  }
}

function refuseUnknownNames(
  schema: TSchema,
  data: unknown,
  path: readonly (string | number)[],
  refuse: Refuse,
  definitions: Readonly<Record<string, TSchema>> = {},
): void {
  const { properties, items, $defs, $ref } = schema as {
    readonly properties?: Readonly<Record<string, TSchema>>;
    readonly items?: TSchema;
    readonly $defs?: Readonly<Record<string, TSchema>>;
    readonly $ref?: string;
  };
  const known = { ...definitions, ...$defs };
  if ($ref !== undefined) return refuseUnknownNames(known[$ref], data, path, refuse, known);
  if (Array.isArray(data)) {
    if (items === undefined) return;
    for (const [index, item] of data.entries())
      refuseUnknownNames(items, item, [...path, index], refuse, known);
  } else if (typeof data === 'object' && data !== null && properties !== undefined) {
    for (const [key, value] of Object.entries(data)) {
      if (!Object.hasOwn(properties, key)) refuse([...path, key], hint(key, Object.keys(properties)));
      refuseUnknownNames(properties[key], value, [...path, key], refuse, known);
    }
  }
}

function hint(key: string, known: readonly string[]): string {
  const nearest = nearestName(key.slice(0, 80), known);
  return `is not known. ${nearest === undefined ? `Known are ${known.join(', ')}.` : `Did you mean "${nearest}"?`}`;
}

/** Keys with dots, or tables in each other, as in the settings file. */
function checkedSettings(
  given: Readonly<Record<string, unknown>>,
  table: SettingsTable,
  placeOf: PlaceOf,
): Record<string, unknown> {
  const checked = new Map<string, unknown>();
  const visit = (tables: Readonly<Record<string, unknown>>, path: readonly string[]): void => {
    for (const [part, value] of Object.entries(tables)) {
      const at = [...path, part];
      if (isTable(value)) visit(value, at);
      else {
        const key = at.slice(1).join('.');
        if (checked.has(key))
          throw new OakumError('OAK_POLICY_INVALID', { detail: `${placeOf(at)}"${key}" is there twice.` });
        checked.set(key, storable(table, key, value, placeOf(at)));
      }
    }
  };
  visit(given, ['settings']);
  return Object.fromEntries(checked);
}

function isTable(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function storable(table: SettingsTable, key: string, value: unknown, place: string): unknown {
  try {
    return table.storable(key, value);
  } catch (error) {
    if (!(error instanceof OakumError) || place === '') throw error;
    throw new OakumError(error.code, { detail: `${place}${error.detail ?? ''}`, cause: error });
  }
}

/** A JSON pointer as the names and numbers that lead to the same place in the data. */
function pathOf(pointer: string, data: unknown): (string | number)[] {
  const parts = pointer
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'));
  let at = data;
  return parts.map((part) => {
    const isIndex = Array.isArray(at);
    at = typeof at === 'object' && at !== null ? (at as Record<string, unknown>)[part] : undefined;
    return isIndex ? Number(part) : part;
  });
}

function inWords(path: readonly (string | number)[]): string {
  if (path.length === 0) return 'The policy ';
  const words = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${part.slice(0, 80)}`));
  return `"${words.join('').replace(/^\./, '')}" `;
}
