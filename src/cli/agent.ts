import { randomUUID } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { InvalidArgumentError, type Command } from 'commander';
import { Agent, type ScanReport } from '../agent/agent.ts';
import { explainUpdate, type UpdateExplanation } from '../agent/evaluation/explain-update.ts';
import { explanationText } from '../agent/evaluation/explanation-text.ts';
import { formatHresult } from '../agent/hresult.ts';
import type { InstallOutcome } from '../agent/installer.ts';
import { machineToJson, parseMachine } from '../agent/machine/machine-json.ts';
import type { Machine } from '../agent/machine/machine.ts';
import { profile, profileNames, type Profile } from '../agent/machine/profiles/profile.ts';
import type { OfferedUpdate, Provocation } from '../agent/offered-update.ts';
import type { ExchangeReport } from '../agent/soap-caller.ts';
import { loadAgent, saveAgent, type SavedAgent } from '../agent/state-folder.ts';
import { OakumError } from '../errors/oakum-error.ts';
import { parseUpdateId, type UpdateId } from '../metadata/update-identity.ts';
import { authoritiesIn } from './authorities.ts';
import { command, print, type CommonOptions } from './common.ts';
import { printable } from '../errors/inert-text.ts';
import { table } from './table.ts';

interface AgentOptions extends CommonOptions {
  readonly server: string;
  readonly machine?: string;
  readonly state?: string;
  readonly explain?: string;
  readonly untrusted?: boolean;
  readonly fail?: number;
  readonly cancel?: boolean;
  readonly reboot?: boolean;
  readonly ca?: string;
}

const DEFAULT_PROFILE = 'windows-11-25h2';
/** A knowledge base article may have an update for each architecture and product. */
const MAX_EXPLAINED = 20;

export function agentCommand(): Command {
  const agent = command('agent', 'A simulated Windows Update Agent: what a computer would get, and why not');
  agent.addCommand(
    onServer(command('scan', 'Scan, and list what would be installed'))
      .option('--explain <update>', 'say too why this one is offered or not, as "explain" does')
      .action(scan),
  );
  agent.addCommand(
    onServer(command('install', 'Scan, download, check and "install" what is offered, then report'))
      .argument('[update...]', 'UpdateIDs; everything offered unless given')
      .option('--untrusted', 'do not trust the publisher: downloads end with 0x800B0109')
      .option('--fail <hresult>', 'let every installation fail with this code', parseHresult)
      .option('--cancel', 'let the user cancel every installation')
      .option('--reboot', 'let every installation need a restart')
      .action(install),
  );
  agent.addCommand(onServer(command('report', 'Send the events that are queued')).action(report));
  agent.addCommand(
    onServer(command('explain', 'Scan, and say why an update is offered or not'))
      .argument('<update>', 'an UpdateID, a KB number or a part of the title')
      .action(explain),
  );
  return agent;
}

