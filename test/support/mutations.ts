import fc from 'fast-check';

/** One change to a message: where, counted in tags or in bytes, and what is put there. */
type Mutation =
  | { readonly kind: 'content' | 'attribute' | 'element'; readonly at: number; readonly insert: string }
  | { readonly kind: 'bytes'; readonly at: number; readonly length: number; readonly insert: Uint8Array };

const contents = fc.constantFrom(
  ...['', ' ', '\r\n 7 \t', '-1', '+7', '007', '1e3', '0x10', '70000', '99999999999999999999', 'TRUE', 'NaN'],
  ...[
    '9999-99-99T99:99:99Z',
    '2026-10-04T15:03:36.',
    '{',
    '====',
    'AAA',
    '&lol;',
    '&#0;',
    '&amp;',
    ']]>',
    '<',
    'é',
  ],
  ...[
    '<![CDATA[1]]>',
    '<!-- x -->',
    '1<x/>1',
    '<x>1</x>',
    '<?x?>',
    '<!DOCTYPE a>',
    '\u0000',
    '\uFFFF',
    '__proto__',
  ],
);
const attributes = fc.constantFrom(
  ...[
    ' xmlns:i="http://www.w3.org/2001/XMLSchema-instance" i:nil=" true "',
    ' xmlns=""',
    ' xmlns="urn:other"',
  ],
  ...[
    ' xmlns:e="http://schemas.xmlsoap.org/soap/encoding/" e:arrayType="x"',
    ' nil="true"',
    ' p:a="1"',
    ' a="&"',
  ],
  ...[' constructor="x"', ' a="1" a="1"', ' a', '/', ' xmlns:s="urn:other"', ' a="<"'],
);
const elements = fc.constantFrom(
  ...[
    '<int>9</int>',
    '<int> 9 </int>',
    '<int/>',
    '<string/>',
    '<cookie/>',
    '<__proto__/>',
    '<constructor>1</constructor>',
  ],
  ...[
    '<a><b><c/></b></a>',
    '<x:a xmlns:x="urn:x"/>',
    '</a>',
    '<a>',
    'text',
    '</s:Body>',
    '<ID>1</ID>',
    '<guid>1</guid>',
  ],
);

const inserting = (
  kind: 'content' | 'attribute' | 'element',
  insert: fc.Arbitrary<string>,
): fc.Arbitrary<Mutation> => fc.record({ kind: fc.constant(kind), at: fc.nat(), insert });

/** A few changes of the kind that a careless, broken or hostile sender makes. */
export const mutations: fc.Arbitrary<readonly Mutation[]> = fc.array(
  fc.oneof(
    inserting('content', contents),
    inserting('attribute', attributes),
    inserting('element', elements),
    fc.record({
      kind: fc.constant('bytes' as const),
      at: fc.nat(),
      length: fc.oneof(fc.nat(3), fc.nat(400)),
      insert: fc.uint8Array({ maxLength: 3 }),
    }),
  ),
  { minLength: 1, maxLength: 3 },
);

/** The message with the changes made, one after the other. */
export function mutate(message: Buffer, changes: readonly Mutation[]): Buffer {
  return changes.reduce(applyMutation, message);
}

function applyMutation(message: Buffer, mutation: Mutation): Buffer {
  const insert = Buffer.from(mutation.insert as Uint8Array);
  if (mutation.kind === 'bytes') {
    const start = mutation.at % (message.length + 1);
    return splice(message, start, Math.min(start + mutation.length, message.length), insert);
  }
  const tagEnds = [...message.keys()].filter((at) => message[at] === 0x3e);
  if (tagEnds.length === 0) return message;
  const tagEnd = tagEnds[mutation.at % tagEnds.length];
  switch (mutation.kind) {
    case 'content': {
      const next = message.indexOf('<', tagEnd);
      return splice(message, tagEnd + 1, next < 0 ? message.length : next, insert);
    }
    case 'attribute': {
      const end = message[tagEnd - 1] === 0x2f ? tagEnd - 1 : tagEnd;
      return splice(message, end, end, insert);
    }
    case 'element':
      return splice(message, tagEnd + 1, tagEnd + 1, insert);
  }
}

function splice(bytes: Buffer, start: number, end: number, insert: Buffer): Buffer {
  return Buffer.concat([bytes.subarray(0, start), insert, bytes.subarray(end)]);
}
