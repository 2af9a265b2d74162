import fc, { type Arbitrary } from 'fast-check';

/** Other ways to write the same update document, for tests that say which of them make no difference. */

const CORE_PROPERTIES = ['UpdateType', 'ExplicitlyDeployable', 'AutoSelectOnWebSites', 'OSUpgrade', 'EulaID'];

// Comments, CDATA and processing instructions are passed over; tags have their attributes in group 3.
const MARKUP =
  /<!--.*?-->|<!\[CDATA\[.*?\]\]>|<\?.*?\?>|<(\/?)([^\s/>]+)((?:\s+[^\s=]+\s*=\s*(?:"[^"]*"|'[^']*'))*)\s*(\/?)>/gs;
const ATTRIBUTE = /([^\s=]+)\s*=\s*("[^"]*"|'[^']*')/g;

export interface Rewriting {
  /** Prefixes that take the place of the document's own, in the order in which those appear. */
  readonly prefixes: readonly string[];
  /** Where attributes go whose position says nothing. */
  readonly positions: readonly number[];
}

const prefixName = fc.constantFrom(
  ...[
    'upd',
    'bar',
    'lar',
    'cat',
    'xsi',
    'b',
    'm.',
    '_',
    'ü',
    'Update',
    'xs',
    'cmd',
    'a-b',
    'x1',
    'type',
    'p',
  ],
  ...Array.from({ length: 16 }, (_, index) => `n${index}`),
);

export const rewritings: Arbitrary<Rewriting> = fc.record({
  prefixes: fc.uniqueArray(prefixName, { minLength: 24, maxLength: 32 }),
  positions: fc.array(fc.nat(), { minLength: 1, maxLength: 40 }),
});

/**
 * The document with every prefix renamed, and with namespace declarations and the Core attributes of
 * Properties moved to other places in their tags. Prefixes inside values (`xsi:type`) stay.
 */
export function rewrite(document: Buffer, { prefixes, positions }: Rewriting): Buffer {
  const renamed = new Map<string, string>();
  const rename = (name: string): string => {
    const [prefix, local] = name.includes(':') ? name.split(':', 2) : ['', name];
    if (prefix === '' || prefix === 'xml') return name;
    return prefix === 'xmlns' ? `xmlns:${newPrefix(local)}` : `${newPrefix(prefix)}:${local}`;
  };
  const newPrefix = (prefix: string): string => {
    if (!renamed.has(prefix)) renamed.set(prefix, prefixes[renamed.size]);
    return renamed.get(prefix) ?? '';
  };
  let moves = 0;
  const text = document
    .toString()
    .replace(MARKUP, (markup, slash, name: string | undefined, attributes, empty) => {
      if (name === undefined) return markup;
      const isProperties = /(^|:)Properties$/.test(name);
      const fixed: string[] = [];
      const movable: string[] = [];
      for (const [, attribute, value] of String(attributes).matchAll(ATTRIBUTE)) {
        const mayMove =
          attribute.startsWith('xmlns:') || (isProperties && CORE_PROPERTIES.includes(attribute));
        (mayMove ? movable : fixed).push(`${rename(attribute)}=${value}`);
      }
      for (const one of movable) {
        fixed.splice(positions[moves++ % positions.length] % (fixed.length + 1), 0, one);
      }
      return `<${slash}${rename(name)}${fixed.map((one) => ` ${one}`).join('')}${empty}>`;
    });
  return Buffer.from(text);
}
