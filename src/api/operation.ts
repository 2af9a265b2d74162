import type { Static, TObject, TSchema } from 'typebox';
import type { Principal, Role } from '../admin/identity/roles.ts';
import type { ErrorCode } from '../errors/catalogue.ts';
import type { Db } from '../store/schema.ts';
import type { House } from './house.ts';
import type { Page, PageRequest } from './page.ts';

/** What an operation answers with: as declared, whoever may change it or not. */
export type Output<Schema extends TSchema> = DeepReadonly<Static<Schema>>;

type DeepReadonly<T> = unknown extends T
  ? T
  : T extends string | number | boolean | null | undefined
    ? T
    : T extends readonly (infer Item)[]
      ? readonly DeepReadonly<Item>[]
      : { readonly [Name in keyof T]: DeepReadonly<T[Name]> };

/** What every operation is given: where it works, who asks, and when. */
export interface OperationContext {
  /** The store, or the transaction that this call is a part of. */
  readonly db: Db;
  readonly principal: Principal;
  readonly nowMs: number;
  readonly house: House;
}

/** What a job tells of itself while it works, and whether it should go on. */
export interface JobProgress {
  /** `of` is 0 while nobody knows how much there is. */
  report(done: number, of: number, what?: string): void;
  readonly signal: AbortSignal;
}

export type Method = 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';

/**
 * One thing that administrators can ask for, declared once: the REST route, its checks, its role, its description
 * in OpenAPI and what `oakum` asks of a distant server all come from the declaration.
 *
 * The input is one flat object. Names in the path's braces travel in the path; of the others, those of GET and
 * DELETE travel in the query, and those of the other methods in the body.
 */
interface Declaration<Input extends TObject> {
  /** `noun.verb`; the noun is what scopes of tokens name. */
  readonly id: `${string}.${string}`;
  readonly method: Method;
  /** Below `/api/v1`, such as `/groups/{group}`. */
  readonly path: `/${string}`;
  /** The least role that may ask. */
  readonly role: Role;
  readonly summary: string;
  readonly description?: string;
  readonly input: Input;
  /** Codes of its own, beside those that every operation may answer with. */
  readonly errors?: readonly ErrorCode[];
}

/** Looks at something and changes nothing. */
export interface ReadOperation<
  Input extends TObject = TObject,
  Result extends TSchema = TSchema,
> extends Declaration<Input> {
  readonly kind: 'read';
  readonly method: 'GET' | 'POST';
  readonly result: Result;
  readonly example: Example<Static<Input>, Output<Result>>;
  run(context: OperationContext, input: Static<Input>): Promise<Output<Result>>;
}

/** Lists something, page by page. */
export interface ListOperation<
  Input extends TObject = TObject,
  Item extends TObject = TObject,
> extends Declaration<Input> {
  readonly kind: 'list';
  readonly method: 'GET';
  readonly item: Item;
  /** Names that the list can be sorted by. */
  readonly sorts: readonly [string, ...string[]];
  /** Its order unless another is asked for, `-` before the name: backwards; the first of the sorts if left out. */
  readonly usualSort?: string;
  readonly example: Example<Static<Input>, Output<Item>>;
  read(context: OperationContext, input: Static<Input>, page: PageRequest): Promise<Page<Output<Item>>>;
}

/** Changes something, in one transaction that also holds what must be remembered of the call. */
export interface ChangeOperation<
  Input extends TObject = TObject,
  Result extends TSchema = TSchema,
  Prepared = unknown,
> extends Declaration<Input> {
  readonly kind: 'change';
  readonly method: 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly result: Result;
  /** 200 unless given. */
  readonly status?: 200 | 201;
  /** What If-Match is about: the operation that shows what this one changes, asked for with the same input. */
  readonly shownBy?: AnyReadOperation;
  /** The result holds a secret, which is shown once and kept nowhere. */
  readonly isSecret?: boolean;
  readonly example: Example<Static<Input>, Output<Result>>;
  /**
   * What takes long and needs no store, such as hashing a password: done before the transaction, which would hold
   * everybody else up meanwhile. No part of a batch, which is one transaction.
   */
  prepare?(input: Static<Input>): Promise<Prepared>;
  run(context: OperationContext, input: Static<Input>, prepared: Prepared): Promise<Output<Result>>;
}

/** Works for longer than anybody waits: with a server it becomes a job, a command does it at once. */
export interface JobOperation<
  Input extends TObject = TObject,
  Result extends TSchema = TSchema,
> extends Declaration<Input> {
  readonly kind: 'job';
  readonly method: 'POST';
  readonly result: Result;
  readonly example: Example<Static<Input>, Output<Result>>;
  run(context: OperationContext, input: Static<Input>, progress: JobProgress): Promise<Output<Result>>;
}

/** A call as documentation shows it. */
interface Example<Input, Result> {
  readonly input: Input;
  readonly result: Result;
}

/** Any operation, for whoever goes through all of them: what goes in has been checked by its declaration. */
export type AnyOperation = AnyReadOperation | AnyListOperation | AnyChangeOperation | AnyJobOperation;
export type AnyReadOperation = ReadOperation;
export type AnyListOperation = ListOperation;
export type AnyChangeOperation = ChangeOperation;
export type AnyJobOperation = JobOperation;

/** Declares what looks at something. */
export const defineRead = <Input extends TObject, Result extends TSchema>(
  operation: Omit<ReadOperation<Input, Result>, 'kind'>,
): ReadOperation<Input, Result> => ({ kind: 'read', ...operation });

/** Declares a list. */
export const defineList = <Input extends TObject, Item extends TObject>(
  operation: Omit<ListOperation<Input, Item>, 'kind' | 'method'>,
): ListOperation<Input, Item> => ({ kind: 'list', method: 'GET', ...operation });

/** Declares what changes something. */
export const defineChange = <Input extends TObject, Result extends TSchema, Prepared>(
  operation: Omit<ChangeOperation<Input, Result, Prepared>, 'kind'>,
): ChangeOperation<Input, Result, Prepared> => ({ kind: 'change', ...operation });

/** Declares what takes long. */
export const defineJob = <Input extends TObject, Result extends TSchema>(
  operation: Omit<JobOperation<Input, Result>, 'kind' | 'method'>,
): JobOperation<Input, Result> => ({ kind: 'job', method: 'POST', ...operation });

/** The names in the braces of a path. */
export function pathNames({ path }: Pick<AnyOperation, 'path'>): string[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map((match) => match[1] ?? '');
}
