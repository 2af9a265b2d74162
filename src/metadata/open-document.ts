import { OakumError } from '../errors/oakum-error.ts';
import { Token, XmlScanner } from '../xml/scanner.ts';
import { DOCUMENT_XML_LIMITS } from './document-limits.ts';
import { UPDATE } from './namespaces.ts';

/**
 * A scanner on the root element of an update document.
 *
 * @throws OakumError OAK_DOCUMENT_INVALID when the root is no Update, or what the scanner raises
 */
export function openDocument(document: Uint8Array): XmlScanner {
  const scanner = new XmlScanner(document, DOCUMENT_XML_LIMITS);
  scanner.next();
  if (scanner.localName !== 'Update' || scanner.namespaceUri !== UPDATE) {
    throw new OakumError('OAK_DOCUMENT_INVALID', { detail: 'The root element is not an Update.' });
  }
  return scanner;
}

/**
 * Calls `visit` on each child element of the current element, standing on its StartElement. `visit` may
 * read into the child; what it leaves is passed over. Afterwards the scanner stands on the parent's end.
 *
 * Children in other namespaces than the update schema's are passed over.
 */
export function eachChild(scanner: XmlScanner, visit: (localName: string) => void, namespace = UPDATE): void {
  const { depth } = scanner;
  for (;;) {
    const token = scanner.next();
    if (token === Token.EndElement && scanner.depth === depth) return;
    if (token !== Token.StartElement) continue;
    const childDepth = scanner.depth;
    if (scanner.namespaceUri === namespace) visit(scanner.localName);
    // Whether visit read the child to its end shows in where the scanner stands now.
    if (scanner.token !== Token.EndElement || scanner.depth !== childDepth) leave(scanner, childDepth);
  }
}

function leave(scanner: XmlScanner, depth: number): void {
  while (scanner.next() !== Token.EndElement || scanner.depth !== depth);
}

/** A boolean attribute of the current element (XML Schema 2, 3.2.2); false when it is absent or neither. */
export function readFlag(scanner: XmlScanner, name: string): boolean {
  const value = scanner.attribute(name);
  return value === 'true' || value === '1';
}
