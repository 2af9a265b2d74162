import { InvalidArgumentError, Option, type Command } from 'commander';
import type { ComputerView } from '../admin/computers.ts';
import type { FindingView } from '../admin/findings.ts';
import { computers } from '../api/operations/computers.ts';
import { findings } from '../api/operations/findings.ts';
import { FINDING_KINDS, type FindingKind } from '../fleet/finding.ts';
import { doorCommand, print, type CommonOptions } from './common.ts';
import { listing, printList, type ListOptions } from './list.ts';
import { oneLine } from '../errors/inert-text.ts';
import { table, time } from './table.ts';
import { withDoor } from './with-door.ts';

const COMPUTER = ['<computer>', 'client id, name or part of it'] as const;
const DAY_MS = 86_400_000;
/** Of one computer; there are fewer kinds of them. */
const MOST_FINDINGS = 100;

export function computersCommand(): Command {
  const all = filtered(doorCommand('computers', 'Computers of the fleet'));
  all.addCommand(filtered(doorCommand('list', 'List computers')));
  all.addCommand(
    doorCommand('show', 'Print everything that is known of a computer')
      .argument(...COMPUTER)
      .action(show),
  );
  all.addCommand(
    listing(doorCommand('findings', 'List what is wrong with computers, and what to do about it'))
      .addOption(new Option('--kind <kind>', 'only this kind').choices(FINDING_KINDS))
      .action(listFindings),
  );
  all.addCommand(
    doorCommand('move', 'Make a computer belong to exactly these groups; to none: Unassigned Computers')
      .argument(...COMPUTER)
      .argument('[group...]', 'names or ids of groups')
      .option('--dry-run', 'change nothing, only say what would happen')
      .action(move),
  );
  all.addCommand(
    doorCommand('delete', 'Forget a computer; if it comes back, it registers again')
      .argument(...COMPUTER)
      .option('--dry-run', 'change nothing, only say what would happen')
      .action(remove),
  );
  return all;
}

interface FilterOptions extends ListOptions {
  readonly search?: string;
  readonly group?: string;
  readonly os?: string;
  readonly model?: string;
  readonly silent?: number;
  readonly finding?: FindingKind;
}

function filtered(one: Command): Command {
  return listing(one)
    .option('--search <text>', 'a client id or part of the name')
    .option('--group <group>', 'members of this group and of those below it')
    .option('--os <words>', 'words of the operating system or its number, for example "11 24H2"')
    .option('--model <text>', 'part of the manufacturer or model')
    .option('--silent <days>', 'not in contact for this many days', parseDays)
    .addOption(new Option('--finding <kind>', 'with this finding').choices(FINDING_KINDS))
    .action(list);
}

function parseDays(text: string): number {
  const days = Number(text);
  if (text.trim() === '' || !(days >= 0)) throw new InvalidArgumentError('It must be a number of days.');
  return days;
}

async function list(options: FilterOptions): Promise<void> {
  const { search, group, os, model, silent, finding, limit } = options;
  const filter = {
    ...(search === undefined ? {} : { search }),
    ...(group === undefined ? {} : { group }),
    ...(os === undefined ? {} : { os }),
    ...(model === undefined ? {} : { model }),
    ...(silent === undefined ? {} : { silentSinceMs: Math.round(Date.now() - silent * DAY_MS) }),
    ...(finding === undefined ? {} : { finding }),
  };
  const listed = await withDoor(options, (door) => door.list(computers.list, filter, limit));
  printList(options, listed, HEADINGS, listed.map(row));
}

const HEADINGS = [
  'COMPUTER',
  'OPERATING SYSTEM',
  'MODEL',
  'GROUPS',
  'LAST CONTACT',
  'LAST SCAN',
  'LAST REPORT',
  'ADDRESS',
  'CLIENT ID',
];

function row(computer: ComputerView): string[] {
  return [
    computer.name,
    computer.operatingSystem,
    computer.model ?? '-',
    computer.groups.join(', '),
    time(computer.lastContactMs),
    time(computer.lastScanMs),
    time(computer.lastReportMs),
    computer.address,
    computer.clientId,
  ];
}

