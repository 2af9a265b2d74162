import { Type } from 'typebox';
import type { ListedUpdate } from '../store/update-list.ts';
import type { Guid } from '../soap/simple-type.ts';

/** What declarations of operations are made of. */

const described = (description: string | undefined): { readonly description?: string } =>
  description === undefined ? {} : { description };

/** A GUID without braces, in lower case. */
export const guid = (description?: string) =>
  Type.Unsafe<Guid>(
    Type.String({
      pattern: '^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$',
      ...described(description),
    }),
  );

/** A moment, in milliseconds from 1970 on. */
export const time = (description?: string) =>
  Type.Integer({ minimum: -8.64e15, maximum: 8.64e15, ...described(description) });

/** A moment, or null for never. */
export const timeOrNever = (description?: string) =>
  Type.Union([Type.Integer(), Type.Null()], described(description));

export const textOrNull = (description?: string) =>
  Type.Union([Type.String(), Type.Null()], described(description));

export const count = (description?: string) => Type.Integer({ minimum: 0, ...described(description) });

/** How people name something: by its id, its name, or a part of it. */
export const named = (description: string) => Type.String({ minLength: 1, maxLength: 300, description });

export const computerName = named('A computer: its client id, its name or a part of it.');
export const updateName = named('An update: its UpdateID, its KB number or words of its title.');
export const groupName = named('A group: its id or its name.');

/** What is taken and never told again: of no answer, no log, and no memory of requests. */
export const secretText = (maxLength: number, description: string) =>
  Type.String({ maxLength, writeOnly: true, description });

/** For everything that changes something. */
export const dryRun = Type.Optional(
  Type.Boolean({ description: 'Tell what would change, and change nothing.' }),
);

/** Text that a list is searched for. */
export const search = (description: string) => Type.Optional(Type.String({ maxLength: 300, description }));

/** An update in the answer to a decision about it. */
export const UPDATE = Type.Object({
  updateId: Type.String(),
  revisionNumber: Type.Integer(),
  title: Type.String(),
});

export function updateOf({ updateId, revisionNumber, title }: ListedUpdate): {
  readonly updateId: string;
  readonly revisionNumber: number;
  readonly title: string;
} {
  return { updateId, revisionNumber, title };
}

/** A GUID in an example. */
export const exampleGuid = (text: string): Guid => text as Guid;
