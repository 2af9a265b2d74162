import { OakumError } from '../../errors/oakum-error.ts';
import { escapeAttribute } from '../../xml/text.ts';
import { DOCUMENT_XML_LIMITS } from '../document-limits.ts';
import { UPDATE } from '../namespaces.ts';
import { EscapedDocument } from './escaped-document.ts';
import { exportOverLimit, invalidExport } from './export-error.ts';
import { ExportHeaderBuilder, type ExportHeader } from './export-header.ts';
import type { ExportedDocument, ExportLimits } from './exported-document.ts';
import { identifyUpdate } from './identify-update.ts';
import { MarkupScanner, type Markup } from './markup-scanner.ts';
import { tagAttributes, tagName, type TagName } from './tag.ts';

/** Longest tag outside documents: these are remembered while their elements are open. */
const MAX_OUTER_TAG_BYTES = 65_536;

type Namespaces = ReadonlyMap<string, string>;

interface OpenElement extends TagName {
  /** The declarations of the tag, by attribute name; undefined for none. */
  readonly namespaces: Namespaces | undefined;
}

/**
 * Reads one XML document out of a stream, and yields the update documents in it, wherever they are:
 *
 * - as elements `Update` of the update namespace, handed out as they are written. Where such an element
 *   leans on a namespace that an element around it declares, the declarations around are added to its tag;
 * - as the text of any element, escaped or in CDATA.
 *
 * On the way it collects the header, where the root element is ExportPackage. Well-formedness is checked as
 * far as it is needed to find where elements end.
 */
export class EmbeddedDocumentReader {
  readonly #limits: ExportLimits;
  readonly #scanner: MarkupScanner;
  readonly #text: EscapedDocument;
  readonly #open: OpenElement[] = [];
  #header: ExportHeaderBuilder | undefined;
  #rest: Uint8Array | undefined;

  /** How many elements were open when the current document began; undefined outside documents. */
  #documentDepth: number | undefined;
  #documentOffset = 0;
  #parts: Uint8Array[] = [];
  #partBytes = 0;

  /** @param offset where the first byte stands in the text, for messages */
  constructor(limits: ExportLimits, offset: number) {
    this.#limits = limits;
    this.#scanner = new MarkupScanner(offset);
    this.#text = new EscapedDocument(limits);
  }

  /** What has been seen of it; undefined before, and where the root element is another. */
  get header(): ExportHeader | undefined {
    return this.#header?.build();
  }

  /** What follows the root element in the piece that was pushed last; undefined while that is open. */
  get rest(): Uint8Array | undefined {
    return this.#rest;
  }

  /** Takes the next piece, which must not be overwritten. @throws OAK_EXPORT_INVALID, OAK_EXPORT_LIMIT */
  *push(chunk: Uint8Array): Generator<ExportedDocument, void> {
    /** Where the bytes of the current document begin that have not been kept yet. */
    let from = 0;
    let end = 0;
    for (const markup of this.#scanner.push(chunk)) {
      end = markup.end;
      const isOutside = this.#documentDepth === undefined;
      if (markup.kind === 'other') {
        if (isOutside) this.#text.interrupt();
        continue;
      }
      if (markup.kind === 'text' || markup.kind === 'cdata') {
        if (isOutside) this.#readText(markup.kind, markup);
        continue;
      }
      if (isOutside) yield* this.#escapedDocument(markup.start);
      if (markup.kind !== 'close') {
        if (isOutside) from = this.#openOutside(markup);
        else this.#openElement(markup, tagName(this.#bytesOf(markup)), undefined);
        if (markup.kind === 'open') continue;
      }

      this.#closeElement(markup);
      if (this.#open.length === this.#documentDepth) {
        this.#keep(this.#scanner.bytes.subarray(from, end));
        yield this.#finishDocument();
      }
      if (this.#open.length === 0) {
        this.#header?.complete();
        this.#rest = this.#scanner.bytes.subarray(end);
        return;
      }
    }
    if (this.#documentDepth !== undefined) this.#keep(this.#scanner.bytes.subarray(from, end));
  }

  /** Says that the text has ended. @throws OAK_EXPORT_INVALID where the root element is open */
  end(): void {
    if (this.#rest !== undefined) return;
    this.#scanner.end();
    const offset = this.#scanner.offsetOf(this.#scanner.bytes.length);
    throw invalidExport(offset, `The text ends inside ${this.#open.at(-1)?.name ?? 'the prologue'}.`);
  }

  #bytesOf({ start, end }: Markup): Buffer {
    return this.#scanner.bytes.subarray(start, end);
  }

  #readText(kind: 'text' | 'cdata', markup: Markup): void {
    const bytes = this.#bytesOf(markup);
    const offset = this.#scanner.offsetOf(markup.start);
    if (this.#open.length > 0) this.#text.add(kind, bytes, offset);
    else if (kind === 'cdata' || /[^\t\n\r ]/.test(bytes.toString('latin1'))) {
      throw invalidExport(offset, 'There is text before the root element.');
    }
  }

  /** What the text between two tags held, if that was a document. */
  *#escapedDocument(index: number): Generator<ExportedDocument, void> {
    const offset = this.#scanner.offsetOf(index);
    const document = this.#text.take(offset);
    const identity = document && identifyUpdate(document, offset);
    if (document !== undefined && identity !== undefined) yield { ...identity, document };
  }

