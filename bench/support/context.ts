import { Child } from './child.ts';

/** What a scenario gets to work with. */
export interface BenchContext {
  /** A folder that is deleted afterwards. */
  readonly folder: string;
  readonly oakum: string;
  readonly quick: boolean;
  readonly revisions: number;
  readonly largeRevisions: number;
  /** Runs a command and returns what it prints. */
  readonly runOakum: (...args: readonly string[]) => string;
}

/** A server on a free port of this machine. */
export function startOakum(context: BenchContext, data: string): Promise<Child> {
  return Child.start(context.oakum, [
    'serve',
    '--data',
    data,
    '--listen',
    '127.0.0.1:0',
    '--set',
    'log.level=error',
  ]);
}
