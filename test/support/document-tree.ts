import { SaxesParser } from 'saxes';

/** An element as an independent parser sees it, names without prefixes. */
export interface TreeElement {
  readonly name: string;
  readonly uri: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly children: readonly TreeElement[];
  readonly text: string;
}

/** The root element of a document; throws where it is not well-formed or a prefix is not declared. */
export function documentTree(bytes: Uint8Array): TreeElement {
  const parser = new SaxesParser({ xmlns: true });
  const open: { element: TreeElement; children: TreeElement[]; text: string[] }[] = [];
  let root: TreeElement | undefined;
  parser.on('error', (error) => {
    throw error;
  });
  parser.on('opentag', (tag) => {
    const children: TreeElement[] = [];
    const text: string[] = [];
    const attributes = Object.fromEntries(Object.values(tag.attributes).map((one) => [one.name, one.value]));
    const element = {
      name: tag.local,
      uri: tag.uri,
      attributes,
      children,
      get text() {
        return text.join('');
      },
    };
    open.at(-1)?.children.push(element);
    root ??= element;
    open.push({ element, children, text });
  });
  parser.on('text', (text) => open.at(-1)?.text.push(text));
  parser.on('closetag', () => open.pop());
  parser.write(new TextDecoder('utf-8', { fatal: true }).decode(bytes)).close();
  if (root === undefined) throw new Error('the document has no root element');
  return root;
}

/** The first child with this name. */
export function child(element: TreeElement | undefined, name: string): TreeElement | undefined {
  return element?.children.find((one) => one.name === name);
}
