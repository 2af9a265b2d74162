import { Agent } from '../../src/agent/agent.ts';
import { AgentFailure } from '../../src/agent/agent-failure.ts';
import { formatHresult } from '../../src/agent/hresult.ts';
import { Arrivals, type ArrivalOptions } from './arrivals.ts';
import { callFailure } from './call-failure.ts';
import { clientIdOf, dnsNameOf, fleetProfile } from './fleet-persona.ts';
import type { FleetTally } from './fleet-tally.ts';
import { OpenLoop, type RunClock } from './open-loop.ts';

export interface AgentFleetOptions extends Pick<ArrivalOptions, 'durationSeconds' | 'seed'> {
  readonly url: URL;
  readonly timeoutMs: number;
  readonly agents: number;
  readonly tally: FleetTally;
  readonly clock: RunClock;
}

/** Evaluation takes the process's time, so more at once would only measure each other. */
const MAX_IN_FLIGHT = 4;

/**
 * True agents, one after the other a whole first scan with evaluation, and its events at once. They are
 * counted apart from the scripted computers, in a process of their own, because evaluating would delay
 * the schedule of those. Calls count from when the agent made them.
 */
export async function runAgentFleet(options: AgentFleetOptions): Promise<void> {
  const { url, timeoutMs, agents, seed, durationSeconds, tally, clock } = options;
  const arrivals = Arrivals.drawAgents(agents, options);
  const endMs = durationSeconds * 1000;
  tally.count('agent scans intended', arrivals.count);
  const scan = async (place: number): Promise<void> => {
    const number = arrivals.computers[place];
    let error: string | undefined;
    try {
      using agent = new Agent({
        server: url.href,
        profile: fleetProfile(number),
        clientId: clientIdOf('agent', seed, number),
        dnsName: dnsNameOf('agent', number),
        now: Date.now,
        timeoutMs,
        onRecovery: (code) => tally.count(`agents recovered from ${code}`),
        onExchange: ({ operation, milliseconds, requestBytes, wireBytes }) => {
          tally.record({
            operation: `agent's ${operation}`,
            milliseconds,
            bytesOut: requestBytes,
            bytesIn: wireBytes,
          });
        },
      });
      const report = await agent.scan();
      await agent.report();
      tally.count('agent scans completed');
      tally.count('agent SyncUpdates calls', report.syncUpdatesCalls);
      tally.count('agent updates offered', report.offered.length);
    } catch (cause) {
      error = cause instanceof AgentFailure ? formatHresult(cause.hresult) : callFailure(cause).kind;
      tally.count('agent scans failed');
    }
    tally.record({ operation: "agent's scan", milliseconds: clock() - arrivals.atMs[place], error });
  };
  await new OpenLoop({
    clock,
    endMs,
    maxInFlight: MAX_IN_FLIGHT,
    drainMs: timeoutMs,
    tally,
    atMs: arrivals.atMs,
    begin: scan,
  }).run();
}
