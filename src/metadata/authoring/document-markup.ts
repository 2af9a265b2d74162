import { Buffer } from 'node:buffer';
import { escapeAttribute, escapeText } from '../../xml/text.ts';
import { UPDATE, WINDOWS_DRIVER, XSI } from '../namespaces.ts';

const MSUS = 'http://schemas.microsoft.com/msus/2002/12/';

/** The prefixes of written documents, in the order in which Microsoft's documents declare them. */
const NAMESPACES = {
  bar: `${MSUS}BaseApplicabilityRules`,
  lar: `${MSUS}LogicalApplicabilityRules`,
  mar: `${MSUS}MsiApplicabilityRules`,
  cbsar: `${MSUS}CbsApplicabilityRules`,
  cat: `${MSUS}UpdateHandlers/Category`,
  cmd: `${MSUS}UpdateHandlers/CommandLineInstallation`,
  msp: `${MSUS}UpdateHandlers/WindowsInstaller`,
  cbs: `${MSUS}UpdateHandlers/Cbs`,
  drv: WINDOWS_DRIVER,
  upd: UPDATE,
} as const;

export type ElementName = `${keyof typeof NAMESPACES}:${string}`;

/** Attributes in the order they are written; undefined ones are left out. */
export type Attributes = Readonly<Record<string, string | number | boolean | undefined>>;

/**
 * Collects what stands inside an Update element, and remembers which namespaces it needs: Microsoft's
 * documents declare those they use on the root, and no others.
 */
export class DocumentMarkup {
  #text = '';
  readonly #prefixes = new Set<string>(['upd']);

  open(name: ElementName, attributes: Attributes = {}): void {
    this.#text += `<${this.#declared(name)}${attributesMarkup(attributes)}>`;
  }

  close(name: ElementName): void {
    this.#text += `</${name}>`;
  }

  empty(name: ElementName, attributes: Attributes = {}): void {
    this.#text += `<${this.#declared(name)}${attributesMarkup(attributes)} />`;
  }

  /** An element around what `write` writes, an empty one where that is nothing. */
  container(name: ElementName, attributes: Attributes, write: () => void): void {
    const before = this.#text;
    this.#text = '';
    write();
    const start = `<${this.#declared(name)}${attributesMarkup(attributes)}`;
    this.#text = `${before}${this.#text === '' ? `${start} />` : `${start}>${this.#text}</${name}>`}`;
  }

  /** An element with text and no children. */
  leaf(name: ElementName, text: string, attributes: Attributes = {}): void {
    this.#text += `<${this.#declared(name)}${attributesMarkup(attributes)}>${escapeText(text)}</${name}>`;
  }

  /** HandlerSpecificData declares xsi itself, behind its type, in Microsoft's documents. */
  openHandlerData(type: string): void {
    this.#text += `<upd:HandlerSpecificData xsi:type="${type}" xmlns:xsi="${XSI}">`;
  }

  /** Markup that needs no namespace of this document. It must be well-formed. */
  raw(markup: string): void {
    this.#text += markup;
  }

  /** The whole document in UTF-8: one line, without an XML declaration. */
  toDocument(): Buffer {
    let root = '<upd:Update';
    for (const [prefix, uri] of Object.entries(NAMESPACES)) {
      if (this.#prefixes.has(prefix)) root += ` xmlns:${prefix}="${uri}"`;
    }
    return Buffer.from(`${root}>${this.#text}</upd:Update>`);
  }

  #declared(name: ElementName): string {
    this.#prefixes.add(name.slice(0, name.indexOf(':')));
    return name;
  }
}

function attributesMarkup(attributes: Attributes): string {
  let markup = '';
  for (const name of Object.keys(attributes)) {
    const value = attributes[name];
    if (value !== undefined) markup += ` ${name}="${escapeAttribute(String(value))}"`;
  }
  return markup;
}
