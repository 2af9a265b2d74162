import type { PolicyNoun } from './policy-change.ts';
import type { SectionItem } from './plan-section.ts';

const WORDS: Readonly<Partial<Record<PolicyNoun, string>>> = {
  groupRule: 'the assignment rule',
  rule: 'the rule',
  ring: 'the ring',
};

/** What names groups, by their names: a group is not removed as long as something does. */
export function groupUsers(
  items: readonly (SectionItem & { readonly noun: PolicyNoun })[],
): ReadonlyMap<string, readonly string[]> {
  const users = new Map<string, string[]>();
  for (const { noun, name, body } of items) {
    for (const group of new Set(groupsIn(body)))
      users.set(group, [...(users.get(group) ?? []), `${WORDS[noun] ?? noun} "${name}"`]);
  }
  return users;
}

function groupsIn(body: SectionItem['body']): readonly string[] {
  const { group, groups, steps } = body as {
    readonly group?: string;
    readonly groups?: readonly string[];
    readonly steps?: readonly { readonly group: string }[];
  };
  return [
    ...(group === undefined ? [] : [group]),
    ...(groups ?? []),
    ...(steps ?? []).map((step) => step.group),
  ];
}
