import type { ErrorCode, FaultCode } from '../../errors/catalogue.ts';
import { Histogram } from './histogram.ts';

/** How a request may end: well, with a fault that a client was told, or refused before an operation had a say. */
export const OUTCOMES = [
  'ok',
  'InvalidCookie',
  'ConfigChanged',
  'RegistrationRequired',
  'ServerChanged',
  'InternalServerError',
  'CookieExpired',
  'InvalidParameters',
  'InvalidAuthorizationCookie',
  'RegistrationNotRequired',
  'ServerBusy',
  'FileLocationChanged',
  'refused',
] as const satisfies readonly (FaultCode | 'ok' | 'refused')[];
export type Outcome = (typeof OUTCOMES)[number];

const OUTCOME_NUMBER: Readonly<Record<Outcome, number>> = Object.fromEntries(
  OUTCOMES.map((outcome, number) => [outcome, number]),
) as Record<Outcome, number>;

/** What requests name that no operation of theirs could be told of. */
export const NO_OPERATION = 'none';

/** Seconds, from half a millisecond to ten seconds. */
const DURATION_BOUNDS = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

/** One request that was answered. */
export interface Answered {
  readonly outcome: Outcome;
  /** From its last byte to the answer's way into the system. */
  readonly durationMs: number;
  /** Bytes of the body as they came. */
  readonly requestBytes: number;
  /** Bytes of the answer's body as they went, and as they were before coding. */
  readonly answerBytes: number;
  readonly uncodedBytes: number;
}

/** A service with its operations, each of which gets a row. */
export interface CountedService {
  readonly name: string;
  readonly operations: readonly string[];
}

/** What became of the requests for one operation. */
export interface OperationCounts {
  readonly service: string;
  readonly operation: string;
  /** By {@link OUTCOMES}. */
  readonly requests: readonly number[];
  readonly requestBytes: number;
  readonly answerBytes: number;
  readonly uncodedBytes: number;
}

const BYTE_COLUMNS = 3;

/**
 * Counts of requests by operation. Rows are given when the server is put together, by what services declare, so no
 * request can make one; a count is an addition to an array.
 */
export class RequestCounts {
  readonly #rows: readonly (readonly [service: string, operation: string])[];
  readonly #requests: Float64Array;
  readonly #bytes: Float64Array;
  readonly #refusals = new Map<ErrorCode, number>();
  readonly durations: Histogram;

  constructor(services: readonly CountedService[]) {
    this.#rows = services.flatMap(({ name, operations }) =>
      [...operations, NO_OPERATION].map((operation) => [name, operation] as const),
    );
    this.#requests = new Float64Array(this.#rows.length * OUTCOMES.length);
    this.#bytes = new Float64Array(this.#rows.length * BYTE_COLUMNS);
    this.durations = new Histogram(DURATION_BOUNDS, this.#rows.length);
  }

  /** Finds the row of an operation; that for none when there is no such operation. */
  rowsOf(service: string): (operation: string | undefined) => number {
    const rows = new Map(
      this.#rows.flatMap(([name, operation], row) => (name === service ? [[operation, row] as const] : [])),
    );
    const none = rows.get(NO_OPERATION) ?? 0;
    return (operation) => (operation === undefined ? none : (rows.get(operation) ?? none));
  }

  answered(row: number, { outcome, durationMs, requestBytes, answerBytes, uncodedBytes }: Answered): void {
    this.counted(row, outcome);
    this.#bytes[row * BYTE_COLUMNS] += requestBytes;
    this.#bytes[row * BYTE_COLUMNS + 1] += answerBytes;
    this.#bytes[row * BYTE_COLUMNS + 2] += uncodedBytes;
    this.durations.observe(durationMs / 1000, row);
  }

  /** Counts a request whose duration says nothing, and the bytes of its answer. */
  counted(row: number, outcome: Outcome, answerBytes = 0): void {
    this.#requests[row * OUTCOMES.length + OUTCOME_NUMBER[outcome]]++;
    if (answerBytes === 0) return;
    this.#bytes[row * BYTE_COLUMNS + 1] += answerBytes;
    this.#bytes[row * BYTE_COLUMNS + 2] += answerBytes;
  }

  /** Counts what was answered with an error of HTTP. */
  refused(code: ErrorCode): void {
    this.#refusals.set(code, (this.#refusals.get(code) ?? 0) + 1);
  }

  get refusals(): ReadonlyMap<ErrorCode, number> {
    return this.#refusals;
  }

  /** All rows; the number of each is its row in {@link durations}. */
  operations(): OperationCounts[] {
    return this.#rows.map(([service, operation], row) => {
      const requests = this.#requests.subarray(row * OUTCOMES.length, (row + 1) * OUTCOMES.length);
      const [requestBytes, answerBytes, uncodedBytes] = this.#bytes.subarray(
        row * BYTE_COLUMNS,
        (row + 1) * BYTE_COLUMNS,
      );
      return { service, operation, requests: [...requests], requestBytes, answerBytes, uncodedBytes };
    });
  }
}