function onServer(one: Command): Command {
  return one
    .requiredOption('--server <url>', 'for example http://wsus.example.com:8530')
    .option(
      '--machine <file|profile>',
      `a machine model in JSON, or one of ${profileNames.join(', ')} (default: ${DEFAULT_PROFILE}, or what the state folder holds)`,
    )
    .option('--ca <file>', 'the authorities to trust over https, in PEM; see "oakum tls ca"')
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
  // The cookie and the ids of one server mean nothing to another.
  const isSameServer = saved !== undefined && sameAddress(saved.server, options.server);
  const traffic: Traffic = { exchanges: 0, syncUpdatesCalls: 0, bytes: 0, milliseconds: 0 };
  using agent = new Agent({
    server: options.server,
    profile: chosen.profile,
    machine: chosen.machine,
    clientId,
    dnsName: `simulated-${clientId.slice(0, 8)}`,
    now: Date.now,
    trusted: options.untrusted !== true,
    ...authoritiesIn(options.ca),
    ...(isSameServer && { state: saved.state }),
    ...(saved && { queuedEvents: saved.queuedEvents }),
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

function sameAddress(one: string, other: string): boolean {
  const address = (text: string): string => (URL.canParse(text) ? new URL(text).href : text);
  return address(one) === address(other);
}

function chooseMachine(name: string | undefined, saved: Awaited<ReturnType<typeof loadAgent>>): Chosen {
  if (saved !== undefined) return savedMachine(name, saved);
  if (name === undefined || !existsSync(name) || profileNames.some((one) => one === name.toLowerCase())) {
    const known = profile(name ?? DEFAULT_PROFILE);
    return { profile: known, machine: known.machine };
  }
  let json: unknown;
  try {
    json = JSON.parse(readFileSync(name, 'utf8'));
  } catch (cause) {
    throw new OakumError('OAK_MACHINE_INVALID', { detail: `${name} cannot be read, or is no JSON.`, cause });
  }
  return { profile: profile(DEFAULT_PROFILE), machine: parseMachine(json) };
}

interface Chosen {
  readonly profile: Profile;
  readonly machine: Machine;
}

function savedMachine(name: string | undefined, saved: SavedAgent): Chosen {
  // A file was read when the computer was new; what has been installed on it since is in the folder only.
  if (name !== undefined && !existsSync(name) && profile(name).name !== saved.profile) {
    throw new OakumError('OAK_AGENT_STATE', {
      detail: `It holds a computer of profile ${saved.profile}, not ${name}.`,
    });
  }
  try {
    return { profile: profile(saved.profile), machine: parseMachine(saved.machine) };
  } catch (cause) {
    if (!(cause instanceof OakumError)) throw cause;
    throw new OakumError('OAK_AGENT_STATE', { detail: cause.message, cause });
  }
}

function count(traffic: Traffic, exchange: ExchangeReport): void {
  traffic.exchanges++;
  traffic.bytes += exchange.requestBytes + exchange.wireBytes;
  traffic.milliseconds += Math.round(exchange.milliseconds);
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
    const { explain: update } = options;
    const explanations = update === undefined ? undefined : await explanationsOf(agent, update);
    const json = {
      ...traffic,
      offered: found.offered.map(offerJson),
      installed: withTitles(agent, found.installed),
      needed: withTitles(agent, found.needed),
      failed: [],
      explanations,
    };
    print(options, json, () =>
      [describeScan(found), ...describeExplanations(agent, explanations), describeTraffic(traffic)].join(
        '\n\n',
      ),
    );
  });
}

async function install(updates: readonly string[], options: AgentOptions): Promise<void> {
  const wanted = new Set(updates.map(requireUpdateId));
  await withAgent(options, async ({ agent, traffic }) => {
    const found = await agent.scan();
    const chosen = found.offered.filter((offer) =>
      wanted.size === 0 ? offer.isAutomatic : wanted.has(offer.updateId),
    );
    const missing = [...wanted].filter((id) => !chosen.some((offer) => offer.updateId === id));
    const outcomes = await agent.install(chosen, provocation(options));
    const afterwards = await scanAndReport(agent);
    const downloadedBytes = outcomes.reduce((sum, one) => sum + one.downloadedBytes, 0);
    const failed = [
      ...outcomes.filter((one) => one.result === 'failed').map(failedJson),
      ...withTitles(agent, missing).map((one) => ({ ...one, error: NOT_OFFERED })),
    ];
    const json = {
      ...traffic,
      bytes: traffic.bytes + downloadedBytes,
      downloadedBytes,
      reportedEvents: afterwards.reported,
      offered: found.offered.map(offerJson),
      installed: outcomes
        .filter((one) => one.result !== 'failed')
        .map(({ offer, result }) => ({ ...offerJson(offer), result })),
      failed,
      stillOffered: afterwards.offered.map(offerJson),
    };
    print(options, json, () =>
      [
        describeOutcomes(outcomes),
        ...missing.map((id) => `${id}: ${NOT_OFFERED}`),
        '',
        `${afterwards.reported} events reported, ${afterwards.offered.length} updates still offered`,
        describeTraffic(traffic),
      ].join('\n'),
    );
    if (failed.length > 0) process.exitCode = 1;
    // What was installed has been told by now; that the server did not hear of it comes last.
    if (afterwards.error !== undefined) throw afterwards.error;
  });
}

const NOT_OFFERED = 'it is not offered; "oakum agent explain" says why';

interface Afterwards {
  readonly offered: readonly OfferedUpdate[];
  readonly reported: number;
  readonly error?: OakumError;
}

/** What follows an installation. Its failure must not hide what was installed. */
async function scanAndReport(agent: Agent): Promise<Afterwards> {
  let offered: readonly OfferedUpdate[] = [];
  try {
    ({ offered } = await agent.scan());
    return { offered, reported: await agent.report() };
  } catch (error) {
    if (!(error instanceof OakumError)) throw error;
    return { offered, reported: 0, error };
  }
}

function provocation({ fail, cancel, reboot }: AgentOptions): Provocation {
  return {
    ...(fail !== undefined && { fail: { updates: 'all', hresult: fail } }),
    ...(cancel === true && { cancel: 'all' }),
    ...(reboot === true && { reboot: 'all' }),
  };
}

function failedJson({ offer, hresult, reason }: InstallOutcome): Record<string, unknown> {
  return { ...offerJson(offer), error: `${formatHresult(hresult)} ${reason}` };
}

async function report(options: AgentOptions): Promise<void> {
  await withAgent(options, async ({ agent, traffic }) => {
    const reported = await agent.report();
    print(options, { ...traffic, reportedEvents: reported }, () => `${reported} events reported`);
  });
}

async function explain(update: string, options: AgentOptions): Promise<void> {
  await withAgent(options, async ({ agent }) => {
    await agent.scan();
    const explanations = await explanationsOf(agent, update);
    print(options, { explanations }, () => describeExplanations(agent, explanations).join('\n\n'));
  });
}

async function explanationsOf(agent: Agent, update: string): Promise<UpdateExplanation[]> {
  const known = await agent.updatesNamed(update);
  const updateId = parseUpdateId(update);
  // One that the server did not send has an explanation too.
  const named = known.length === 0 && updateId !== undefined ? [{ updateId }] : known;
  if (named.length === 0) {
    const detail = `The server has sent this computer none that is called "${update}".`;
    throw new OakumError('OAK_UPDATE_UNKNOWN', { detail });
  }
  if (named.length > MAX_EXPLAINED) {
    const detail = `"${update}" fits ${named.length} updates; say more of the title.`;
    throw new OakumError('OAK_UPDATE_UNKNOWN', { detail });
  }
  return named.map((one) => explainUpdate(agent.evaluation(), one.updateId));
}

function describeExplanations(agent: Agent, explanations: readonly UpdateExplanation[] = []): string[] {
  return explanations.map((one) =>
    printableLines(explanationText(one, { titleOf: (id) => agent.titleOf(id) })),
  );
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

function withTitles(
  agent: Agent,
  ids: readonly UpdateId[],
): { readonly updateId: UpdateId; readonly title: string }[] {
  return ids.map((updateId) => ({ updateId, title: agent.titleOf(updateId) ?? '' }));
}

function describeScan(found: ScanReport): string {
  const rows = found.offered.map((offer) => [
    offer.title,
    offer.isAutomatic ? offer.action : 'optional',
    size(offer.downloadBytes),
    offer.updateId,
  ]);
  return [
    `${found.offered.length} offered, ${found.needed.length} needed (approved or not), ${found.installed.length} installed`,
    `${found.syncUpdatesCalls} SyncUpdates calls, ${found.cached} updates held`,
    '',
    rows.length === 0 ? 'nothing is offered' : table(['OFFERED', 'ACTION', 'SIZE', 'UPDATE ID'], rows),
  ].join('\n');
}

function describeOutcomes(outcomes: readonly InstallOutcome[]): string {
  if (outcomes.length === 0) return 'nothing to install';
  return table(
    ['UPDATE', 'RESULT', 'SIZE', 'REQUESTS', 'CODE'],
    outcomes.map((one) => [
      one.offer.title,
      one.result,
      size(one.downloadedBytes),
      String(one.requests),
      one.hresult === 0 ? '-' : `${formatHresult(one.hresult)} ${one.reason}`,
    ]),
  );
}

function describeTraffic(traffic: Traffic): string {
  return `${traffic.exchanges} calls to the services, ${size(traffic.bytes)}, ${traffic.milliseconds} ms`;
}

/** As people read it; the exact number stands in the JSON. */
function size(bytes: number): string {
  if (bytes < 1000) return `${bytes} B`;
  if (bytes < 1e6) return `${(bytes / 1000).toFixed(1)} kB`;
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

function printableLines(text: string): string {
  return text.split('\n').map(printable).join('\n');
}
