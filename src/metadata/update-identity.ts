import { parseGuid, type Guid } from '../soap/simple-type.ts';

declare const updateIdBrand: unique symbol;

/** The id that all revisions of an update share: a GUID in lower case, however a document spells it. */
export type UpdateId = Guid & { readonly [updateIdBrand]: true };

/** One revision of one update, named for ever and on every server ([MS-WUSP] 2.2.3.6). */
export interface UpdateIdentity {
  readonly updateId: UpdateId;
  readonly revisionNumber: number;
}

/** A RevisionNumber from text: 0 to 2147483647 (s:int); undefined if it is none. */
export function parseRevisionNumber(text: string): number | undefined {
  return /^\d{1,10}$/.test(text) && Number(text) <= 0x7fff_ffff ? Number(text) : undefined;
}

/** An UpdateID from text in any letter case; undefined if it is no GUID. */
export function parseUpdateId(text: string): UpdateId | undefined {
  return parseGuid(text) as UpdateId | undefined;
}
