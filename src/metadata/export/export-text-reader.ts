import { EmbeddedDocumentReader } from './embedded-document-reader.ts';
import type { ExportHeader } from './export-header.ts';
import type { ExportedDocument, ExportLimits } from './exported-document.ts';
import { RecordReader } from './record-reader.ts';

const LESS_THAN = 0x3c;
/** White space, and the three bytes of a byte order mark. */
const SKIPPED = new Set([0x09, 0x0a, 0x0d, 0x20, 0xef, 0xbb, 0xbf]);

/**
 * Reads the text of an export package whatever it is: XML documents, records, or first the one and then the
 * other. What begins with "<" is XML; after its root element the question is asked again.
 */
export class ExportTextReader {
  readonly #limits: ExportLimits;
  #reader: EmbeddedDocumentReader | RecordReader | undefined;
  #header: ExportHeader | undefined;
  #offset = 0;

  constructor(limits: ExportLimits) {
    this.#limits = limits;
  }

  /** What has been seen of the header up to now. */
  get header(): ExportHeader | undefined {
    return this.#header ?? (this.#reader instanceof EmbeddedDocumentReader ? this.#reader.header : undefined);
  }

  /**
   * Takes the next piece, in UTF-8, which must not be overwritten.
   *
   * @throws OAK_EXPORT_INVALID, OAK_EXPORT_LIMIT
   */
  *push(chunk: Uint8Array): Generator<ExportedDocument, void> {
    const end = this.#offset + chunk.length;
    let rest: Uint8Array | undefined = chunk;
    while (rest !== undefined && rest.length > 0) {
      if (this.#reader === undefined) {
        const start: number = rest.findIndex((byte) => !SKIPPED.has(byte));
        if (start < 0) break;
        rest = rest.subarray(start);
        this.#reader =
          rest[0] === LESS_THAN
            ? new EmbeddedDocumentReader(this.#limits, end - rest.length)
            : new RecordReader(this.#limits, end - rest.length);
      }
      yield* this.#reader.push(rest);
      rest = this.#reader instanceof EmbeddedDocumentReader ? this.#reader.rest : undefined;
      if (rest !== undefined) this.#leaveXml();
    }
    this.#offset = end;
  }

  /** Says that the text has ended. */
  *end(): Generator<ExportedDocument, void> {
    if (this.#reader instanceof RecordReader) yield* this.#reader.end();
    else this.#reader?.end();
  }

  #leaveXml(): void {
    this.#header = this.header;
    this.#reader = undefined;
  }
}
