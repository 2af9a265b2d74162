import { InvalidArgumentError, Option, type Command } from 'commander';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { FEWEST_REVISIONS, MEASURED } from '../synthetic/catalogue-shape.ts';
import type { Tail } from '../synthetic/document-tail.ts';
import { writeRecordPackage } from '../synthetic/record-package.ts';
import { syntheticDocuments, type SyntheticOptions } from '../synthetic/synthetic-catalogue.ts';
import { fillSyntheticStore, type SyntheticReport } from '../synthetic/synthetic-store.ts';
import { command, print, type CommonOptions } from './common.ts';
import { withImport } from './with-import.ts';
import { endProgress, progress } from './import.ts';

interface CatalogueOptions extends CommonOptions {
  readonly revisions: number;
  readonly seed: number;
  readonly tail: Tail;
  readonly documents?: string;
  readonly approve: number;
  readonly decline: number;
}

export function benchCommand(): Command {
  const bench = command('bench', 'Make what load tests need');
  bench.addCommand(
    command('catalogue', 'Fill the data folder with a synthetic catalogue of the shape that real ones have')
      .option('--revisions <count>', 'how many updates', parseRevisions, MEASURED.revisions)
      .option('--seed <number>', 'the same seed and count give the same bytes', parseSeed, 1)
      .addOption(
        new Option('--tail <which>', 'the few very large documents of real catalogues')
          .choices(['measured', 'none'])
          .default('measured'),
      )
      .option(
        '--documents <folder>',
        'write the documents there, for "oakum import", instead of importing them',
      )
      .option(
        '--approve <share>',
        'of what nothing supersedes, approve so much for all computers',
        parseShare,
        0.7,
      )
      .option('--decline <share>', 'of what is superseded, decline so much', parseShare, 0)
      .action(catalogue),
  );
  return bench;
}

function parseRevisions(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < FEWEST_REVISIONS)
    throw new InvalidArgumentError(`It must be a whole number from ${FEWEST_REVISIONS} on.`);
  return count;
}

function parseSeed(text: string): number {
  const seed = Number(text);
  if (!Number.isInteger(seed) || seed < 0 || seed > 0xffff_ffff)
    throw new InvalidArgumentError('It must be a whole number of at most 32 bits.');
  return seed;
}

function parseShare(text: string): number {
  const share = Number(text);
  if (!(share >= 0 && share <= 1)) throw new InvalidArgumentError('It must be a number from 0 to 1.');
  return share;
}

async function catalogue(options: CatalogueOptions): Promise<void> {
  const { revisions, seed, tail } = options;
  if (options.documents !== undefined) await writeDocuments(options, resolve(options.documents));
  else await fillStore(options, { revisions, seed, tail });
}

async function writeDocuments(options: CatalogueOptions, folder: string): Promise<void> {
  const { revisions, seed, tail } = options;
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `synthetic-${revisions}-${seed}.xml.gz`);
  await writeRecordPackage(path, syntheticDocuments({ revisions, seed, tail }));
  print(options, { path, documents: revisions }, () => `${revisions} documents written to ${path}`);
}

async function fillStore(options: CatalogueOptions, synthetic: SyntheticOptions): Promise<void> {
  const report = await withImport(options, (store) =>
    fillSyntheticStore(store.db, {
      ...synthetic,
      shares: { approved: options.approve, declined: options.decline },
      now: Date.now,
      stopwatch: () => performance.now(),
      onProgress: progress,
    }),
  );
  endProgress();
  print(options, report, () => describe(report));
  if (report.rejected.length > 0) process.exitCode = 1;
}

function describe(report: SyntheticReport): string {
  const { documents, generationMs, importMs } = report;
  const rate = (ms: number): string => `${Math.round(documents / (ms / 1000))} per second`;
  return [
    `${documents} documents of ${(report.bytes / 1e6).toFixed(1)} MB: ${report.imported} imported, ${report.known} known already, ${report.rejected.length} rejected`,
    `made in ${(generationMs / 1000).toFixed(1)} s (${rate(generationMs)}), imported in ${(importMs / 1000).toFixed(1)} s (${rate(importMs)})`,
    `${report.approved} approved for all computers, ${report.declined} declined`,
  ].join('\n');
}
