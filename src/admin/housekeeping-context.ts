import type { ContentStore } from '../content/content-store.ts';
import type { HousekeepingAction, HousekeepingPolicy, HousekeepingTask } from '../fleet/housekeeping-task.ts';
import type { TargetingMode } from '../fleet/targeting.ts';
import { logActions, updateAction } from '../store/housekeeping-log.ts';
import type { Db, Tx } from '../store/schema.ts';
import type { Caller } from './caller.ts';
import type { WatchOptions } from './notify/watch-conditions.ts';

export interface HousekeepingOptions {
  readonly db: Db;
  /** Without it files are left alone. */
  readonly content?: ContentStore;
  readonly policy: HousekeepingPolicy;
  readonly targeting?: TargetingMode;
  /** From when on subscriptions are told of something; without it nothing is looked for. */
  readonly notifications?: WatchOptions;
  readonly now: () => number;
  /** Changes nothing, and tells exactly what a run would do. */
  readonly dryRun?: boolean;
  /** Called between slices of work: whoever serves meanwhile lets others go first. */
  readonly pause?: () => Promise<void>;
  /** Ends the run after the slice that is under way. */
  readonly signal?: AbortSignal;
  /** Told of everything as soon as it is done; in a dry run, as soon as it is known. */
  readonly onAction?: (action: HousekeepingAction) => void;
  readonly onProgress?: (task: HousekeepingTask, done: number, of: number) => void;
}

const DAY_MS = 86_400_000;

/** One run of one task: what is done in it is written down in the transaction that does it. */
export class HousekeepingContext {
  readonly options: HousekeepingOptions;
  readonly caller: Caller;
  readonly task: HousekeepingTask;
  readonly nowMs: number;
  readonly actions: HousekeepingAction[] = [];
  #runId: number | undefined;
  #counted = 0;

  constructor(options: HousekeepingOptions, caller: Caller, task: HousekeepingTask) {
    this.options = options;
    this.caller = caller;
    this.task = task;
    this.nowMs = options.now();
  }

  get db(): Db {
    return this.options.db;
  }

  /** Undefined when nothing was done. */
  get runId(): number | undefined {
    return this.#runId;
  }

  get isStopped(): boolean {
    return this.options.signal?.aborted === true;
  }

  /** The time this many days ago; undefined for 0, which switches a task off. */
  before(days: number): number | undefined {
    return days === 0 ? undefined : this.nowMs - days * DAY_MS;
  }

  action(subject: string, title: string, reason: string): HousekeepingAction {
    return { task: this.task, subject, title, reason };
  }

  /**
   * Does what was planned in small transactions. Each looks again whether it still holds, because others decide
   * meanwhile; what it returns was done, and is logged in the same transaction.
   */
  async inSlices<Item>(
    planned: readonly Item[],
    size: number,
    describe: (item: Item) => HousekeepingAction,
    apply: (tx: Tx, items: readonly Item[]) => Promise<readonly Item[]>,
  ): Promise<void> {
    if (this.options.dryRun === true) {
      for (const item of planned) this.tell([describe(item)]);
      return;
    }
    for (let from = 0; from < planned.length && !this.isStopped; from += size) {
      const slice = planned.slice(from, from + size);
      await this.transaction(async (tx) => (await apply(tx, slice)).map(describe));
      this.options.onProgress?.(this.task, Math.min(from + size, planned.length), planned.length);
      await this.pause();
    }
  }

  /** Runs one transaction and logs in it what it says was done. */
  async transaction(work: (tx: Tx) => Promise<readonly HousekeepingAction[]>): Promise<void> {
    const { task, caller } = this;
    let runId = this.#runId;
    const done = await this.db.transaction().execute(async (tx) => {
      const actions = await work(tx);
      const run = { runId, task, caller: caller.name, nowMs: this.options.now() };
      if (actions.length > 0) runId = await logActions(tx, run, actions);
      return actions;
    });
    this.#runId = runId;
    this.tell(done);
  }

  async pause(): Promise<void> {
    await this.options.pause?.();
  }

  /**
   * Runs one transaction of several that do the same, of which the number is listed and not each one: the entry
   * grows with every transaction.
   *
   * @returns how many this one did
   */
  async counted(
    describe: (count: number) => HousekeepingAction,
    work: (tx: Tx) => Promise<number>,
  ): Promise<number> {
    const { task, caller } = this;
    const before = this.#counted;
    let runId = this.#runId;
    const count = await this.db.transaction().execute(async (tx) => {
      const done = await work(tx);
      if (done === 0) return 0;
      const action = describe(before + done);
      if (runId === undefined || before === 0)
        runId = await logActions(tx, { runId, task, caller: caller.name, nowMs: this.options.now() }, [
          action,
        ]);
      else await updateAction(tx, runId, action);
      return done;
    });
    this.#runId = runId;
    this.#counted += count;
    return count;
  }

  /** Says what was done and is written down elsewhere; in a dry run, what would be done. */
  tell(actions: readonly HousekeepingAction[]): void {
    this.actions.push(...actions);
    for (const action of actions) this.options.onAction?.(action);
  }
}
