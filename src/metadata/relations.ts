import { OakumError } from '../errors/oakum-error.ts';
import type { XmlScanner } from '../xml/scanner.ts';
import { eachChild, readFlag } from './open-document.ts';
import { parseRevisionNumber, parseUpdateId, type UpdateId } from './update-identity.ts';

/** One AND clause: satisfied when any of the updates is installed. */
export interface PrerequisiteClause {
  /** The clause says to which category the update belongs, besides being a prerequisite. */
  readonly isCategory: boolean;
  readonly updateIds: readonly UpdateId[];
}

/** A member of a bundle: exactly this revision; the highest one where the document names none. */
export interface BundledUpdate {
  readonly updateId: UpdateId;
  readonly revisionNumber: number | undefined;
}

/** What an update says of others ([MS-WUSP] 3.1.1: conjunctive normal form throughout). */
export interface Relations {
  readonly prerequisites: readonly PrerequisiteClause[];
  readonly bundled: readonly (readonly BundledUpdate[])[];
  readonly superseded: readonly UpdateId[];
}

/** Reads the Relationships element the scanner stands on, up to its end. */
export function readRelations(scanner: XmlScanner): Relations {
  const prerequisites: PrerequisiteClause[] = [];
  const bundled: (readonly BundledUpdate[])[] = [];
  const superseded: UpdateId[] = [];
  eachChild(scanner, (part) => {
    switch (part) {
      case 'Prerequisites':
        eachChild(scanner, (name) => {
          // A bare UpdateIdentity is a clause of one, and never a category (3.1.1.1).
          if (name === 'UpdateIdentity')
            prerequisites.push({ isCategory: false, updateIds: [readUpdateId(scanner)] });
          else if (name === 'AtLeastOne') {
            const isCategory = readFlag(scanner, 'IsCategory');
            prerequisites.push({ isCategory, updateIds: readClause(scanner, readUpdateId) });
          }
        });
        break;
      case 'BundledUpdates':
        eachChild(scanner, (name) => {
          if (name === 'UpdateIdentity') bundled.push([readBundled(scanner)]);
          else if (name === 'AtLeastOne') bundled.push(readClause(scanner, readBundled));
        });
        break;
      case 'SupersededUpdates':
        eachChild(scanner, (name) => {
          if (name === 'UpdateIdentity') superseded.push(readUpdateId(scanner));
        });
        break;
      default:
    }
  });
  return { prerequisites, bundled, superseded };
}

function readClause<T>(scanner: XmlScanner, read: (scanner: XmlScanner) => T): readonly T[] {
  const clause: T[] = [];
  eachChild(scanner, (name) => {
    if (name === 'UpdateIdentity') clause.push(read(scanner));
  });
  return clause;
}

function readUpdateId(scanner: XmlScanner): UpdateId {
  const updateId = parseUpdateId(scanner.attribute('UpdateID') ?? '');
  if (updateId !== undefined) return updateId;
  throw new OakumError('OAK_DOCUMENT_INVALID', {
    detail: 'A relationship names an UpdateID that is not a GUID.',
  });
}

function readBundled(scanner: XmlScanner): BundledUpdate {
  const revision = scanner.attribute('RevisionNumber');
  const revisionNumber = revision === undefined ? undefined : parseRevisionNumber(revision);
  if (revision !== undefined && revisionNumber === undefined) {
    throw new OakumError('OAK_DOCUMENT_INVALID', {
      detail: 'A bundle names a RevisionNumber that is not a number.',
    });
  }
  return { updateId: readUpdateId(scanner), revisionNumber };
}
