import type { Command } from 'commander';
import { join } from 'node:path';
import { openFolderContentStore } from '../content/folder-content-store.ts';
import { installSample, type SampleReport } from '../sample/install-sample.ts';
import { command, dataFolder, print, type CommonOptions } from './common.ts';
import { withImport } from './with-import.ts';

export function sampleCommand(): Command {
  return command(
    'sample',
    'Put a small catalogue of invented updates and their files into the data folder',
  ).action(run);
}

async function run(options: CommonOptions): Promise<void> {
  const report = await withImport(options, async (store) =>
    installSample(store.db, await openFolderContentStore(join(dataFolder(options), 'content')), {
      now: Date.now,
    }),
  );
  print(options, report, () => describe(report));
  if (report.rejected.length > 0) process.exitCode = 1;
}

function describe(report: SampleReport): string {
  const { files } = report;
  return [
    `${report.documents} documents: ${report.imported} imported, ${report.known} known already, ${report.rejected.length} rejected`,
    `${files.stored + files.known} files of ${(files.bytes / 1e6).toFixed(1)} MB: ${files.stored} stored, ${files.known} known already`,
    ...report.rejected.map((one) => `  ${one.name}: ${one.reason} (${one.code})`),
    '',
    `${report.deployable} updates can be approved. See them, approve some, and scan:`,
    '  oakum updates --deployable',
    '  oakum approve "Sample Agent 1.3" "Sample Scanner 5.0" "Sample Fonts"',
    '  oakum agent scan --server http://127.0.0.1:8530',
    '',
    'Everything in it is invented and the files are noise without a signature: real computers report what',
    'they need of it, and refuse to install it.',
  ].join('\n');
}
