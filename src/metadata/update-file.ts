import type { Buffer } from 'node:buffer';
import { OakumError } from '../errors/oakum-error.ts';
import type { XmlScanner } from '../xml/scanner.ts';
import { parseDigest, SHA1_BYTES, SHA256_BYTES } from './digest.ts';
import { eachChild } from './open-document.ts';

/** A File or EulaFile of an update document. */
export interface UpdateFile {
  /** SHA-1, the file's name on the wire and in the content store. */
  readonly sha1: Buffer;
  /** From AdditionalDigest. Clients since Windows 8 reject files whose metadata lacks it ([MS-WUSP] note 26). */
  readonly sha256: Buffer | undefined;
  readonly name: string;
  readonly size: number;
}

const ADDITIONAL_DIGEST = 'AdditionalDigest';

/** Reads the File or EulaFile the scanner stands on, up to its end. */
export function readUpdateFile(scanner: XmlScanner): UpdateFile {
  const name = scanner.attribute('FileName') ?? '';
  const sha1 = parseDigest(scanner.attribute('Digest') ?? '', SHA1_BYTES);
  const sizeText = scanner.attribute('Size') ?? '';
  if (sha1 === undefined) throw invalidFile(name, 'has no SHA-1 digest');
  if (!/^\d{1,15}$/.test(sizeText)) throw invalidFile(name, 'has no size');
  let sha256: Buffer | undefined;
  eachChild(scanner, (child) => {
    if (child !== ADDITIONAL_DIGEST || scanner.attribute('Algorithm')?.toUpperCase() !== 'SHA256') return;
    sha256 = parseDigest(scanner.readText().trim(), SHA256_BYTES);
    if (sha256 === undefined) throw invalidFile(name, 'has a broken SHA-256 digest');
  });
  return { sha1, sha256, name, size: Number(sizeText) };
}

function invalidFile(name: string, what: string): OakumError {
  return new OakumError('OAK_DOCUMENT_INVALID', {
    detail: `The file ${JSON.stringify(name.slice(0, 100))} ${what}.`,
  });
}
