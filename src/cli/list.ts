import { Option, type Command } from 'commander';
import type { CommonOptions } from './common.ts';
import { csv } from '../api/csv.ts';
import { jsonText } from '../api/json-text.ts';
import { table } from './table.ts';
import { parseCount } from './updates.ts';

export interface ListOptions extends CommonOptions {
  readonly csv?: boolean;
  readonly limit: number;
}

/** Options that every list has. */
export function listing(command: Command, limit = 100): Command {
  return command
    .option('--limit <count>', 'at most this many', parseCount, limit)
    .addOption(new Option('--csv', 'print comma-separated values, inert in spreadsheets').conflicts('json'));
}

/** Prints a list: as JSON or CSV when asked for, else as a table. */
export function printList(
  options: Pick<ListOptions, 'json' | 'csv'>,
  json: unknown,
  headings: readonly string[],
  rows: readonly (readonly string[])[],
): void {
  const text =
    options.json === true
      ? jsonText(json)
      : options.csv === true
        ? csv(headings, rows)
        : table(headings, rows);
  process.stdout.write(`${text}\n`);
}
