import { createHash } from 'node:crypto';
import { requireMayCall } from '../admin/identity/authenticate.ts';
import { inTransaction } from '../admin/dry-run.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { readIdempotent, rememberIdempotent, type IdempotentAnswer } from '../store/idempotency.ts';
import type { Tx } from '../store/schema.ts';
import { onlyFields, parseInput, parseListInput, type Input } from './input.ts';
import { jsonLine } from './json-text.ts';
import type {
  AnyChangeOperation,
  AnyListOperation,
  AnyOperation,
  AnyReadOperation,
  OperationContext,
} from './operation.ts';
import { writeCursor } from './page.ts';

/** Looks at something, after the role and the input were checked. */
export async function executeRead(
  context: OperationContext,
  operation: AnyReadOperation,
  given: Input,
): Promise<unknown> {
  requireMayCall(context.principal, operation);
  return operation.run(context, parseInput(operation, given));
}

/** A page of a list as it is sent. */
export interface ListedPage {
  readonly items: readonly Input[];
  /** What to send as `cursor` for the next page; null behind the last one. */
  readonly next: string | null;
}

/** Reads a page of a list. */
export async function executeList(
  context: OperationContext,
  operation: AnyListOperation,
  given: Input,
): Promise<ListedPage> {
  requireMayCall(context.principal, operation);
  const { filters, page, fields } = parseListInput(operation, given);
  const { items, next } = await operation.read(context, filters, page);
  return {
    items: items.map((item) => onlyFields(item as Input, fields)),
    next: next === undefined ? null : writeCursor(page, next),
  };
}

export interface ChangeRequest {
  /** The tag of what is to be changed, as it was read; anything if left out. */
  readonly ifMatch?: string;
  /** Makes sending the same change again harmless. */
  readonly idempotencyKey?: string;
}

export interface ChangeAnswer {
  readonly result: unknown;
  /** It was done before, and this is what was answered then. */
  readonly replayed: boolean;
}

/**
 * Changes something, together with whether it may still be changed and with what has to be remembered of it, in one
 * transaction: a change that was sent twice happens once, whatever happens in between.
 *
 * @throws OakumError OAK_FORBIDDEN, OAK_INPUT_INVALID, OAK_PRECONDITION, OAK_IDEMPOTENCY_REUSED,
 *   OAK_IDEMPOTENCY_SECRET, and those of the operation
 */
export async function executeChange(
  context: OperationContext,
  operation: AnyChangeOperation,
  given: Input,
  request: ChangeRequest = {},
): Promise<ChangeAnswer> {
  requireMayCall(context.principal, operation);
  const input = parseInput(operation, given);
  const prepared = await operation.prepare?.(input);
  return inTransaction(context.db, false, async (tx) => {
    const inside: OperationContext = { ...context, db: tx };
    const known = await answeredBefore(tx, inside, operation, input, request);
    if (known !== undefined) return { result: JSON.parse(known.result) as unknown, replayed: true };
    await requireUnchanged(inside, operation, input, request.ifMatch);
    const result: unknown = await operation.run(inside, input, prepared);
    if (request.idempotencyKey !== undefined) {
      await rememberIdempotent(tx, {
        ...idempotencyOf(inside, operation, input, request.idempotencyKey),
        result: operation.isSecret === true ? null : JSON.stringify(result),
        nowMs: context.nowMs,
      });
    }
    return { result, replayed: false };
  });
}

async function requireUnchanged(
  context: OperationContext,
  operation: AnyChangeOperation,
  input: Input,
  ifMatch: string | undefined,
): Promise<void> {
  const { shownBy } = operation;
  if (ifMatch === undefined || ifMatch.trim() === '*') return;
  if (shownBy === undefined)
    throw new OakumError('OAK_PRECONDITION', { detail: 'This change is about nothing that has an ETag.' });
  const names = Object.keys(shownBy.input.properties);
  const asked = Object.fromEntries(Object.entries(input).filter(([name]) => names.includes(name)));
  const now = entityTag(await shownBy.run(context, parseInput(shownBy, asked)));
  const wanted = ifMatch.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
  if (!wanted.includes(now)) throw new OakumError('OAK_PRECONDITION');
}

/** The tag of a representation: equal exactly while it is the same, byte for byte (RFC 9110, 8.8.3). */
export function entityTag(result: unknown): string {
  return `"${createHash('sha256').update(jsonLine(result)).digest('base64url').slice(0, 27)}"`;
}

async function answeredBefore(
  tx: Tx,
  context: OperationContext,
  operation: AnyChangeOperation,
  input: Input,
  { idempotencyKey }: ChangeRequest,
): Promise<(IdempotentAnswer & { readonly result: string }) | undefined> {
  if (idempotencyKey === undefined) return undefined;
  if (!/^[\x21-\x7E]{1,255}$/.test(idempotencyKey)) throw new OakumError('OAK_IDEMPOTENCY_KEY');
  const asked = idempotencyOf(context, operation, input, idempotencyKey);
  const known = await readIdempotent(tx, asked);
  if (known === undefined) return undefined;
  if (known.request !== asked.request) throw new OakumError('OAK_IDEMPOTENCY_REUSED');
  const { result } = known;
  if (result === null) throw new OakumError('OAK_IDEMPOTENCY_SECRET');
  return { ...known, result };
}

function idempotencyOf(
  { principal }: OperationContext,
  { id, input: schema }: AnyOperation,
  input: Input,
  key: string,
): { readonly caller: string; readonly key: string; readonly request: string } {
  // A hash of what nobody may read is one that can be guessed at, much faster than what is stored of passwords.
  const readable = Object.entries(input).filter(([name]) => !isWriteOnly(schema.properties[name]));
  const request = createHash('sha256')
    .update(JSON.stringify([id, Object.fromEntries(readable)]))
    .digest('base64url');
  return { caller: `${principal.kind}:${principal.name}`, key, request };
}

function isWriteOnly(schema: object | undefined): boolean {
  return schema !== undefined && 'writeOnly' in schema && schema.writeOnly === true;
}
