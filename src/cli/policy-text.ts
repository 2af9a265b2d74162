import type { PolicyChange } from '../admin/policy/policy-change.ts';
import type { PolicyPlan } from '../admin/policy/policy-plan.ts';
import { oneLine } from '../errors/inert-text.ts';

const MARKS: Readonly<Record<PolicyChange['kind'], string>> = {
  create: '+',
  change: '~',
  rename: '~',
  move: '~',
  remove: '-',
};

const NOUNS: Readonly<Record<PolicyChange['noun'], string>> = {
  group: 'group',
  groupRule: 'assignment rule',
  rule: 'rule',
  ring: 'ring',
  setting: 'setting',
};

/** A plan as people read it: what is added, changed and removed, with what each of it was and becomes. */
export function planText(plan: PolicyPlan): string {
  const { changes, unmanaged, digest } = plan;
  const lines = changes.flatMap(changeLines);
  if (unmanaged.length > 0) {
    lines.push('not in the policy, and left alone unless "apply" is given --prune:');
    lines.push(...unmanaged.flatMap((one) => [headline('?', one), ...warningLines(one)]));
  }
  if (changes.length === 0 && unmanaged.length === 0) return 'everything is as the policy says';
  const count = (kinds: readonly PolicyChange['kind'][]): number =>
    changes.filter((one) => kinds.includes(one.kind)).length;
  const sums = [
    `${count(['create'])} to create`,
    `${count(['change', 'rename', 'move'])} to change`,
    `${count(['remove'])} to remove`,
    ...(unmanaged.length > 0 ? [`${unmanaged.length} unmanaged`] : []),
  ];
  return [...lines, '', `${sums.join(', ')} (plan ${digest})`].join('\n');
}

function changeLines(change: PolicyChange): string[] {
  return [headline(MARKS[change.kind], change), ...fieldLines(change), ...warningLines(change)];
}

function headline(mark: string, { kind, noun, name, after }: PolicyChange): string {
  const { parent, name: next } = (after ?? {}) as { readonly parent?: string; readonly name?: string };
  const more =
    kind === 'rename'
      ? ` becomes "${next}"`
      : kind === 'move' || (kind === 'create' && noun === 'group')
        ? ` below "${parent}"`
        : '';
  return oneLine(`${mark} ${NOUNS[noun]} "${name}"${more}`);
}

function warningLines({ warnings }: PolicyChange): string[] {
  return warnings.map((one) => oneLine(`! ${one}`)).map(indented);
}

function fieldLines({ kind, noun, before, after }: PolicyChange): string[] {
  if (noun === 'group' && kind !== 'move') return [];
  const names = [...new Set([...Object.keys(before ?? {}), ...Object.keys(after ?? {})])];
  return names.flatMap((name) => {
    const was = before?.[name];
    const is = after?.[name];
    // What is removed is told by its name; what a new thing does not say is not told.
    if (after === null || text(was) === text(is) || (before === null && isNothing(is))) return [];
    if (isObjects(was ?? is)) return itemLines(name, was as readonly unknown[], is as readonly unknown[]);
    return [indented(oneLine(`${name}: ${before === null ? text(is) : difference(was, is)}`))];
  });
}

/** What a list of a new thing says when it says nothing. */
function isNothing(value: unknown): boolean {
  return Array.isArray(value) && value.length === 0;
}

function difference(was: unknown, is: unknown): string {
  if (!isTexts(was) || !isTexts(is)) return `${text(was)} → ${text(is)}`;
  const added = is.filter((one) => !was.includes(one)).map((one) => `+ ${text(one)}`);
  const gone = was.filter((one) => !is.includes(one)).map((one) => `- ${text(one)}`);
  return [...gone, ...added].join(' ');
}

function isObjects(value: unknown): boolean {
  return Array.isArray(value) && value.length > 0 && typeof value[0] === 'object';
}

/** Steps of rings: one on each line. */
function itemLines(name: string, was: readonly unknown[] = [], is: readonly unknown[] = []): string[] {
  return Array.from({ length: Math.max(was.length, is.length) }, (_, index) => [
    was[index],
    is[index],
  ]).flatMap(([one, other], index) => {
    if (text(one) === text(other)) return [];
    const change = one === undefined ? text(other) : difference(one, other);
    return [indented(oneLine(`${name}[${index}]: ${change}`))];
  });
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'string');
}

function text(value: unknown): string {
  return value === undefined ? 'none' : JSON.stringify(value);
}

function indented(line: string): string {
  return `    ${line}`;
}
