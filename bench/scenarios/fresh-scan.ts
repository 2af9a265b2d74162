import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { AgentSession } from '../../src/agent/agent-session.ts';
import { freshState } from '../../src/agent/agent-state.ts';
import { profile } from '../../src/agent/machine/profiles/profile.ts';
import { personaOf } from '../../src/agent/persona-of-profile.ts';
import { SoapCaller } from '../../src/agent/soap-caller.ts';
import { syncSoftware } from '../../src/agent/software-sync.ts';
import { UpdateCache } from '../../src/agent/update-cache.ts';
import { startOakum, type BenchContext } from '../support/context.ts';
import type { BenchResult } from '../support/results.ts';

/** The catalogue of which a Windows 11 computer's fresh scan of a real server is known: 66 calls. */
const REVISIONS = 5250;
const WSUS_CALLS = 66;

/** Scenario (g): how often a computer that was never seen before has to ask until it knows everything. */
export async function* freshScan(context: BenchContext): AsyncGenerator<Omit<BenchResult, 'scenario'>> {
  const data = join(context.folder, 'fresh');
  context.runOakum('bench', 'catalogue', '--revisions', String(REVISIONS), '--seed', '1', '--data', data);
  await using server = await startOakum(context, data);
  const windows11 = profile('windows-11-25h2');
  const persona = personaOf(windows11, windows11.machine, 'bench', { server: server.url });
  const state = freshState(randomUUID());
  const cache = new UpdateCache(windows11.machine);
  using caller = new SoapCaller(server.url, {
    userAgent: persona.userAgent,
    timeoutMs: 60_000,
    maxAnswerBytes: 1 << 30,
  });
  const session = new AgentSession({ caller, persona, state, now: Date.now });
  await session.ready();
  const before = server.cpuSeconds();
  const rounds = await syncSoftware({
    ...{ session, state, persona, filter: [], maxTrips: 1000 },
    installed: () => cache.installed(state),
  });
  yield {
    name: 'a Windows 11 computer',
    ratio: rounds.length / WSUS_CALLS,
    unit: `of the ${WSUS_CALLS} calls a real server needs`,
    details: {
      'SyncUpdates calls': rounds.length,
      'updates delivered': state.updates.size,
      'calls allowed': state.updates.size / 200 + 6,
      'server cpu ms': (server.cpuSeconds() - before) * 1000,
    },
  };
}
