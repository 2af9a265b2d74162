import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readExportPackage } from '../../src/metadata/export/export-package.ts';
import { fixture } from './fixtures.ts';

/** Every revision of a real catalogue: categories and detectoids only. Call it where fixtures are. */
export async function* catalogueDocuments(): AsyncGenerator<Buffer> {
  for await (const { document } of readExportPackage(fixture('wsus-export/WSUS-2024-06-19.cab'))) {
    yield document;
  }
}

/** Whole documents of software and categories as an upstream server sent them. */
export function upstreamDocuments(): Buffer[] {
  const folder = fixture('metadata/documents');
  const answer = readFileSync(
    fixture('server-sync/000015-GetUpdateData-uncompressed-blob.response.xml'),
    'utf8',
  );
  const blobs = answer.matchAll(/<XmlUpdateBlob>([^<]*)<\/XmlUpdateBlob>/g);
  return [
    ...readdirSync(folder).map((file) => readFileSync(join(folder, file))),
    ...Array.from(blobs, ([, blob]) => Buffer.from(unescaped(blob))),
  ];
}

/** A fragment that a real server sent, unescaped. */
export interface SentFragment {
  /** File it was found in. */
  readonly file: string;
  /** The server's number of the revision. */
  readonly id: string;
  readonly xml: string;
}

/** Every fragment in the answers of a real server to real agents. */
export function sentFragments(): SentFragment[] {
  const folder = fixture('native');
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => /response\.(body|xml)$/.test(file))
    .sort()
    .flatMap((file) => {
      const text = readFileSync(join(folder, file), 'utf8');
      const updates = text.matchAll(/<(UpdateInfo|Update)><ID>(\d+)<\/ID>.*?<Xml>([^<]*)<\/Xml>/gs);
      return Array.from(updates, ([, , id, xml]) => ({ file, id, xml: unescaped(xml) }));
    });
}

function unescaped(text: string): string {
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&amp;', '&');
}
