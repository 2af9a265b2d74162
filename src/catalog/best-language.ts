/**
 * The best of the languages at hand for the locales a client lists, most wanted first: exact, then the
 * parent language (`en` for `en-US`), then the document's own language, then English, then any.
 *
 * @param available lower case, not empty
 */
export function bestLanguage(
  available: readonly string[],
  locales: readonly string[],
  defaultLanguage: string,
): string | undefined {
  for (const locale of locales.map((one) => one.trim().toLowerCase())) {
    if (available.includes(locale)) return locale;
    const dash = locale.indexOf('-');
    if (dash > 0 && available.includes(locale.slice(0, dash))) return locale.slice(0, dash);
  }
  return [defaultLanguage, 'en'].find((language) => available.includes(language)) ?? available[0];
}
