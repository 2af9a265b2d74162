import { Buffer } from 'node:buffer';
import {
  createReadStream,
  createWriteStream,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { OakumError } from '../errors/oakum-error.ts';
import type { AgentEvent } from './client-events.ts';
import type { AgentState, HeldUpdate } from './agent-state.ts';

/** What a simulated computer keeps in a folder between two commands. */
export interface SavedAgent {
  /** The server it talked to; with another one the ids in the cache mean nothing. */
  readonly server: string;
  readonly state: AgentState;
  /** The machine model, as it is written. */
  readonly machine: unknown;
  readonly profile: string;
  readonly queuedEvents: readonly AgentEvent[];
}

const VERSION = 1;

/** Loads what a folder holds; undefined when nothing was saved there yet. */
export async function loadAgent(folder: string): Promise<SavedAgent | undefined> {
  const path = join(folder, 'agent.json');
  if (!existsSync(path)) return undefined;
  try {
    const saved = JSON.parse(readFileSync(path, 'utf8')) as SavedForm;
    if (saved.version !== VERSION) throw new Error(`version ${String(saved.version)} is unknown`);
    const updates = new Map<number, HeldUpdate>();
    for await (const line of createInterface({ input: createReadStream(join(folder, 'updates.jsonl')) })) {
      const update = JSON.parse(line) as HeldUpdate;
      updates.set(update.id, update);
    }
    return {
      server: saved.server,
      machine: saved.machine,
      profile: saved.profile,
      queuedEvents: saved.queuedEvents,
      state: {
        clientId: saved.clientId,
        config: saved.config,
        cookie: saved.cookie && { ...saved.cookie, data: Buffer.from(saved.cookie.data, 'base64') },
        registeredAs: saved.registeredAs,
        updates,
        fileLocations: new Map(saved.fileLocations),
      },
    };
  } catch (cause) {
    throw new OakumError('OAK_AGENT_STATE', { detail: `${path}: ${String(cause)}.`, cause });
  }
}

/** Saves an agent. The cache is written first, so that a half-written one is never taken for whole. */
export async function saveAgent(folder: string, saved: SavedAgent): Promise<void> {
  const { state } = saved;
  mkdirSync(folder, { recursive: true });
  const cache = createWriteStream(join(folder, 'updates.jsonl.new'));
  for (const update of state.updates.values()) {
    if (!cache.write(`${JSON.stringify(update)}\n`)) await once(cache, 'drain');
  }
  cache.end();
  await once(cache, 'close');
  const form: SavedForm = {
    version: VERSION,
    server: saved.server,
    profile: saved.profile,
    clientId: state.clientId,
    config: state.config,
    cookie: state.cookie && { ...state.cookie, data: state.cookie.data.toString('base64') },
    registeredAs: state.registeredAs,
    fileLocations: [...state.fileLocations],
    machine: saved.machine,
    queuedEvents: saved.queuedEvents,
  };
  writeFileSync(join(folder, 'agent.json.new'), `${JSON.stringify(form, undefined, 2)}\n`);
  renameSync(join(folder, 'updates.jsonl.new'), join(folder, 'updates.jsonl'));
  renameSync(join(folder, 'agent.json.new'), join(folder, 'agent.json'));
}

interface SavedForm {
  readonly version: number;
  readonly server: string;
  readonly profile: string;
  readonly clientId: string;
  readonly config: AgentState['config'];
  readonly cookie:
    | { readonly expiration: NonNullable<AgentState['cookie']>['expiration']; readonly data: string }
    | undefined;
  readonly registeredAs: string;
  readonly fileLocations: readonly (readonly [string, string])[];
  readonly machine: unknown;
  readonly queuedEvents: readonly AgentEvent[];
}
