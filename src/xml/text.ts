import { Buffer } from 'node:buffer';
import { OakumError } from '../errors/oakum-error.ts';

const ENTITIES: Readonly<Record<string, string>> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };

const REFERENCE = /&(?:#x([0-9a-fA-F]{1,6})|#([0-9]{1,7})|(lt|gt|amp|quot|apos));|&/g;

/** XML 1.0, 2.2: the characters a document may hold. */
function isXmlCharacter(code: number): boolean {
  return (
    code === 0x9 ||
    code === 0xa ||
    code === 0xd ||
    (code >= 0x20 && code <= 0xd7ff) ||
    (code >= 0xe000 && code <= 0xfffd) ||
    (code >= 0x10000 && code <= 0x10ffff)
  );
}

/**
 * Resolves the five entities and character references. Anything else that starts with an ampersand is
 * OAK_XML_MALFORMED: there is no DTD that could define it.
 */
export function resolveReferences(text: string): string {
  return text.replace(REFERENCE, (whole, hex?: string, decimal?: string, entity?: string) => {
    if (entity !== undefined) return ENTITIES[entity];
    const code = hex === undefined ? Number(decimal) : Number.parseInt(hex, 16);
    if (whole === '&' || !isXmlCharacter(code)) {
      throw new OakumError('OAK_XML_MALFORMED', {
        detail: 'An entity or character reference is not defined.',
      });
    }
    return String.fromCodePoint(code);
  });
}

const NEEDS_ESCAPE = /[&<>\r\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDFFF]/;
const ESCAPES =
  /[&<>\r\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]|[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

function escapeCharacter(character: string): string {
  switch (character) {
    case '&':
      return '&amp;';
    case '<':
      return '&lt;';
    case '>':
      return '&gt;';
    case '\r':
      return '&#xD;';
    default:
      // No document can carry it (XML 1.0, 2.2); the replacement character keeps the rest readable.
      return '\uFFFD';
  }
}

/**
 * Text as element content, as real WSUS writes it: only `<`, `>` and `&` are escaped, quotes stay raw.
 * Carriage returns survive as references; characters that XML forbids become U+FFFD.
 */
export function escapeText(text: string): string {
  return NEEDS_ESCAPE.test(text) ? text.replace(ESCAPES, escapeCharacter) : text;
}

/** Text as the value of a double-quoted attribute. */
export function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#xA;').replaceAll('\t', '&#x9;');
}

const ESCAPED_BYTES: readonly (Buffer | undefined)[] = Array.from({ length: 256 }, (_, byte) => {
  if (byte === 0x26) return Buffer.from('&amp;');
  if (byte === 0x3c) return Buffer.from('&lt;');
  return byte === 0x3e ? Buffer.from('&gt;') : undefined;
});

/**
 * UTF-8 markup as element content: {@link escapeText} for bytes that are known to be well-formed XML.
 * Two passes and one allocation, so that a fragment of tens of megabytes never becomes a string.
 */
export function escapeBytes(markup: Uint8Array): Buffer {
  let length = markup.length;
  for (const byte of markup) length += (ESCAPED_BYTES[byte]?.length ?? 1) - 1;
  const escaped = Buffer.allocUnsafe(length);
  let at = 0;
  for (const byte of markup) {
    const replacement = ESCAPED_BYTES[byte];
    if (replacement === undefined) escaped[at++] = byte;
    else at += replacement.copy(escaped, at);
  }
  return escaped;
}
