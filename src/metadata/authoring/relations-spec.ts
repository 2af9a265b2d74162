import type { DocumentMarkup } from './document-markup.ts';

/** An OR clause of prerequisites. */
export interface AlternativesSpec {
  readonly anyOf: readonly string[];
  /** The clause also says to which category the update belongs. */
  readonly isCategory?: boolean;
}

/** A member of a bundle: exactly this revision. */
export interface MemberSpec {
  readonly updateId: string;
  readonly revisionNumber: number;
}

/** What an update says of others, as UpdateIDs. */
export interface RelationsSpec {
  readonly superseded?: readonly string[];
  /** AND clauses: a single UpdateID, or alternatives. */
  readonly prerequisites?: readonly (string | AlternativesSpec)[];
  /** AND clauses of alternatives. */
  readonly bundled?: readonly (readonly MemberSpec[])[];
}

/** The clause that puts an update into a category. */
export function memberOf(...categories: readonly string[]): AlternativesSpec {
  return { anyOf: categories, isCategory: true };
}

/** Writes Relationships in the order that real fragments have; nothing where there are none. */
export function writeRelations(markup: DocumentMarkup, relations: RelationsSpec): void {
  const { superseded = [], prerequisites = [], bundled = [] } = relations;
  if (superseded.length + prerequisites.length + bundled.length === 0) return;
  markup.open('upd:Relationships');
  if (superseded.length > 0) {
    markup.open('upd:SupersededUpdates');
    for (const updateId of superseded) markup.empty('upd:UpdateIdentity', { UpdateID: updateId });
    markup.close('upd:SupersededUpdates');
  }
  if (prerequisites.length > 0) {
    markup.open('upd:Prerequisites');
    for (const clause of prerequisites) writeClause(markup, clause);
    markup.close('upd:Prerequisites');
  }
  if (bundled.length > 0) {
    markup.open('upd:BundledUpdates');
    for (const members of bundled) {
      markup.open('upd:AtLeastOne');
      for (const { updateId, revisionNumber } of members)
        markup.empty('upd:UpdateIdentity', { UpdateID: updateId, RevisionNumber: revisionNumber });
      markup.close('upd:AtLeastOne');
    }
    markup.close('upd:BundledUpdates');
  }
  markup.close('upd:Relationships');
}

function writeClause(markup: DocumentMarkup, clause: string | AlternativesSpec): void {
  if (typeof clause === 'string') {
    markup.empty('upd:UpdateIdentity', { UpdateID: clause });
    return;
  }
  markup.open('upd:AtLeastOne', { IsCategory: clause.isCategory === true ? true : undefined });
  for (const updateId of clause.anyOf) markup.empty('upd:UpdateIdentity', { UpdateID: updateId });
  markup.close('upd:AtLeastOne');
}
