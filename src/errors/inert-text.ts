/** Text that is safe on a terminal. */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, '\uFFFD');
}

/** Text on one line that is safe on a terminal: line breaks and runs of white space become one space. */
export function oneLine(text: string): string {
  return printable(text.replace(/\s+/gu, ' '));
}

/** What JSON leaves as it is and terminals or editors obey: C1 controls, line separators, and marks that hide or turn text. */
const LIVE = /[\u007F-\u009F\u2028\u2029\p{Cf}]/gu;

/** JSON that is safe to look at: what is live in its texts is escaped, and the same value comes out of it. */
export function inertJson(json: string): string {
  return json.replaceAll(LIVE, escaped);
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    const unit = character.charCodeAt(index);
    return `\\u${unit.toString(16).padStart(4, '0')}`;
  }).join('');
}
