/** One process of the fleet; started by fleet-run.ts, which tells it what to play. */
import { once } from 'node:events';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { runAgentFleet } from './agent-fleet.ts';
import type { FleetShare } from './arrivals.ts';
import type { FleetKnowledge } from './fleet-image.ts';
import type { FleetOptions } from './fleet-options.ts';
import { FleetTally, type FleetTallySnapshot } from './fleet-tally.ts';
import { ScriptedFleet } from './scripted-fleet.ts';

export interface FleetOrder {
  readonly options: FleetOptions;
  readonly url: string;
  /** Undefined for the process of the true agents. */
  readonly scripted?: { readonly share: FleetShare; readonly knowledge: FleetKnowledge };
}

export interface FleetStart {
  readonly startEpochMs: number;
}

export interface FleetProcessResult {
  readonly role: 'scripted' | 'agents';
  readonly tally: FleetTallySnapshot;
  /** How well this side kept up: when it did not, the figures tell of the driver, not of the server. */
  readonly cpuSeconds: number;
  readonly loopDelayP99Ms: number;
  readonly loopDelayMaxMs: number;
  readonly residentBytes: number;
}

if (process.send === undefined) throw new Error('this is a part of bench/fleet.ts; start that one');
// Without the other end there is nobody to report to.
process.on('disconnect', () => process.exit(1));

const [order] = (await once(process, 'message')) as [FleetOrder];
const { options, scripted } = order;
const tally = new FleetTally();
let startEpochMs = Number.POSITIVE_INFINITY;
const clock = (): number => performance.timeOrigin + performance.now() - startEpochMs;
const common = {
  ...options,
  url: new URL(order.url),
  timeoutMs: options.timeoutSeconds * 1000,
  tally,
  clock,
};
// A share of what may be in flight for each process, at least one.
const maxInFlight = Math.floor(options.maxInFlight / options.processes);
const fleet = scripted && new ScriptedFleet({ ...common, ...scripted, maxInFlight });
process.send({ ready: true });
const [start] = (await once(process, 'message')) as [FleetStart];
startEpochMs = start.startEpochMs;
await new Promise((resolve) => setTimeout(resolve, Math.max(0, -clock())));
const before = process.cpuUsage();
const delays = monitorEventLoopDelay({ resolution: 5 });
delays.enable();
await (fleet === undefined ? runAgentFleet(common) : fleet.run());
delays.disable();
const { user, system } = process.cpuUsage(before);
const result: FleetProcessResult = {
  role: fleet === undefined ? 'agents' : 'scripted',
  tally: tally.snapshot(),
  cpuSeconds: (user + system) / 1e6,
  loopDelayP99Ms: Math.max(0, delays.percentile(99) / 1e6 - 5),
  loopDelayMaxMs: Math.max(0, delays.max / 1e6 - 5),
  residentBytes: process.memoryUsage.rss(),
};
process.send(result, undefined, undefined, () => process.exit(0));
