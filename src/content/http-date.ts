const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec'];

/** `Sun, 06 Nov 1994 08:49:37 GMT` */
const IMF_FIXDATE =
  /^[A-Z][a-z]{2}, (?<day>\d\d) (?<month>[A-Z][a-z]{2}) (?<year>\d{4}) (?<time>[\d:]{8}) GMT$/;
/** `Sunday, 06-Nov-94 08:49:37 GMT` */
const RFC_850 = /^[A-Z][a-z]{5,8}, (?<day>\d\d)-(?<month>[A-Z][a-z]{2})-(?<year>\d\d) (?<time>[\d:]{8}) GMT$/;
/** `Sun Nov  6 08:49:37 1994` */
const ASCTIME = /^[A-Z][a-z]{2} (?<month>[A-Z][a-z]{2}) (?<day>[ \d]\d) (?<time>[\d:]{8}) (?<year>\d{4})$/;

/**
 * Milliseconds since 1970 of an HTTP-date in any of its three formats (RFC 9110, 5.6.7), or undefined for anything
 * else. `Date.parse` would accept much more, and a condition on an invalid date must be ignored (13.1.3, 13.1.4).
 *
 * @param now milliseconds since 1970, to place the two-digit year of the oldest format in its century.
 */
export function parseHttpDate(text: string, now: number = Date.now()): number | undefined {
  const groups = (IMF_FIXDATE.exec(text) ?? RFC_850.exec(text) ?? ASCTIME.exec(text))?.groups;
  if (groups === undefined) return undefined;
  const { day = '', month = '', year = '', time = '' } = groups;
  const clock = /^([01]\d|2[0-3]):([0-5]\d):([0-5]\d|60)$/.exec(time);
  const monthIndex = MONTHS.indexOf(month);
  if (clock === null || monthIndex < 0) return undefined;
  const seconds = Number(clock[1]) * 3600 + Number(clock[2]) * 60 + Number(clock[3]);
  const midnight = new Date(0);
  midnight.setUTCFullYear(fullYear(year, now), monthIndex, Number(day));
  // 31 February has rolled over into March.
  return midnight.getUTCDate() === Number(day) ? midnight.getTime() + seconds * 1000 : undefined;
}

/** Two digits that appear to lie more than 50 years in the future mean the past (5.6.7). */
function fullYear(year: string, now: number): number {
  if (year.length === 4) return Number(year);
  const thisYear = new Date(now).getUTCFullYear();
  const candidate = thisYear - (thisYear % 100) + Number(year);
  return candidate > thisYear + 50 ? candidate - 100 : candidate;
}
