import { canonicalJson } from '../../store/audit.ts';
import type { PolicyBody, PolicyChange, PolicyNoun } from './policy-change.ts';

/** A thing of a section, in a form in which equal things are equal data. */
export interface SectionItem {
  readonly name: string;
  readonly body: PolicyBody;
}

export interface SectionPlan {
  readonly noun: PolicyNoun;
  /** What the section consists of in the end, without what may be removed. */
  readonly lasting: readonly SectionItem[];
  readonly changes: readonly PolicyChange[];
  readonly removals: readonly PolicyChange[];
}

/** What warns of a change of something that is there. */
export type Warn = (name: string, kind: 'change' | 'remove') => readonly string[];

/** What makes the things of one section those of a policy. They are known by name, whatever the case of its letters. */
export function planSection(
  noun: PolicyNoun,
  stored: readonly SectionItem[],
  wanted: readonly SectionItem[] | undefined,
  warn: Warn = () => [],
): SectionPlan {
  if (wanted === undefined) return { noun, lasting: stored, changes: [], removals: [] };
  const there = new Map(stored.map((one) => [one.name.toLowerCase(), one]));
  const changes: PolicyChange[] = [];
  for (const { name, body: after } of wanted) {
    const found = there.get(name.toLowerCase());
    there.delete(name.toLowerCase());
    if (found === undefined) changes.push({ kind: 'create', noun, name, before: null, after, warnings: [] });
    else if (canonicalJson(found.body) !== canonicalJson(after)) {
      const warnings = warn(found.name, 'change');
      changes.push({ kind: 'change', noun, name: found.name, before: found.body, after, warnings });
    }
  }
  const removals = [...there.values()].map((one): PolicyChange => {
    const warnings = warn(one.name, 'remove');
    return { kind: 'remove', noun, name: one.name, before: one.body, after: null, warnings };
  });
  return { noun, lasting: wanted, changes, removals };
}
