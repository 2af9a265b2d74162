import { invalidExport } from './export-error.ts';

/** A language that the exporting server knows. */
export interface ExportLanguage {
  /** Windows language identifier; 0 for all languages. */
  readonly id: number;
  readonly shortName: string;
  readonly longName: string;
  /** Whether the exporting server synchronises it; only "all" is where nothing was chosen. */
  readonly enabled: boolean;
}

/** What an export package says about itself: attributes and languages of the element ExportPackage. */
export interface ExportHeader {
  readonly serverId: string | undefined;
  /** As written: ISO 8601 in UTC. */
  readonly creationTime: string | undefined;
  readonly formatVersion: string | undefined;
  /** Version of the server-server protocol ([MS-WSUSSS] 1.7), such as `1.20`. */
  readonly protocolVersion: string | undefined;
  readonly languages: readonly ExportLanguage[];
  /** How many revisions the package lists; undefined where only reading all of it would tell. */
  readonly updateCount: number | undefined;
}

/** More than Windows has; a bound for memory, nothing else. */
const MAX_LANGUAGES = 4_096;

/** Puts an {@link ExportHeader} together while its elements go by. */
export class ExportHeaderBuilder {
  readonly #attributes: ReadonlyMap<string, string>;
  readonly #languages: ExportLanguage[] = [];
  #updateCount = 0;
  #complete = false;

  /** @param attributes of the element ExportPackage */
  constructor(attributes: ReadonlyMap<string, string>) {
    this.#attributes = attributes;
  }

  /** @param attributes of an element Language */
  addLanguage(attributes: ReadonlyMap<string, string>, offset: number): void {
    if (this.#languages.length === MAX_LANGUAGES) {
      throw invalidExport(offset, `There are more than ${MAX_LANGUAGES} languages.`);
    }
    this.#languages.push({
      id: Number(attributes.get('Id') ?? Number.NaN),
      shortName: attributes.get('ShortName') ?? '',
      longName: attributes.get('LongName') ?? '',
      enabled: attributes.get('Enabled') === '1',
    });
  }

  countUpdate(): void {
    this.#updateCount++;
  }

  /** All updates have been counted. */
  complete(): void {
    this.#complete = true;
  }

  build(): ExportHeader {
    return {
      serverId: this.#attributes.get('ServerID')?.toLowerCase(),
      creationTime: this.#attributes.get('CreationTime'),
      formatVersion: this.#attributes.get('FormatVersion'),
      protocolVersion: this.#attributes.get('ProtocolVersion'),
      languages: this.#languages,
      updateCount: this.#complete ? this.#updateCount : undefined,
    };
  }
}
