import type { Command } from 'commander';
import { mkdirSync } from 'node:fs';
import { OakumError } from '../errors/oakum-error.ts';
import { KeyFile } from '../server/key-file.ts';
import { command, dataFolder, print, type CommonOptions } from './common.ts';

export function keysCommand(): Command {
  const keys = command('keys', 'Keys that seal the cookies of clients');
  keys.addCommand(
    command('rotate', 'Seal with a new key from now on; cookies sealed before stay good').action(rotate),
  );
  return keys;
}

function rotate(options: CommonOptions): void {
  createFolder(dataFolder(options));
  new KeyFile(dataFolder(options), Date.now()).rotate(Date.now());
  print(
    options,
    { rotated: true },
    () => 'A new key seals cookies from now on. A running server uses it within a second.',
  );
}

function createFolder(path: string): void {
  try {
    mkdirSync(path, { recursive: true, mode: 0o700 });
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause);
    throw new OakumError('OAK_FILE_UNWRITABLE', { detail: `${reason}.`, cause });
  }
}
