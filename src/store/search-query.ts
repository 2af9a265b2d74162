/** A query of more words has no more meaning, and each of them costs. */
const MOST_WORDS = 16;

/**
 * What a person typed, as an expression of the full-text index: every word must occur, the last one may go on.
 * Words are quoted, so nothing in them is syntax; a word of several parts, such as `CVE-2026-1234` or
 * `PCI\VEN_8086`, means these parts in a row. A KB number is found with and without its letters.
 *
 * @returns undefined when it holds nothing to look for
 */
export function searchExpression(text: string): string | undefined {
  const words = text
    .toWellFormed()
    .split(/[\s\p{Cc}]+/u)
    .filter((word) => /[\p{L}\p{N}\p{Co}]/u.test(word))
    .slice(0, MOST_WORDS);
  if (words.length === 0) return undefined;
  return words.map((word, index) => term(word, index === words.length - 1)).join(' AND ');
}

function term(word: string, isLast: boolean): string {
  const [, digits] = /^[([]?(?:KB(?=\d)|(?=\d{4}))(\d{1,10})[)\],;]?$/i.exec(word) ?? [];
  const forms = digits === undefined ? [word] : [digits, `kb${digits}`];
  const quoted = forms.map((form) => `"${form.replaceAll('"', ' ')}"${isLast ? '*' : ''}`);
  return quoted.length === 1 ? quoted[0] : `(${quoted.join(' OR ')})`;
}
