import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { Agent, type ScanReport } from '../agent/agent.ts';
import { explainUpdate } from '../agent/evaluation/explain-update.ts';
import { explanationText } from '../agent/evaluation/explanation-text.ts';
import { formatHresult } from '../agent/hresult.ts';
import type { InstallOutcome } from '../agent/installer.ts';
import { machineToJson, parseMachine } from '../agent/machine/machine-json.ts';
import { profile, profileNames } from '../agent/machine/profiles/profile.ts';
import type { OfferedUpdate } from '../agent/offered-update.ts';
import type { ExchangeReport } from '../agent/soap-caller.ts';
import { loadAgent, saveAgent } from '../agent/state-folder.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { parseUpdateId, type UpdateId } from '../metadata/update-identity.ts';
import { command, print, type CommonOptions } from './common.ts';
import { printable, table } from './table.ts';

interface AgentOptions extends CommonOptions {
  readonly server: string;
  readonly machine: string;
  readonly state?: string;
  readonly untrusted?: boolean;
  readonly fail?: number;
}

const DEFAULT_PROFILE = 'windows-11-25h2';

export function agentCommand(): Command {
  const agent = command('agent', 'A simulated Windows Update Agent: what a computer would get, and why not');
  agent.addCommand(onServer(command('scan', 'Scan, and list what would be installed')).action(scan));
  agent.addCommand(
    onServer(command('install', 'Scan, download, check and "install" what is offered, then report'))
      .argument('[update...]', 'UpdateIDs; everything offered unless given')
      .option('--untrusted', 'do not trust the publisher: downloads end with 0x800B0109')
      .option('--fail <hresult>', 'let every installation fail with this code', parseHresult)
      .action(install),
  );
  agent.addCommand(onServer(command('report', 'Send the events that are queued')).action(report));
  agent.addCommand(
    onServer(command('explain', 'Scan, and say why an update is offered or not'))
      .argument('<update>', 'an UpdateID')
      .action(explain),
  );
  return agent;
}

function onServer(one: Command): Command {
  return one
    .requiredOption('--server <url>', 'for example http://wsus.example.com:8530')
    .option(
      '--machine <file|profile>',
      `a machine model in JSON, or one of ${profileNames.join(', ')}`,
      DEFAULT_PROFILE,
    )
    .option('--state <folder>', 'remember the computer there, so that the next scan goes on from this one');
}

function parseHresult(text: string): number {
  if (!/^0x[0-9a-f]{1,8}$/i.test(text)) throw new InvalidArgumentError('It must look like 0x80240022.');
  return Number(text);
}

/** The counts every subcommand tells. */
interface Traffic {
  exchanges: number;
  syncUpdatesCalls: number;
  bytes: number;
  milliseconds: number;
}

interface Opened {
  readonly agent: Agent;
  readonly traffic: Traffic;
}

/** Runs a task with the computer of the options, and remembers it afterwards, whatever happened. */
async function withAgent<T>(options: AgentOptions, task: (opened: Opened) => Promise<T>): Promise<T> {
  const saved = options.state === undefined ? undefined : await loadAgent(options.state);
  const chosen = chooseMachine(options.machine, saved);
  const clientId = saved?.state.clientId ?? randomUUID();
  const traffic: Traffic = { exchanges: 0, syncUpdatesCalls: 0, bytes: 0, milliseconds: 0 };
  using agent = new Agent({
    server: options.server,
    profile: chosen.profile,
    machine: chosen.machine,
    clientId,
    dnsName: `simulated-${clientId.slice(0, 8)}`,
    now: Date.now,
    trusted: options.untrusted !== true,
    ...(saved && { state: saved.state, queuedEvents: saved.queuedEvents }),
    onExchange: (exchange) => count(traffic, exchange),
    onRound: (round) => progress(options, `round ${round.round}: ${round.newUpdates} new updates`),
    onRecovery: (errorCode) => progress(options, `the server said ${errorCode}; starting again`),
  });
  try {
    return await task({ agent, traffic });
  } finally {
    if (options.state !== undefined) {
      await saveAgent(options.state, {
        server: options.server,
        state: agent.state,
        machine: machineToJson(agent.machine),
        profile: chosen.profile.name,
        queuedEvents: agent.queuedEvents,
      });
    }
    endProgress(options);
  }
}

function chooseMachine(name: string, saved: Awaited<ReturnType<typeof loadAgent>>) {
  if (saved !== undefined) return { profile: profile(saved.profile), machine: parseMachine(saved.machine) };
  if (!existsSync(name)) {
    const known = profile(name);
    return { profile: known, machine: known.machine };
  }
  try {
    return {
      profile: profile(DEFAULT_PROFILE),
      machine: parseMachine(JSON.parse(readFileSync(name, 'utf8'))),
    };
  } catch (cause) {
    if (cause instanceof OakumError) throw cause;
    throw new OakumError('OAK_MACHINE_INVALID', { detail: `${name} is no JSON.`, cause });
  }
}

