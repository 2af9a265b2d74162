import { InvalidArgumentError, Option, type Command } from 'commander';
import type { StateView } from '../admin/compliance.ts';
import type { ComplianceScope } from '../admin/compliance-scope.ts';
import type { ComplianceSummary } from '../admin/compliance-summary.ts';
import type { Door } from '../api/door.ts';
import { compliance } from '../api/operations/compliance.ts';
import { parseResultCode } from '../fleet/result-codes.ts';
import type { StatusCounts } from '../fleet/status-state.ts';
import { doorCommand, print } from './common.ts';
import { listing, printList, type ListOptions } from './list.ts';
import { parseSince } from './since.ts';
import { table, time } from './table.ts';
import { parseCount } from './updates.ts';
import { withDoor } from './with-door.ts';

interface ComplianceOptions extends ListOptions, ComplianceScope {
  readonly computer?: string;
  readonly update?: string;
  readonly updates?: boolean;
  readonly computers?: boolean;
  readonly state: readonly string[];
  readonly cve?: string;
  readonly by?: 'group' | 'product' | 'classification' | 'update';
  readonly trend?: number;
  readonly failures?: boolean;
  readonly code?: string;
  readonly pendingReboot?: boolean;
  readonly notReporting?: number;
}

/** One of these says what is printed. */
const VIEWS = ['computer', 'update', 'by', 'trend', 'failures', 'code', 'pendingReboot', 'notReporting'];

export function complianceCommand(): Command {
  const view = (flags: string, description: string): Option => {
    const option = new Option(flags, description);
    return option.conflicts(VIEWS.filter((one) => one !== option.attributeName()));
  };
  return listing(doorCommand('compliance', 'Tell what computers need, have and failed to install'), 1_000)
    .addOption(view('--computer <computer>', 'count the updates in each state on this one'))
    .option('--updates', 'with --computer: list the updates as well')
    .addOption(view('--update <update>', 'count the computers in each state with this one'))
    .option('--computers', 'with --update: list the computers as well')
    .option(
      '--state <state>',
      'list only this state; may be repeated',
      (one: string, all: readonly string[]) => [...all, one],
      [],
    )
    .option('--group <group>', 'of this group and those below it')
    .addOption(new Option('--product <product>', 'of this product, family or company').conflicts('group'))
    .addOption(
      new Option('--classification <classification>', 'of this classification').conflicts([
        'group',
        'product',
      ]),
    )
    .addOption(
      view('--by <what>', 'one line for each').choices(['group', 'product', 'classification', 'update']),
    )
    .option('--cve <id>', 'with --by update: only what fixes this')
    .addOption(view('--trend <days>', 'day by day').argParser(parseCount))
    .addOption(view('--failures', 'the codes with which updates fail, and what they mean'))
    .addOption(view('--code <code>', 'what fails with this code, and where').argParser(parseCode))
    .addOption(view('--pending-reboot', 'updates that wait for a restart'))
    .addOption(
      view('--not-reporting <time>', 'computers that reported nothing since: 7d, 12h, or a date').argParser(
        parseSince,
      ),
    )
    .action(run);
}

function parseCode(text: string): string {
  if (parseResultCode(text) === undefined)
    throw new InvalidArgumentError('It must be as 0x80070643, or a name of such a code.');
  return text.trim();
}

async function run(options: ComplianceOptions): Promise<void> {
  await withDoor(options, (door) => show(door, options));
}

const BY = {
  group: compliance.groups,
  product: compliance.products,
  classification: compliance.classifications,
};

async function show(door: Door, options: ComplianceOptions): Promise<void> {
  const { limit } = options;
  if (options.computer !== undefined) await showComputer(door, options.computer, options);
  else if (options.update !== undefined) await showUpdate(door, options.update, options);
  else if (options.by === 'update') await showUpdates(door, options);
  else if (options.by !== undefined) {
    const summaries = await door.list(BY[options.by], {}, limit);
    const rows = summaries.map((one) => [one.name, ...summaryRow(one)]);
    printList(options, summaries, [options.by.toUpperCase(), ...SUMMARY], rows);
  } else if (options.trend !== undefined) {
    const { trend: days } = options;
    const trend = await door.list(compliance.trend, { ...scopeOf(options), days }, days);
    const rows = trend.map((one) => [one.day, ...summaryRow(one)]);
    printList(options, trend, ['DAY', ...SUMMARY], rows);
  } else if (options.failures === true) await showFailures(door, options);
  else if (options.code !== undefined) {
    const found = await door.list(compliance.failures, { code: options.code }, limit);
    const rows = found.map((one) => [one.name, one.title, kbOf(one), time(one.sinceMs), resultOf(one)]);
    printList(options, found, ['COMPUTER', 'UPDATE', 'KB', 'SINCE', 'RESULT'], rows);
  } else if (options.pendingReboot === true) {
    const found = await door.list(compliance.pendingReboots, {}, limit);
    const rows = found.map((one) => [one.name, one.title, kbOf(one), time(one.sinceMs)]);
    printList(options, found, ['COMPUTER', 'UPDATE', 'KB', 'SINCE'], rows);
  } else if (options.notReporting !== undefined) await showSilent(door, options.notReporting, options);
  else {
    const summary = await door.read(compliance.summary, scopeOf(options));
    printList(options, summary, SUMMARY, [summaryRow(summary)]);
  }
}

