import { resolveReferences } from '../../xml/text.ts';

/** The name in a tag, taken apart. */
export interface TagName {
  /** As written, with its prefix. */
  readonly name: string;
  /** Empty without one. */
  readonly prefix: string;
  readonly localName: string;
}

const NAME_END = /[\s/>]/g;
/** Sticky, so that a tag that is none costs its length once. */
const ATTRIBUTE = /\s+([^\s=/<>"']+)\s*=\s*(?:"([^"<]*)"|'([^'<]*)')/y;

/** @param bytes one tag with its brackets: `<a:b …>`, `<a:b …/>` or `</a:b>` */
export function tagName(bytes: Uint8Array): TagName {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, Math.min(bytes.length, 256)).toString('latin1');
  const start = text.startsWith('</') ? 2 : 1;
  NAME_END.lastIndex = start;
  const name = text.slice(start, NAME_END.exec(text)?.index ?? text.length);
  const colon = name.indexOf(':');
  return { name, prefix: name.slice(0, Math.max(colon, 0)), localName: name.slice(colon + 1) };
}

/**
 * The attributes of a start tag up to the first thing that is none, with their values unescaped.
 *
 * @throws OAK_XML_MALFORMED for a reference that is none
 */
export function tagAttributes(bytes: Uint8Array): ReadonlyMap<string, string> {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString();
  const attributes = new Map<string, string>();
  ATTRIBUTE.lastIndex = text.search(/[\s/>]/);
  for (let match = ATTRIBUTE.exec(text); match !== null; match = ATTRIBUTE.exec(text)) {
    attributes.set(match[1], resolveReferences(match[2] ?? match[3]));
  }
  return attributes;
}
