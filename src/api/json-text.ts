/** What JSON leaves as it is and terminals or editors obey: C1 controls, line separators, and marks that hide or turn text. */
const LIVE = /[\u007F-\u009F\u2028\u2029\p{Cf}]/gu;

/** A value as JSON that is safe to look at. The same value comes out of it: what is live is escaped. */
export function jsonText(value: unknown): string {
  return JSON.stringify(value, undefined, 2).replaceAll(LIVE, escaped);
}

/** The same on one line, for programs; in a page that quotes it, nothing begins an element either. */
export function jsonLine(value: unknown): string {
  return JSON.stringify(value).replaceAll(LIVE, escaped).replaceAll('<', '\\u003c');
}

function escaped(character: string): string {
  return Array.from({ length: character.length }, (_, index) => {
    const unit = character.charCodeAt(index);
    return `\\u${unit.toString(16).padStart(4, '0')}`;
  }).join('');
}
