import { OakumError } from '../../errors/oakum-error.ts';
import { Token, type XmlScanner } from '../../xml/scanner.ts';
import { UPDATE } from '../namespaces.ts';
import { openDocument } from '../open-document.ts';
import { parseUpdateId, type UpdateIdentity } from '../update-identity.ts';
import { invalidExport } from './export-error.ts';

/**
 * Which update a document describes. Reads no further than that is said, which is the first child of the
 * root element in practice.
 *
 * @param offset where the document stands in the text, for messages
 * @returns undefined where the root element is not an Update
 * @throws OAK_EXPORT_INVALID where an Update does not say it, or is not well-formed up to there
 */
export function identifyUpdate(document: Uint8Array, offset: number): UpdateIdentity | undefined {
  let scanner: XmlScanner;
  try {
    scanner = openDocument(document);
  } catch (error) {
    if (error instanceof OakumError) return undefined;
    throw error;
  }
  try {
    while (scanner.next() !== Token.EndOfDocument) {
      const isChild = scanner.token === Token.StartElement && scanner.depth === 2;
      if (!isChild || scanner.localName !== 'UpdateIdentity' || scanner.namespaceUri !== UPDATE) continue;
      const updateId = parseUpdateId(scanner.attribute('UpdateID') ?? '');
      const revision = scanner.attribute('RevisionNumber') ?? '';
      if (updateId === undefined || !/^\d{1,10}$/.test(revision)) break;
      return { updateId, revisionNumber: Number(revision) };
    }
  } catch (error) {
    if (!(error instanceof OakumError)) throw error;
    throw invalidExport(offset, `The update document is damaged. ${error.message}`, error);
  }
  throw invalidExport(offset, 'The update document has no UpdateIdentity.');
}
