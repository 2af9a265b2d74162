import type { Command } from 'commander';
import { resolve } from 'node:path';
import type { Door, JobStep } from '../api/door.ts';
import type { Output } from '../api/operation.ts';
import { IMPORT_WAITS, imports } from '../api/operations/imports.ts';
import { importFiles } from '../import/source-document.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { oneLine } from '../errors/inert-text.ts';
import { withDoor } from './with-door.ts';

type ImportOutcome = Output<typeof imports.start.result>;

export function importCommand(): Command {
  return doorCommand('import', 'Import update documents, folders of them, or wsusutil export packages')
    .argument('<path...>', 'documents (.xml), export packages (.cab, .xml.gz) or folders')
    .action(run);
}

async function run(paths: readonly string[], options: CommonOptions): Promise<void> {
  const named = paths.map((path) => resolve(path));
  // Folders stay as they are where they can be read.
  const files = options.server === undefined ? named : importFiles(named);
  const report = await withDoor(options, (door) => importAt(door, files), { mustExist: false });
  endProgress();
  print(options, report, () => describe(report));
  if (report.rejected.length > 0) process.exitCode = 1;
}

async function importAt(door: Door, files: readonly string[]): Promise<ImportOutcome> {
  const uploads: string[] = [];
  for (const file of files) uploads.push(await door.upload(file));
  let hasWaited = false;
  return door.job(imports.start, { uploads }, (step) => {
    if (step.what !== IMPORT_WAITS) showStep(step);
    else if (!hasWaited) process.stderr.write(`oakum: ${IMPORT_WAITS}\n`);
    hasWaited ||= step.what === IMPORT_WAITS;
  });
}

function showStep({ done, total, what }: JobStep): void {
  if (total > 0) progress({ share: done / total, documents: Number.parseInt(what, 10) });
}

/** Shows on a terminal how far an import has come. */
export function progress({ share, documents }: { readonly share: number; readonly documents: number }): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r${String(Math.floor(share * 100)).padStart(3)} %  ${documents} documents`);
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}

function describe(report: ImportOutcome): string {
  const lines = [
    `${report.documents} documents read: ${report.imported} imported, ${report.known} known already, ${report.rejected.length} rejected`,
    ...(report.approvals.length > 0 ? [`${report.approvals.length} approvals by rules`] : []),
    ...report.rejected.map((one) => `  ${oneLine(`${one.name}: ${one.reason} (${one.code})`)}`),
  ];
  return lines.join('\n');
}