function count(traffic: Traffic, exchange: ExchangeReport): void {
  traffic.exchanges++;
  traffic.bytes += exchange.requestBytes + exchange.wireBytes;
  traffic.milliseconds += exchange.milliseconds;
  if (exchange.operation === 'SyncUpdates') traffic.syncUpdatesCalls++;
}

function progress(options: AgentOptions, text: string): void {
  if (options.json !== true && process.stderr.isTTY) process.stderr.write(`\r\u001b[K${printable(text)}`);
}

function endProgress(options: AgentOptions): void {
  if (options.json !== true && process.stderr.isTTY) process.stderr.write('\r\u001b[K');
}

async function scan(options: AgentOptions): Promise<void> {
  await withAgent(options, async ({ agent, traffic }) => {
    const found = await agent.scan();
    const json = {
      ...traffic,
      offered: found.offered.map(offerJson),
      installed: named(agent, found.installed),
      needed: named(agent, found.needed),
      failed: [],
    };
    print(options, json, () => `${describeScan(found)}\n\n${describeTraffic(traffic)}`);
  });
}

async function install(updates: readonly string[], options: AgentOptions): Promise<void> {
  await withAgent(options, async ({ agent, traffic }) => {
    const found = await agent.scan();
    const wanted = new Set(updates.map(requireUpdateId));
    const chosen = found.offered.filter((offer) =>
      wanted.size === 0 ? offer.isAutomatic : wanted.has(offer.updateId),
    );
    const outcomes = await agent.install(
      chosen,
      options.fail === undefined ? {} : { fail: { updates: 'all', hresult: options.fail } },
    );
    const after = await agent.scan();
    const reported = await agent.report();
    const failed = outcomes.filter((one) => one.result === 'failed');
    const json = {
      ...traffic,
      bytes: traffic.bytes + outcomes.reduce((sum, one) => sum + one.downloadedBytes, 0),
      downloadedBytes: outcomes.reduce((sum, one) => sum + one.downloadedBytes, 0),
      reportedEvents: reported,
      offered: found.offered.map(offerJson),
      installed: outcomes.filter((one) => one.result !== 'failed').map(({ offer }) => offerJson(offer)),
      failed: failed.map((one) => ({
        ...offerJson(one.offer),
        error: `${formatHresult(one.hresult)} ${one.reason}`,
      })),
      stillOffered: after.offered.map(offerJson),
    };
    print(
      options,
      json,
      () => `${describeOutcomes(outcomes)}\n\n${reported} events reported. ${describeTraffic(traffic)}`,
    );
    if (failed.length > 0) process.exitCode = 1;
  });
}

async function report(options: AgentOptions): Promise<void> {
  await withAgent(options, async ({ agent, traffic }) => {
    const reported = await agent.report();
    print(options, { ...traffic, reportedEvents: reported }, () => `${reported} events reported`);
  });
}

async function explain(update: string, options: AgentOptions): Promise<void> {
  const updateId = requireUpdateId(update);
  await withAgent(options, async ({ agent }) => {
    await agent.scan();
    const explanation = explainUpdate(agent.evaluation(), updateId);
    print(options, explanation, () =>
      printableLines(explanationText(explanation, { titleOf: (id) => agent.titleOf(id) })),
    );
  });
}

function requireUpdateId(text: string): UpdateId {
  const updateId = parseUpdateId(text);
  if (updateId === undefined)
    throw new OakumError('OAK_UPDATE_UNKNOWN', { detail: `"${text}" is no UpdateID.` });
  return updateId;
}

function offerJson(offer: OfferedUpdate): Record<string, unknown> {
  const { updateId, revisionNumber, title, action, downloadBytes } = offer;
  return { updateId, revisionNumber, title, action, downloadBytes };
}

function named(
  agent: Agent,
  ids: readonly UpdateId[],
): { readonly updateId: UpdateId; readonly title: string }[] {
  return ids.map((updateId) => ({ updateId, title: agent.titleOf(updateId) ?? '' }));
}

function describeScan(found: ScanReport): string {
  const rows = found.offered.map((offer) => [
    offer.title,
    offer.isAutomatic ? offer.action : 'optional',
    String(offer.downloadBytes),
    offer.updateId,
  ]);
  return [
    `${found.syncUpdatesCalls} SyncUpdates calls, ${found.cached} updates held, ${found.needed.length} needed, ${found.installed.length} installed`,
    '',
    rows.length === 0 ? 'nothing is offered' : table(['OFFERED', 'ACTION', 'BYTES', 'UPDATE ID'], rows),
  ].join('\n');
}

function describeOutcomes(outcomes: readonly InstallOutcome[]): string {
  if (outcomes.length === 0) return 'nothing was offered';
  return table(
    ['UPDATE', 'RESULT', 'BYTES', 'REQUESTS', 'CODE'],
    outcomes.map((one) => [
      one.offer.title,
      one.result,
      String(one.downloadedBytes),
      String(one.requests),
      one.hresult === 0 ? '-' : `${formatHresult(one.hresult)} ${one.reason}`,
    ]),
  );
}

function describeTraffic(traffic: Traffic): string {
  return `${traffic.exchanges} calls, ${traffic.bytes} bytes, ${traffic.milliseconds.toFixed(0)} ms`;
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
