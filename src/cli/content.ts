import type { Command } from 'commander';
import { join, resolve } from 'node:path';
import {
  addContent,
  verifyContent,
  viewContent,
  type ContentVerdict,
  type ContentView,
} from '../admin/content.ts';
import type { ContentStore } from '../content/content-store.ts';
import { openFolderContentStore } from '../content/folder-content-store.ts';
import { OakumError } from '../errors/oakum-error.ts';
import type { Store } from '../store/open-store.ts';
import { localCaller } from './caller.ts';
import { command, dataFolder, print, withExistingStore, type CommonOptions } from './common.ts';
import { filesBelow } from './files-below.ts';
import { oneLine, table } from './table.ts';

export function contentCommand(): Command {
  const content = command('content', 'Files of updates').action(list);
  content.addCommand(command('list', 'List the files updates name, and which are stored').action(list));
  content.addCommand(
    command('add', 'Store files; their digests say which updates they belong to')
      .argument('<path...>', 'files or folders')
      .action(add),
  );
  content.addCommand(
    command('verify', 'Read every stored file and compare it with its digests').action(verify),
  );
  return content;
}

function withContent<T>(
  options: CommonOptions,
  task: (store: Store, content: ContentStore) => Promise<T>,
): Promise<T> {
  return withExistingStore(options, async (store) =>
    task(store, await openFolderContentStore(join(dataFolder(options), 'content'))),
  );
}

async function list(options: CommonOptions): Promise<void> {
  const files = await withContent(options, (store, content) => viewContent(store.db, content));
  print(options, files, () => table(['FILE', 'BYTES', 'STORED', 'SHA-1'], files.map(row)));
}

function row(file: ContentView): string[] {
  return [file.name, String(file.size), file.stored ? 'yes' : 'no', file.sha1];
}

interface Refusal {
  readonly path: string;
  readonly code: string;
  readonly reason: string;
}

async function add(paths: readonly string[], options: CommonOptions): Promise<void> {
  const added: ContentView[] = [];
  const rejected: Refusal[] = [];
  await withContent(options, async (store, content) => {
    for (const { path, error } of filesBelow(paths.map((one) => resolve(one)))) {
      try {
        if (error !== undefined) throw error;
        added.push(await addContent(store.db, content, localCaller(), path));
      } catch (failure) {
        if (!(failure instanceof OakumError)) throw failure;
        rejected.push({ path, code: failure.code, reason: failure.message });
      }
    }
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
  const verdicts: ContentVerdict[] = [];
  await withContent(options, async (store, content) => {
    for await (const verdict of verifyContent(store.db, content)) verdicts.push(verdict);
  });
  const bad = verdicts.filter((one) => one.problem !== undefined);
  print(options, verdicts, () =>
    [
      `${verdicts.length} files read, ${bad.length} damaged`,
      ...bad.map((one) => `  ${one.sha1}: ${one.problem} It was put into quarantine.`),
    ].join('\n'),
  );
  if (bad.length > 0) process.exitCode = 1;
}
