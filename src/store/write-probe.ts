import type { DatabaseSync } from 'node:sqlite';
import type { WriteCommands } from './write-command.ts';

/** A write that only shows that the store can be written. A row that stays the same would not reach the disk. */
export function prepareProbe(database: DatabaseSync): (command: WriteCommands['probe']) => void {
  const write = database.prepare(
    `INSERT INTO server (key, value) VALUES ('write_probe', ?1) ON CONFLICT (key) DO UPDATE SET value = ?1`,
  );
  return ({ nowMs }) => void write.run(`${nowMs} ${process.hrtime.bigint()}`);
}
