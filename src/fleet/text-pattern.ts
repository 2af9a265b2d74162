/**
 * Whether a text fits a pattern in which `*` stands for anything, also nothing, and `?` for one character.
 * Without any of them the pattern must be the whole text. Case does not matter. Linear in text times
 * pattern, whatever the pattern is.
 */
export function fitsPattern(text: string, pattern: string): boolean {
  const characters = Array.from(text.toLowerCase());
  const wanted = Array.from(pattern.toLowerCase());
  let at = 0;
  let from = 0;
  let star = -1;
  let retry = 0;
  while (at < characters.length) {
    if (wanted[from] === '*') {
      star = from++;
      retry = at;
    } else if (from < wanted.length && (wanted[from] === '?' || wanted[from] === characters[at])) {
      from++;
      at++;
    } else if (star >= 0) {
      from = star + 1;
      at = ++retry;
    } else return false;
  }
  while (wanted[from] === '*') from++;
  return from === wanted.length;
}

export function fitsSome(text: string, patterns: readonly string[]): boolean {
  return patterns.some((pattern) => fitsPattern(text, pattern));
}
