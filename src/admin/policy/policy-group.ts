import { Type } from 'typebox';
import { OakumError } from '../../errors/oakum-error.ts';
import { groupName } from '../groups.ts';

/** A group with those below it. */
export interface PolicyGroup {
  readonly name: string;
  /** What it was called before: it is renamed, and keeps its computers and approvals. */
  readonly formerly?: string;
  readonly groups?: readonly PolicyGroup[];
}

const name = (description: string) => Type.String({ minLength: 1, maxLength: 256, description });

export const POLICY_GROUP = Type.Cyclic(
  {
    PolicyGroup: Type.Object(
      {
        name: name('What the group is called.'),
        formerly: Type.Optional(
          name('What it was called before: it is renamed, and keeps its computers and approvals.'),
        ),
        groups: Type.Optional(
          Type.Array(Type.Ref('PolicyGroup'), { maxItems: 2000, description: 'The groups below it.' }),
        ),
      },
      { additionalProperties: false },
    ),
  },
  'PolicyGroup',
);

export type Refuse = (path: readonly (string | number)[], fault: string) => never;

/** Groups below each other; a console that shows more of them does not exist. */
const MAX_DEPTH = 32;

/** The tree with clean names, each of them once. */
export function checkGroups(groups: readonly PolicyGroup[], refuse: Refuse): PolicyGroup[] {
  const names = new Set<string>();
  const former = new Set<string>();
  const clean = (text: string, seen: Set<string>, path: readonly (string | number)[]): string => {
    const checked = checkedName(text, (fault) => refuse(path, fault));
    if (seen.has(checked.toLowerCase())) refuse(path, `"${checked}" is there twice.`);
    seen.add(checked.toLowerCase());
    return checked;
  };
  const visit = (
    list: readonly PolicyGroup[],
    path: readonly (string | number)[],
    depth: number,
  ): PolicyGroup[] =>
    list.map((group, index) => {
      const at = [...path, index];
      if (depth > MAX_DEPTH) refuse(at, `stands below more than ${MAX_DEPTH} other groups.`);
      const below = group.groups ?? [];
      return {
        name: clean(group.name, names, [...at, 'name']),
        ...(group.formerly === undefined
          ? {}
          : { formerly: clean(group.formerly, former, [...at, 'formerly']) }),
        ...(below.length === 0 ? {} : { groups: visit(below, [...at, 'groups'], depth + 1) }),
      };
    });
  return visit(groups, ['groups'], 0);
}

function checkedName(text: string, refuse: (fault: string) => never): string {
  try {
    return groupName(text);
  } catch (error) {
    if (error instanceof OakumError)
      return refuse('is not fit for a group: use no ";" and no control characters.');
    throw error;
  }
}
