import { FRAGMENT_PREFIX } from '../../metadata/namespaces.ts';
import { Token, type XmlScanner } from '../../xml/scanner.ts';

/**
 * The name an element has in Core fragments, where three namespaces have become prefixes of the name
 * ([MS-WUSP] 3.1.1.1); the same for an element of a whole document.
 */
export function fragmentName(scanner: XmlScanner): string {
  return `${FRAGMENT_PREFIX.get(scanner.namespaceUri) ?? ''}${scanner.localName}`;
}

/**
 * Calls `visit` on each child element of the current element, standing on its StartElement. `visit` may read
 * into the child; what it leaves is passed over. Afterwards the scanner stands on the parent's end.
 */
export function eachElement(scanner: XmlScanner, visit: (name: string) => void): void {
  const { depth } = scanner;
  for (;;) {
    const token = scanner.next();
    if (token === Token.EndElement && scanner.depth === depth) return;
    if (token !== Token.StartElement) continue;
    const childDepth = scanner.depth;
    visit(fragmentName(scanner));
    while (scanner.token !== Token.EndElement || scanner.depth !== childDepth) scanner.next();
  }
}
