/** Text that is safe on a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
}

/** Text on one line that is safe on a terminal: line breaks and runs of white space become one space. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s+/gu, ' '));
}