  /** @returns from where the bytes belong to the document that this tag opens, if it does */
  #openOutside(markup: Markup): number {
    const bytes = this.#bytesOf(markup);
    const offset = this.#scanner.offsetOf(markup.start);
    if (bytes.length > MAX_OUTER_TAG_BYTES) throw exportOverLimit(`The tag at byte ${offset} is too long.`);
    const name = tagName(bytes);
    const attributes = attributesAt(bytes, offset);
    const own = new Map([...attributes].filter(([key]) => key === 'xmlns' || key.startsWith('xmlns:')));
    const around = new Map(this.#open.flatMap(({ namespaces }) => [...(namespaces ?? [])]));
    const declaration = name.prefix === '' ? 'xmlns' : `xmlns:${name.prefix}`;
    if (name.localName === 'Update' && (own.get(declaration) ?? around.get(declaration)) === UPDATE) {
      this.#documentDepth = this.#open.length;
      this.#documentOffset = offset;
    } else this.#readHeader(name.localName, attributes, offset);
    this.#openElement(markup, name, own.size > 0 ? own : undefined);
    if (this.#documentDepth === undefined || own.has(declaration)) return markup.start;

    const nameEnd = 1 + name.name.length;
    this.#keep(bytes.subarray(0, nameEnd));
    this.#keep(declarations(around, own));
    return markup.start + nameEnd;
  }

  /** ExportPackage, ExportPackage/Languages/Language and ExportPackage/Updates/Update. */
  #readHeader(localName: string, attributes: ReadonlyMap<string, string>, offset: number): void {
    if (this.#open.length === 0 && localName === 'ExportPackage') {
      this.#header = new ExportHeaderBuilder(attributes);
    }
    if (this.#open.length !== 2) return;
    const parent = this.#open[1].localName;
    if (parent === 'Languages' && localName === 'Language') this.#header?.addLanguage(attributes, offset);
    if (parent === 'Updates' && localName === 'Update') this.#header?.countUpdate();
  }

  #openElement(markup: Markup, name: TagName, namespaces: Namespaces | undefined): void {
    if (this.#open.length === DOCUMENT_XML_LIMITS.depth) {
      throw exportOverLimit(`At byte ${this.#scanner.offsetOf(markup.start)} elements nest too deep.`);
    }
    this.#open.push({ ...name, namespaces });
  }

  #closeElement(markup: Markup): void {
    const element = this.#open.pop();
    if (markup.kind === 'empty' || tagName(this.#bytesOf(markup)).name === element?.name) return;
    const offset = this.#scanner.offsetOf(markup.start);
    throw invalidExport(offset, `The tag does not close ${element?.name ?? 'anything'}.`);
  }

  #keep(part: Uint8Array): void {
    this.#partBytes += part.length;
    const most = this.#limits.maxDocumentBytes;
    if (this.#partBytes > most) {
      const where = `The document at byte ${this.#documentOffset}`;
      throw exportOverLimit(`${where} is longer than maxDocumentBytes, ${most}.`);
    }
    this.#parts.push(part);
  }

  #finishDocument(): ExportedDocument {
    const document = Buffer.concat(this.#parts);
    this.#parts = [];
    this.#partBytes = 0;
    this.#documentDepth = undefined;
    const identity = identifyUpdate(document, this.#documentOffset);
    if (identity === undefined) throw invalidExport(this.#documentOffset, 'The update document is damaged.');
    return { ...identity, document };
  }
}

function attributesAt(tag: Uint8Array, offset: number): ReadonlyMap<string, string> {
  try {
    return tagAttributes(tag);
  } catch (cause) {
    if (cause instanceof OakumError) throw invalidExport(offset, cause.message, cause);
    throw cause;
  }
}

function declarations(around: Namespaces, own: Namespaces): Buffer {
  const added = [...around].filter(([name]) => !own.has(name));
  return Buffer.from(added.map(([name, uri]) => ` ${name}="${escapeAttribute(uri)}"`).join(''));
}
