import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { Output } from '../api/operation.ts';
import { content as operations } from '../api/operations/content.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { filesBelow } from './files-below.ts';
import { oneLine } from '../errors/inert-text.ts';
import { table } from './table.ts';
import { withDoor } from './with-door.ts';

type ContentItem = Output<typeof operations.list.item>;
type Added = Output<typeof operations.add.result>;

export function contentCommand(): Command {
  const content = doorCommand('content', 'Files of updates').action(list);
  content.addCommand(doorCommand('list', 'List the files updates name, and which are stored').action(list));
  content.addCommand(
    doorCommand('add', 'Store files; their digests say which updates they belong to')
      .argument('<path...>', 'files or folders')
      .action(add),
  );
  content.addCommand(
    doorCommand('verify', 'Read every stored file and compare it with its digests').action(verify),
  );
  return content;
}

async function list(options: CommonOptions): Promise<void> {
  const files = await withDoor(options, (door) => door.list(operations.list, {}, Number.MAX_SAFE_INTEGER));
  print(options, files, () => table(['FILE', 'BYTES', 'STORED', 'SHA-1'], files.map(row)));
}

function row(file: ContentItem): string[] {
  return [file.name, String(file.size), file.stored ? 'yes' : 'no', file.sha1];
}

/** So many files at most wait on the server at once for being stored. */
const FILES_AT_ONCE = 50;

async function add(paths: readonly string[], options: CommonOptions): Promise<void> {
  const added: Added['added'][number][] = [];
  const rejected: Added['rejected'][number][] = [];
  await withDoor(options, async (door) => {
    let waiting: { readonly path: string; readonly upload: string }[] = [];
    const flush = async (): Promise<void> => {
      if (waiting.length === 0) return;
      const outcome = await door.job(operations.add, { uploads: waiting.map((one) => one.upload) });
      const pathOf = new Map(waiting.map((one) => [one.upload, one.path]));
      added.push(...outcome.added);
      rejected.push(...outcome.rejected.map((one) => ({ ...one, path: pathOf.get(one.path) ?? one.path })));
      waiting = [];
    };
    for (const { path, error } of filesBelow(paths.map((one) => resolve(one)))) {
      try {
        if (error !== undefined) throw error;
        waiting.push({ path, upload: await door.upload(path) });
      } catch (failure) {
        if (!(failure instanceof OakumError)) throw failure;
        rejected.push({ path, code: failure.code, reason: failure.message });
      }
      if (waiting.length >= FILES_AT_ONCE) await flush();
    }
    await flush();
  });
  print(options, { added, rejected }, () =>
    [
      `${added.length} stored, ${rejected.length} rejected`,
      ...rejected.map((one) => `  ${oneLine(one.path)}: ${oneLine(one.reason)} (${one.code})`),
    ].join('\n'),
  );
  if (rejected.length > 0) process.exitCode = 1;
}

async function verify(options: CommonOptions): Promise<void> {
  const { verdicts } = await withDoor(options, (door) => door.job(operations.verify, {}));
  const bad = verdicts.filter((one) => one.problem !== undefined);
  print(options, verdicts, () =>
    [
      `${verdicts.length} files read, ${bad.length} damaged`,
      ...bad.map((one) => `  ${one.sha1}: ${one.problem} It was put into quarantine.`),
    ].join('\n'),
  );
  if (bad.length > 0) process.exitCode = 1;
}
