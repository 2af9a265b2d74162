import type { Command } from 'commander';
import { resolve } from 'node:path';
import { runDueRules, type RuleOutcome } from '../admin/rules.ts';
import { importDocuments, type ImportReport } from '../import/importer.ts';
import { importFiles, readSourceDocuments } from '../import/source-document.ts';
import { command, print, type CommonOptions } from './common.ts';
import { oneLine } from './table.ts';
import { withImport } from './with-import.ts';

export function importCommand(): Command {
  return command('import', 'Import update documents, folders of them, or wsusutil export packages')
    .argument('<path...>', 'documents (.xml), export packages (.cab, .xml.gz) or folders')
    .action(run);
}

async function run(paths: readonly string[], options: CommonOptions): Promise<void> {
  const files = importFiles(paths.map((path) => resolve(path)));
  const report = await withImport(options, async (store) => {
    const imported = await importDocuments(store.db, readSourceDocuments(files), {
      source: JSON.stringify(files),
      now: Date.now,
      onProgress: progress,
    });
    // A server that runs would do it within minutes: whoever imports sees at once what follows from it.
    const { approvals } = await runDueRules(store.db, Date.now());
    return { ...imported, approvals };
  });
  endProgress();
  print(options, report, () => describe(report));
  if (report.rejected.length > 0) process.exitCode = 1;
}

/** Shows on a terminal how far an import has come. */
export function progress({ share, documents }: { readonly share: number; readonly documents: number }): void {
  if (!process.stderr.isTTY) return;
  process.stderr.write(`\r${String(Math.floor(share * 100)).padStart(3)} %  ${documents} documents`);
}

export function endProgress(): void {
  if (process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}

function describe(report: ImportReport & Pick<RuleOutcome, 'approvals'>): string {
  const lines = [
    `${report.documents} documents read: ${report.imported} imported, ${report.known} known already, ${report.rejected.length} rejected`,
    ...(report.approvals.length > 0 ? [`${report.approvals.length} approvals by rules`] : []),
    ...report.rejected.map((one) => `  ${oneLine(`${one.name}: ${one.reason} (${one.code})`)}`),
  ];
  return lines.join('\n');
}
