import { ERRORS, type ErrorCode } from '../errors/catalogue.ts';
import type { OakumError } from '../errors/oakum-error.ts';
import { Type, type Static } from 'typebox';

/** An error as RFC 9457 has it, with the code and the cure of the catalogue. */
export const PROBLEM = Type.Object(
  {
    type: Type.String({ description: 'Names the error: `urn:oakum:error:` and its code.' }),
    title: Type.String({ description: 'What happened, in general.' }),
    status: Type.Integer({ minimum: 400, maximum: 599 }),
    detail: Type.Optional(Type.String({ description: 'What exactly was wrong.' })),
    instance: Type.Optional(Type.String({ description: 'The request, as the log names it.' })),
    code: Type.String({ description: 'One of the codes of docs/errors.md.' }),
    cure: Type.String({ description: 'What to do about it.' }),
  },
  { description: 'An error (RFC 9457).' },
);
export type Problem = Static<typeof PROBLEM>;

/** The media type of problems. */
export const PROBLEM_TYPE = 'application/problem+json';

/** What callers are told of an error. */
export function problemOf(error: OakumError, requestId?: string): Problem {
  const { status, summary, cure } = error.definition;
  return {
    type: `urn:oakum:error:${error.code}`,
    title: summary,
    status,
    code: error.code,
    cure,
    ...(error.detail === undefined ? {} : { detail: error.detail }),
    ...(requestId === undefined ? {} : { instance: `urn:oakum:request:${requestId}` }),
  };
}

/** Whether a text is a code of the catalogue. */
export function isErrorCode(code: string): code is ErrorCode {
  return Object.hasOwn(ERRORS, code);
}
