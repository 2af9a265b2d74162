import { createHash } from 'node:crypto';
import type { Buffer } from 'node:buffer';
import type { Attributes, DocumentMarkup, ElementName } from './document-markup.ts';

/** A File of an update document. */
export interface FileSpec {
  /** Its name on the client's disk, at most 256 characters. */
  readonly name: string;
  /** Bytes. */
  readonly size: number;
  readonly sha1: Buffer;
  /** Clients since Windows 8 reject a file whose metadata lacks it. */
  readonly sha256: Buffer;
  /** xs:dateTime. */
  readonly modified: string;
  /** SelfContained for cabinets and MSI patches. */
  readonly patchingType?: string;
  /** What OSInstaller updates have instead: Metadata or ServicingStack. */
  readonly patchingTypePreferred?: string;
}

/** A licence in one language. */
export interface EulaFileSpec extends FileSpec {
  readonly language: string;
}

/** Describes bytes that are at hand: the digests and the size are true. */
export function fileSpecOf(name: string, content: Uint8Array, modified: string): FileSpec {
  return {
    name,
    size: content.length,
    sha1: createHash('sha1').update(content).digest(),
    sha256: createHash('sha256').update(content).digest(),
    modified,
  };
}

export function writeFiles(markup: DocumentMarkup, files: readonly FileSpec[]): void {
  if (files.length === 0) return;
  markup.open('upd:Files');
  for (const file of files) {
    const preferred = { PatchingTypePreferred: file.patchingTypePreferred };
    writeFile(markup, 'upd:File', file, { first: preferred, last: { PatchingType: file.patchingType } });
  }
  markup.close('upd:Files');
}

export function writeEulaFile(markup: DocumentMarkup, file: EulaFileSpec): void {
  writeFile(markup, 'upd:EulaFile', file, { first: {}, last: { Language: file.language } });
}

function writeFile(
  markup: DocumentMarkup,
  element: ElementName,
  file: FileSpec,
  more: { readonly first: Attributes; readonly last: Attributes },
): void {
  markup.open(element, {
    ...more.first,
    Digest: file.sha1.toString('base64'),
    DigestAlgorithm: 'SHA1',
    FileName: file.name,
    Size: file.size,
    Modified: file.modified,
    ...more.last,
  });
  markup.leaf('upd:AdditionalDigest', file.sha256.toString('base64'), { Algorithm: 'SHA256' });
  markup.close(element);
}
