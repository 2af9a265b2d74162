import { Option, type Command } from 'commander';
import { probe, type ProbeAssumption, type ProbeReport } from '../agent/probe.ts';
import type { ExchangeReport } from '../agent/soap-caller.ts';
import { authoritiesIn } from './authorities.ts';
import { command, print, type CommonOptions } from './common.ts';
import { printable } from '../errors/inert-text.ts';
import { table } from './table.ts';
import { parseCount } from './updates.ts';

interface ProbeCommandOptions extends CommonOptions {
  readonly assume: ProbeAssumption;
  readonly rounds: number;
  readonly ca?: string;
}

export function probeCommand(): Command {
  return command(
    'probe',
    'Do the handshake and one scan of a Windows Update Agent against any WSUS-compatible server',
  )
    .argument('<url>', 'for example http://wsus.example.com:8530')
    .addOption(
      new Option('--assume <which>', 'updates to call installed: those whose rule is plainly true, or all')
        .choices(['trivial', 'all'])
        .default('trivial'),
    )
    .option('--ca <file>', 'the authorities to trust over https, in PEM; see "oakum tls ca"')
    .option('--rounds <count>', 'SyncUpdates calls at most', parseCount, 200)
    .action(run);
}

async function run(url: string, options: ProbeCommandOptions): Promise<void> {
  const { assume, rounds: maxRounds } = options;
  const report = await probe({ url, assume, maxRounds, now: Date.now, ...authoritiesIn(options.ca) });
  print(options, report, () => describe(report));
  if (report.stopped !== undefined) process.exitCode = 1;
}

function describe(report: ProbeReport): string {
  const actions = Object.entries(report.actions).map(([action, count]) => `${count} ${printable(action)}`);
  return [
    `${report.url}: protocol ${printable(report.serverProtocolVersion)}, configuration of ${printable(report.lastChange)}, registration ${report.registrationRequired ? 'required' : 'not required'}`,
    '',
    table(['CALL', 'REQUEST', 'WIRE', 'DECODED', 'CODING', 'MS'], report.handshake.map(exchangeRow)),
    '',
    table(
      [
        'ROUND',
        'INSTALLED',
        'CACHED',
        'NEW',
        'NON-LEAF',
        'GONE',
        'CHANGED',
        'TRUNCATED',
        'WIRE',
        'DECODED',
        'MS',
      ],
      report.rounds.map((round) => [
        String(round.round),
        String(round.installed),
        String(round.cached),
        String(round.newUpdates),
        String(round.newNonLeaf),
        String(round.outOfScope),
        String(round.changed),
        String(round.truncated),
        String(round.exchange.wireBytes),
        String(round.exchange.decodedBytes),
        round.exchange.milliseconds.toFixed(1),
      ]),
    ),
    '',
    `${report.updates} updates: ${actions.join(', ') || 'none'}`,
    ...(report.stopped === undefined ? [] : [`stopped early: ${report.stopped}`]),
  ].join('\n');
}

function exchangeRow(exchange: ExchangeReport): string[] {
  return [
    exchange.operation,
    String(exchange.requestBytes),
    String(exchange.wireBytes),
    String(exchange.decodedBytes),
    printable(exchange.coding),
    exchange.milliseconds.toFixed(1),
  ];
}
