import type { Static, TObject, TSchema } from 'typebox';
import type { ChangeOperation, JobOperation, ListOperation, Output, ReadOperation } from './operation.ts';

/** How far a job is; `total` is 0 while nobody knows. */
export interface JobStep {
  readonly done: number;
  readonly total: number;
  readonly what: string;
}

/**
 * The way to the operations: into a data folder, or to a server that runs somewhere. Whoever holds a door does not
 * see the difference.
 *
 * Every method throws OakumError with the codes of the operation.
 */
export interface Door {
  read<Input extends TObject, Result extends TSchema>(
    operation: ReadOperation<Input, Result>,
    input: Static<Input>,
  ): Promise<Output<Result>>;

  /** The first items of a list in its usual order, however many pages they take. */
  list<Input extends TObject, Item extends TObject>(
    operation: ListOperation<Input, Item>,
    input: Static<Input>,
    most: number,
  ): Promise<Output<Item>[]>;

  change<Input extends TObject, Result extends TSchema>(
    operation: ChangeOperation<Input, Result>,
    input: Static<Input>,
  ): Promise<Output<Result>>;

  /** Waits until the job has ended. */
  job<Input extends TObject, Result extends TSchema>(
    operation: JobOperation<Input, Result>,
    input: Static<Input>,
    onStep?: (step: JobStep) => void,
  ): Promise<Output<Result>>;

  /** Brings a file to where jobs can read it, and says by which name. */
  upload(path: string): Promise<string>;

  close(): Promise<void>;
}
