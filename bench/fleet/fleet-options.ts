import { parseArgs } from 'node:util';
import { expectedScans } from './arrivals.ts';
import { SCENARIO_NAMES, type ScenarioName } from './scenario.ts';

export interface FleetOptions {
  readonly server: string;
  readonly computers: number;
  readonly scenario: ScenarioName;
  /** Real seconds. */
  readonly durationSeconds: number;
  /** Simulated seconds per real second. */
  readonly speedup: number;
  readonly processes: number;
  /** True agents besides the scripted computers. */
  readonly agents: number;
  readonly seed: number;
  /** Distinct caches that the scripted computers share. */
  readonly images: number;
  /** Conversations at a time, of the whole fleet. */
  readonly maxInFlight: number;
  readonly timeoutSeconds: number;
  readonly json: string | undefined;
  readonly remoteTargetIsMine: boolean;
}

/** Options that cannot be used; the message says which and why. */
export class FleetOptionError extends Error {}

export const FLEET_USAGE = `Usage: node bench/fleet.ts --server URL [options]

Drives an update server with simulated computers: an open loop, whose schedule is drawn beforehand and whose
latencies count from when a call should have begun.

  --server URL              the server, for example http://127.0.0.1:8530
  --computers N             size of the fleet (default 1000)
  --scenario NAME           ${SCENARIO_NAMES.join(', ')}
                            (default average-day)
  --duration SECONDS        length of the run in real time (default 10)
  --speedup X               simulated seconds per second (default 1)
  --processes P             processes that play the computers (default 1)
  --agents K                true agents that do one whole scan each besides (default 0)
  --seed S                  of the schedule and of the fleet (default 1)
  --images I                distinct caches that the computers share (default 8)
  --max-in-flight F         conversations at a time; what comes above waits and is counted (default 256)
  --timeout SECONDS         for one call (default 30)
  --json FILE               writes the results there too
  --remote-target-is-mine   allows a server on another machine
  --help                    this text
`;

const MAX_SCANS = 5_000_000;

/**
 * Reads the command line.
 *
 * @returns 'help' when that is what was asked for
 * @throws FleetOptionError
 */
export function parseFleetOptions(args: readonly string[]): FleetOptions | 'help' {
  const values = parsed(args);
  if (values.help === true) return 'help';
  if (values.server === undefined) throw new FleetOptionError('--server is missing');
  const options: FleetOptions = {
    server: values.server,
    computers: whole('computers', values.computers, 1, 10_000_000),
    scenario: scenarioNamed(values.scenario),
    durationSeconds: number('duration', values.duration, 0.1, 86_400),
    speedup: number('speedup', values.speedup, 0.001, 1_000_000),
    processes: whole('processes', values.processes, 1, 64),
    agents: whole('agents', values.agents, 0, 200),
    seed: whole('seed', values.seed, 0, 0xffff_ffff),
    images: whole('images', values.images, 1, 256),
    maxInFlight: whole('max-in-flight', values['max-in-flight'], 1, 20_000),
    timeoutSeconds: number('timeout', values.timeout, 0.1, 3600),
    json: values.json,
    remoteTargetIsMine: values['remote-target-is-mine'] === true,
  };
  if (options.maxInFlight < options.processes) {
    throw new FleetOptionError('--max-in-flight must not be less than --processes');
  }
  if (expectedScans(options) > MAX_SCANS) {
    throw new FleetOptionError(
      `the run could have ${Math.round(expectedScans(options))} scans, more than ${MAX_SCANS}: ` +
        'take fewer --computers, a shorter --duration or a lower --speedup',
    );
  }
  return options;
}

function parsed(args: readonly string[]): ReturnType<typeof parseKnown> {
  try {
    return parseKnown(args);
  } catch (cause) {
    throw new FleetOptionError(cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function parseKnown(args: readonly string[]) {
  return parseArgs({
    args: [...args],
    options: {
      server: { type: 'string' },
      computers: { type: 'string', default: '1000' },
      scenario: { type: 'string', default: 'average-day' },
      duration: { type: 'string', default: '10' },
      speedup: { type: 'string', default: '1' },
      processes: { type: 'string', default: '1' },
      agents: { type: 'string', default: '0' },
      seed: { type: 'string', default: '1' },
      images: { type: 'string', default: '8' },
      'max-in-flight': { type: 'string', default: '256' },
      timeout: { type: 'string', default: '30' },
      json: { type: 'string' },
      'remote-target-is-mine': { type: 'boolean' },
      help: { type: 'boolean' },
    },
  }).values;
}

function scenarioNamed(text: string): ScenarioName {
  const known = SCENARIO_NAMES.find((name) => name === text);
  if (known !== undefined) return known;
  throw new FleetOptionError(`--scenario ${text} is none of ${SCENARIO_NAMES.join(', ')}`);
}

function number(name: string, text: string, least: number, most: number): number {
  const value = /^\d+(\.\d+)?$/.test(text) ? Number(text) : Number.NaN;
  if (value >= least && value <= most) return value;
  throw new FleetOptionError(`--${name} ${text} is no number from ${least} to ${most}`);
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = number(name, text, least, most);
  if (Number.isInteger(value)) return value;
  throw new FleetOptionError(`--${name} ${text} is no whole number`);
}
