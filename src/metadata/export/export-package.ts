import { DOCUMENT_MAX_BYTES } from '../document-limits.ts';
import { invalidExport } from './export-error.ts';
import type { ExportHeader } from './export-header.ts';
import { asUtf8, cabinetMember, exportForm, gunzippedFile, type ExportSource } from './export-source.ts';
import { ExportTextReader } from './export-text-reader.ts';
import type { ExportedDocument } from './exported-document.ts';

/** One update of an export package. */
export interface ExportedUpdate extends ExportedDocument {
  /** How much of the package has been read when this update comes out, 0 to 1. */
  readonly progress: number;
}

export interface ExportPackageOptions {
  /**
   * Most bytes that the package may unpack to; 64 GiB by default. Nothing is kept of what is unpacked: this
   * bounds the time that a package can cost, not memory.
   */
  readonly maxUnpackedBytes?: number;
  /** Most bytes of one document; 128 MiB by default. The largest of a real catalogue has 46.9 MB. */
  readonly maxDocumentBytes?: number;
}

/**
 * An export package as `wsusutil export` writes it: update documents, and no approvals, groups or files.
 *
 * **A cabinet** (`.cab`), known from real ones: `package.xml` is the header, an element ExportPackage with
 * ServerID, CreationTime, FormatVersion and ProtocolVersion, and in it Languages, Files and Updates, which
 * lists every revision with its files and categories but without its document. `metadata.txt` holds the
 * documents, see {@link RecordReader}. Compression is LZX:21. A cabinet ends at 2 GB, which is why there is:
 *
 * **A gzip file** (`.xml.gz`), since Windows Server 2012. Its inside is not described in public, nor is a
 * file at hand. Assumed, and read, is one of these: XML that holds the documents as elements, escaped text
 * or CDATA at any depth (see {@link EmbeddedDocumentReader}); the records of metadata.txt; XML followed by
 * records. The header is taken from an element ExportPackage where there is one. A package in which no
 * document is found is refused and never taken for an empty one.
 *
 * Texts are UTF-8, with or without a byte order mark, or UTF-16LE with one.
 *
 * ```ts
 * for await (const { updateId, revisionNumber, document } of readExportPackage('wsus.cab')) {
 *   store(updateId, revisionNumber, document);
 * }
 * ```
 *
 * @param path of a file whose form is known by its first bytes, whatever its name
 */
export function readExportPackage(path: string, options: ExportPackageOptions = {}): ExportPackage {
  return new ExportPackage(path, options);
}

/** See {@link readExportPackage}. Opens the file anew for each call and each iteration, and closes it. */
export class ExportPackage implements AsyncIterable<ExportedUpdate> {
  readonly #path: string;
  readonly #maxUnpackedBytes: number;
  readonly #maxDocumentBytes: number;

  constructor(path: string, options: ExportPackageOptions) {
    this.#path = path;
    this.#maxUnpackedBytes = options.maxUnpackedBytes ?? 64 * 2 ** 30;
    this.#maxDocumentBytes = options.maxDocumentBytes ?? DOCUMENT_MAX_BYTES;
  }

  /**
   * What the package says about itself, as far as it stands before the first document: reads package.xml
   * of a cabinet to its end, and of a gzip file no further than that document.
   *
   * @returns undefined where the package has records only
   * @throws as the iteration
   */
  async header(): Promise<ExportHeader | undefined> {
    const reader = this.#reader();
    const source = this.#source(['package.xml']);
    for await (const chunk of asUtf8(source.chunks)) {
      if (reader.push(chunk).next().done !== true) return reader.header;
    }
    reader.end().next();
    return reader.header;
  }

  /**
   * The updates one by one, in the order of the package (prerequisites first, in known ones), in memory
   * that depends on the largest document only.
   *
   * @throws OAK_EXPORT_INVALID with the byte where reading stopped; every update before that was right
   * @throws OAK_EXPORT_LIMIT where a limit of the options is passed
   * @throws OAK_CABINET_INVALID, OAK_CABINET_UNSUPPORTED, OAK_CABINET_LIMIT for the cabinet around it
   * @throws OAK_FILE_UNREADABLE where the file cannot be opened or read
   */
  async *[Symbol.asyncIterator](): AsyncGenerator<ExportedUpdate, void> {
    const reader = this.#reader();
    const source = this.#source(['metadata.txt', 'package.xml']);
    let size = 0;
    let count = 0;
    for await (const chunk of asUtf8(source.chunks)) {
      size += chunk.length;
      for (const document of reader.push(chunk)) {
        count++;
        yield { ...document, progress: source.progress() };
      }
    }
    for (const document of reader.end()) {
      count++;
      yield { ...document, progress: 1 };
    }
    if (count === 0 && reader.header?.updateCount !== 0) {
      throw invalidExport(size, 'No update document has been found up to here.');
    }
  }

  #reader(): ExportTextReader {
    return new ExportTextReader({ maxDocumentBytes: this.#maxDocumentBytes });
  }

  #source(members: readonly string[]): ExportSource {
    return exportForm(this.#path) === 'cabinet'
      ? cabinetMember(this.#path, members, this.#maxUnpackedBytes)
      : gunzippedFile(this.#path, this.#maxUnpackedBytes);
  }
}
