import { parseGuid, type Guid } from '../soap/simple-type.ts';

declare const updateIdBrand: unique symbol;

/** The id that all revisions of an update share: a GUID in lower case, however a document spells it. */
export type UpdateId = Guid & { readonly [updateIdBrand]: true };

/** One revision of one update, named for ever and on every server ([MS-WUSP] 2.2.3.6). */
export interface UpdateIdentity {
  readonly updateId: UpdateId;
  readonly revisionNumber: number;
}

/** An UpdateID from text in any letter case; undefined if it is no GUID. */
export function parseUpdateId(text: string): UpdateId | undefined {
  return parseGuid(text) as UpdateId | undefined;
}
