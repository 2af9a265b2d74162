import type { Buffer } from 'node:buffer';

export const LT = 0x3c;
export const GT = 0x3e;
export const AMP = 0x26;
export const QUOTE = 0x22;
export const APOSTROPHE = 0x27;
export const SLASH = 0x2f;
export const EQUALS = 0x3d;
export const BANG = 0x21;
export const QUESTION = 0x3f;
export const BRACKET = 0x5d;
export const RETURN = 0x0d;

// One class per byte decides the inner loops: a table look-up costs a third of the comparisons.
export const PLAIN = 0;
export const MARKUP = 1; // < &
const SPECIAL = 2; // ] \r, and 0xEF, which may begin U+FFFE or U+FFFF
export const FORBIDDEN = 3; // controls

/** The class of each byte inside text. */
export const CLASS = new Uint8Array(256);
CLASS.fill(FORBIDDEN, 0, 0x20);
CLASS[0x09] = CLASS[0x0a] = PLAIN;
CLASS[RETURN] = CLASS[BRACKET] = CLASS[0xef] = SPECIAL;
CLASS[LT] = CLASS[AMP] = MARKUP;

/** 1 for the bytes that end a name. */
export const NAME_END = new Uint8Array(256);
for (const end of ' \t\r\n/>=<"\'&') NAME_END[end.charCodeAt(0)] = 1;

export function isSpace(byte: number | undefined): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** U+FFFE and U+FFFF, the two valid UTF-8 sequences that are no XML characters. */
export function isNoncharacter(bytes: Buffer, at: number): boolean {
  return bytes[at + 1] === 0xbf && bytes[at + 2] >= 0xbe;
}