async function show(name: string, options: CommonOptions): Promise<void> {
  const shown = await withDoor(options, async (door) => {
    const computer = await door.read(computers.show, { computer: name });
    const found = await door.list(findings.ofComputer, { computer: computer.clientId }, MOST_FINDINGS);
    return { ...computer, findings: found };
  });
  print(options, shown, () =>
    [
      table(['PROPERTY', 'VALUE'], facts(shown)),
      ...shown.findings.flatMap((one) => ['', ...sentences(one)]),
    ].join('\n'),
  );
}

function facts(computer: ComputerView): (readonly [string, string])[] {
  const product = [computer.operatingSystem, `(${computer.osNumber})`].join(' ');
  const role = computer.isDomainController
    ? 'domain controller'
    : computer.isServer
      ? 'server'
      : 'workstation';
  return [
    ['name', computer.name],
    ['client id', computer.clientId],
    ['address', computer.address],
    ['operating system', product],
    ['calls itself', computer.osDescription ?? '-'],
    ['role', role],
    ['language', computer.osLocale ?? '-'],
    ['architecture', computer.architecture ?? '-'],
    ['manufacturer', computer.manufacturer ?? '-'],
    ['model', computer.model ?? '-'],
    ['bios', [computer.biosName, computer.biosVersion].filter((one) => one !== null).join(' ') || '-'],
    ['client version', computer.clientVersion ?? '-'],
    ['groups', computer.groups.join(', ')],
    ['asks for groups', computer.requestedGroups.join(', ') || '-'],
    ['first seen', time(computer.firstSeenMs)],
    ['registered', time(computer.registeredMs)],
    ['last contact', time(computer.lastContactMs)],
    ['last scan', time(computer.lastScanMs)],
    ['last report', time(computer.lastReportMs)],
  ];
}

function sentences(finding: FindingView): string[] {
  const evidence = finding.evidence.length === 0 ? '' : ` (${finding.evidence.map(oneLine).join(', ')})`;
  return [`${finding.kind}: ${finding.meaning}${evidence}`, `  ${finding.cure}`];
}

interface FindingOptions extends ListOptions {
  readonly kind?: FindingKind;
}

async function listFindings(options: FindingOptions): Promise<void> {
  const { kind, limit } = options;
  const found = await withDoor(options, (door) =>
    door.list(findings.list, kind === undefined ? {} : { kind }, limit),
  );
  if (found.length > 0 || options.json === true || options.csv === true) {
    printList(
      options,
      found,
      ['FINDING', 'COMPUTER', 'SINCE', 'LAST', 'TIMES', 'EVIDENCE', 'CLIENT ID'],
      found.map((one) => [
        one.kind,
        one.name,
        time(one.firstMs),
        time(one.lastMs),
        String(one.times),
        one.evidence.join(', ') || '-',
        one.clientId,
      ]),
    );
    if (options.json === true || options.csv === true) return;
    const cures = new Map(found.map((one) => [one.kind, one]));
    for (const one of cures.values()) process.stdout.write(`\n${one.kind}: ${one.meaning}\n  ${one.cure}\n`);
    return;
  }
  process.stdout.write('nothing was found\n');
}

interface ChangeOptions extends CommonOptions {
  readonly dryRun?: boolean;
}

async function move(computer: string, groups: readonly string[], options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const moved = await withDoor(options, (door) =>
    door.change(computers.move, { computer, groups: [...groups], dryRun }),
  );
  const is = dryRun ? 'would be' : 'is';
  print(options, moved, () => `${oneLine(moved.name)} ${is} in ${moved.groups.map(oneLine).join(', ')}`);
}

async function remove(computer: string, options: ChangeOptions): Promise<void> {
  const { dryRun = false } = options;
  const removed = await withDoor(options, (door) => door.change(computers.remove, { computer, dryRun }));
  const done = dryRun ? 'would delete' : 'deleted';
  print(
    options,
    { clientId: removed.clientId, name: removed.name },
    () => `${done} ${oneLine(removed.name)} (${removed.clientId})`,
  );
}
