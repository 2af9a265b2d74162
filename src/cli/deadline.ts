import { OakumError } from '../errors/oakum-error.ts';

const SHAPE = /^(\d{4}-\d\d-\d\dT\d\d:\d\d)(:\d\d)?(?:\.\d{1,3})?(Z|[+-]\d\d:\d\d)?$/;

/**
 * The moment, in milliseconds UTC, that a person gives as 2026-12-31T22:00Z or 2026-12-31T23:00+01:00. The
 * zone is demanded: the administrator, the server and the computers may each live in another one.
 *
 * @throws OakumError OAK_DEADLINE for anything else, also for days and hours that do not exist
 */
export function parseDeadline(text: string): number {
  const [, minute, second = ':00', zone] = SHAPE.exec(text) ?? [];
  if (minute === undefined) throw refusal(text, 'is no time');
  if (zone === undefined) {
    throw refusal(text, 'says no time zone: put Z behind it for UTC, or an offset such as +02:00');
  }
  const ms = Date.parse(text);
  // Date.parse makes March 2nd of February 30th.
  const wall = Date.parse(`${minute}${second}Z`);
  const exists = !Number.isNaN(wall) && new Date(wall).toISOString().startsWith(`${minute}${second}`);
  if (Number.isNaN(ms) || !exists) throw refusal(text, 'does not exist in the calendar');
  return ms;
}

function refusal(text: string, reason: string): OakumError {
  return new OakumError('OAK_DEADLINE', { detail: `"${text}" ${reason}.` });
}
