import { OakumError } from '../errors/oakum-error.ts';
import { Token } from '../xml/scanner.ts';
import { UPDATE } from './namespaces.ts';
import { openDocument } from './open-document.ts';
import { parseRevisionNumber, parseUpdateId, type UpdateIdentity } from './update-identity.ts';

/**
 * The identity at the beginning of an update document, where real ones have it, without reading any further:
 * whether the rest is an update document remains to be seen.
 *
 * @returns undefined where the first child of the root element is no UpdateIdentity that names a revision, or the
 * document cannot be read as far as that
 */
export function leadingIdentity(document: Uint8Array): UpdateIdentity | undefined {
  try {
    const scanner = openDocument(document);
    while (scanner.next() !== Token.StartElement) if (scanner.token === Token.EndElement) return undefined;
    if (scanner.localName !== 'UpdateIdentity' || scanner.namespaceUri !== UPDATE) return undefined;
    const updateId = parseUpdateId(scanner.attribute('UpdateID') ?? '');
    const revisionNumber = parseRevisionNumber(scanner.attribute('RevisionNumber') ?? '');
    if (updateId === undefined || revisionNumber === undefined) return undefined;
    return { updateId, revisionNumber };
  } catch (error) {
    if (error instanceof OakumError) return undefined;
    throw error;
  }
}
