import { Buffer } from 'node:buffer';
import { OakumError } from '../errors/oakum-error.ts';
import { DOCUMENT_XML_LIMITS } from '../metadata/document-limits.ts';
import { Token, XmlScanner } from '../xml/scanner.ts';

/** A file an update needs, as its Extended fragment names it. */
export interface ExtendedFile {
  /** SHA-1 in base64. */
  readonly digest: string;
  /** SHA-256 in base64; agents since Windows 8 reject a file without. */
  readonly sha256: string | undefined;
  readonly name: string;
  readonly size: number;
}

/** What an agent takes from an Extended fragment ([MS-WUSP] 3.1.1.1). */
export interface ExtendedInfo {
  readonly handler: string;
  readonly files: readonly ExtendedFile[];
  /** NeverReboots, AlwaysRequiresReboot or CanRequestReboot. */
  readonly rebootBehavior: string;
}

/** Reads an Extended fragment: a sequence of elements without a root, so it is put into one. */
export function parseExtendedFragment(fragment: string): ExtendedInfo {
  const scanner = new XmlScanner(Buffer.from(`<r>${fragment}</r>`), DOCUMENT_XML_LIMITS);
  const files: { digest: string; sha256: string | undefined; name: string; size: number }[] = [];
  let handler = '';
  let rebootBehavior = 'CanRequestReboot';
  for (let token = scanner.next(); token !== Token.EndOfDocument; token = scanner.next()) {
    if (token !== Token.StartElement) continue;
    switch (scanner.localName) {
      case 'ExtendedProperties':
        handler = scanner.attribute('Handler')?.split('/').at(-1) ?? '';
        break;
      case 'InstallationBehavior':
        rebootBehavior = scanner.attribute('RebootBehavior') ?? rebootBehavior;
        break;
      case 'File':
        files.push(readFile(scanner));
        break;
      case 'AdditionalDigest': {
        const isSha256 = scanner.attribute('Algorithm') === 'SHA256';
        const file = files.at(-1);
        if (isSha256 && file !== undefined) file.sha256 = scanner.readText().trim();
        break;
      }
      default:
    }
  }
  return { handler, files, rebootBehavior };
}

function readFile(scanner: XmlScanner): { digest: string; sha256: undefined; name: string; size: number } {
  const digest = scanner.attribute('Digest') ?? '';
  const size = Number(scanner.attribute('Size') ?? Number.NaN);
  if (digest === '' || !Number.isSafeInteger(size) || size < 0) {
    throw new OakumError('OAK_DOCUMENT_INVALID', {
      detail: 'A File of an Extended fragment has no digest or size.',
    });
  }
  return { digest, sha256: undefined, name: scanner.attribute('FileName') ?? '', size };
}

/** The title out of a LocalizedProperties fragment. */
export function titleOfFragment(fragment: string | undefined): string {
  if (fragment === undefined) return '';
  const scanner = new XmlScanner(Buffer.from(`<r>${fragment}</r>`), DOCUMENT_XML_LIMITS);
  for (let token = scanner.next(); token !== Token.EndOfDocument; token = scanner.next()) {
    if (token === Token.StartElement && scanner.localName === 'Title') return scanner.readText();
  }
  return '';
}