async function showSilent(door: Door, beforeMs: number, options: ComplianceOptions): Promise<void> {
  const { count } = await door.read(compliance.silentCount, { beforeMs });
  const computers = await door.list(compliance.silentComputers, { beforeMs }, options.limit);
  const rows = computers.map((one) => [
    one.name,
    one.clientId,
    time(one.lastReportMs),
    time(one.lastContactMs),
  ]);
  printList(options, { count, computers }, ['COMPUTER', 'CLIENT ID', 'LAST REPORT', 'LAST CONTACT'], rows);
}

async function showComputer(door: Door, computer: string, options: ComplianceOptions): Promise<void> {
  const counts = await door.read(compliance.ofComputer, { computer });
  if (options.updates !== true && options.state.length === 0) {
    print(options, counts, () => table(COUNTS, [countsRow(counts)]));
    return;
  }
  const updates = await door.list(
    compliance.statesOfComputer,
    { computer, ...statesOf(options) },
    options.limit,
  );
  const rows = updates.map((one) => [
    one.title,
    kbOf(one),
    one.cves.join(' ') || '-',
    one.state,
    time(one.sinceMs),
    resultOf(one),
    one.updateId,
  ]);
  printList(
    options,
    { ...counts, updates },
    ['UPDATE', 'KB', 'CVE', 'STATE', 'SINCE', 'RESULT', 'UPDATE ID'],
    rows,
  );
}

async function showUpdate(door: Door, update: string, options: ComplianceOptions): Promise<void> {
  const counts = await door.read(compliance.ofUpdate, { update });
  if (options.computers !== true && options.state.length === 0) {
    print(options, counts, () => table(['UPDATE', ...COUNTS], [[counts.title, ...countsRow(counts)]]));
    return;
  }
  const computers = await door.list(
    compliance.statesOfUpdate,
    { update, ...statesOf(options) },
    options.limit,
  );
  const rows = computers.map((one) => [one.name, one.clientId, one.state, time(one.sinceMs), resultOf(one)]);
  printList(options, { ...counts, computers }, ['COMPUTER', 'CLIENT ID', 'STATE', 'SINCE', 'RESULT'], rows);
}

async function showUpdates(door: Door, options: ComplianceOptions): Promise<void> {
  const { product, classification, cve, limit } = options;
  const filter = {
    ...(product === undefined ? {} : { product }),
    ...(classification === undefined ? {} : { classification }),
    ...(cve === undefined ? {} : { cve }),
  };
  const totals = await door.list(compliance.updates, filter, limit);
  const rows = totals.map((one) => [
    one.title,
    kbOf(one),
    one.cves.join(' ') || '-',
    one.severity ?? '-',
    ...[one.needed, one.downloaded, one.installed, one.pendingReboot, one.failed].map(String),
    one.updateId,
  ]);
  const headings = ['UPDATE', 'KB', 'CVE', 'SEVERITY', ...COUNTS.slice(2), 'UPDATE ID'];
  printList(options, totals, headings, rows);
}

async function showFailures(door: Door, options: ComplianceOptions): Promise<void> {
  const totals = await door.list(compliance.failureCodes, {}, options.limit);
  const rows = totals.map((one) => [
    one.hex,
    one.name || '-',
    String(one.computers),
    String(one.updates),
    one.meaning,
  ]);
  printList(options, totals, ['CODE', 'NAME', 'COMPUTERS', 'UPDATES', 'MEANING'], rows);
}

function statesOf({ state }: ComplianceOptions): { readonly states?: string[] } {
  return state.length === 0 ? {} : { states: [...state] };
}

function scopeOf({ group, product, classification }: ComplianceOptions): ComplianceScope {
  return {
    ...(group === undefined ? {} : { group }),
    ...(product === undefined ? {} : { product }),
    ...(classification === undefined ? {} : { classification }),
  };
}

const COUNTS = ['UNKNOWN', 'NOT APPLICABLE', 'NEEDED', 'DOWNLOADED', 'INSTALLED', 'PENDING REBOOT', 'FAILED'];

function countsRow(counts: StatusCounts): string[] {
  const { unknown, notApplicable, needed, downloaded, installed, pendingReboot, failed } = counts;
  return [unknown, notApplicable, needed, downloaded, installed, pendingReboot, failed].map(String);
}

const SUMMARY = ['COMPUTERS', 'UPDATES', ...COUNTS, 'WITH NEEDED', 'WITH FAILED', 'WITH NONE'];

function summaryRow(summary: ComplianceSummary): string[] {
  const { computers, updates, withNeeded, withFailed, withNone } = summary;
  return [
    String(computers),
    String(updates),
    ...countsRow(summary),
    ...[withNeeded, withFailed, withNone].map(String),
  ];
}

const kbOf = ({ kbArticles }: { readonly kbArticles: readonly string[] }): string =>
  kbArticles.join(' ') || '-';

function resultOf({ result }: StateView): string {
  return result === null ? '-' : `${result.hex} ${result.name}`.trim();
}
