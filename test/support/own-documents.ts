import { readdirSync, readFileSync } from 'node:fs';

/**
 * Update documents of an invented company, one of each kind, and what their fragments must be: written by
 * hand after the rules of [MS-WUSP] 3.1.1.1 and what real servers were seen to send.
 */

const documents = new URL('../data/documents/', import.meta.url);
const fragments = new URL('../data/fragments/', import.meta.url);

/** Where they stand, to import them as a folder. */
export { documents as ownDocumentsFolder };

export const OWN_DOCUMENTS: readonly string[] = readdirSync(documents)
  .map((file) => file.replace(/\.xml$/, ''))
  .sort();

export function ownDocument(name: string): Buffer {
  return readFileSync(new URL(`${name}.xml`, documents));
}

export interface ExpectedFragment {
  /** Of the document it was cut from. */
  readonly document: string;
  readonly kind: 'core' | 'extended' | 'localized' | 'eula';
  readonly language: string;
  readonly geoId: string;
  readonly xml: Buffer;
}

/**
 * The fragments at hand: `<document>.core.xml`, `.extended.xml`, `.localized-<language>.xml` and
 * `.eula-<language>[-<GEO>].xml`. The line feed at the end of a file is no part of the fragment.
 */
export const EXPECTED_FRAGMENTS: readonly ExpectedFragment[] = readdirSync(fragments)
  .sort()
  .map((file) => {
    const parts = /^(.+)\.(core|extended|localized|eula)(?:-(.+?))?(?:-([A-Z]{3}))?\.xml$/.exec(file);
    if (parts === null) throw new Error(`${file} is not named like a fragment`);
    const bytes = readFileSync(new URL(file, fragments));
    return {
      document: parts[1],
      kind: parts[2] as ExpectedFragment['kind'],
      language: parts[3] ?? '',
      geoId: parts[4] ?? '',
      xml: bytes.subarray(0, bytes.at(-1) === 0x0a ? -1 : undefined),
    };
  });
