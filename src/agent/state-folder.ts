import { Buffer } from 'node:buffer';
import { createReadStream, existsSync } from 'node:fs';
import { mkdir, open, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Static } from 'typebox';
import { Value } from 'typebox/value';
import { OakumError } from '../errors/oakum-error.ts';
import { parseUpdateId, type UpdateIdentity } from '../metadata/update-identity.ts';
import { parseDateTime } from '../soap/simple-type.ts';
import type { AgentEvent } from './client-events.ts';
import type { AgentState, HeldUpdate } from './agent-state.ts';
import { HELD_UPDATE, SAVED_AGENT, SAVED_VERSION, type SAVED_EVENT } from './saved-form.ts';

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

/**
 * Loads what a folder holds; undefined when nothing was saved there yet.
 *
 * @throws OakumError OAK_AGENT_STATE for a folder that cannot be read or holds something else
 */
export async function loadAgent(folder: string): Promise<SavedAgent | undefined> {
  const path = join(folder, 'agent.json');
  if (!existsSync(path)) return undefined;
  const saved = checked(SAVED_AGENT, path, parseJson(path, await readText(path)));
  const { cookie, config } = saved;
  return {
    server: saved.server,
    machine: saved.machine,
    profile: saved.profile,
    queuedEvents: saved.queuedEvents.map((event) => eventOf(path, event)),
    state: {
      clientId: saved.clientId,
      config: config && { ...config, lastChange: timeOf(path, config.lastChange) },
      cookie: cookie && {
        expiration: timeOf(path, cookie.expiration),
        data: Buffer.from(cookie.data, 'base64'),
      },
      registeredAs: saved.registeredAs,
      updates: await loadUpdates(join(folder, 'updates.jsonl')),
      fileLocations: new Map(saved.fileLocations),
    },
  };
}

/**
 * Saves an agent. The cache is written first, so that a half-written one is never taken for whole.
 *
 * @throws OakumError OAK_AGENT_STATE for a folder that cannot be written
 */
export async function saveAgent(folder: string, saved: SavedAgent): Promise<void> {
  const { state } = saved;
  const form: Static<typeof SAVED_AGENT> = {
    version: SAVED_VERSION,
    server: saved.server,
    profile: saved.profile,
    clientId: state.clientId,
    ...(state.config && { config: { ...state.config } }),
    ...(state.cookie && {
      cookie: { expiration: state.cookie.expiration, data: state.cookie.data.toString('base64') },
    }),
    registeredAs: state.registeredAs,
    fileLocations: [...state.fileLocations],
    machine: saved.machine,
    queuedEvents: saved.queuedEvents.map((event) => ({
      ...event,
      replacementStrings: event.replacementStrings && [...event.replacementStrings],
    })),
  };
  const cache = join(folder, 'updates.jsonl');
  const main = join(folder, 'agent.json');
  try {
    await mkdir(folder, { recursive: true });
    await saveUpdates(`${cache}.new`, state.updates.values());
    await writeFile(`${main}.new`, `${JSON.stringify(form, undefined, 2)}\n`);
    await rename(`${cache}.new`, cache);
    await rename(`${main}.new`, main);
  } catch (cause) {
    throw unusable(folder, (cause as Error).message, cause);
  }
}

async function saveUpdates(path: string, updates: Iterable<HeldUpdate>): Promise<void> {
  await using file = await open(path, 'w');
  let lines: string[] = [];
  let length = 0;
  const flush = async (): Promise<void> => {
    await file.writeFile(lines.join(''));
    lines = [];
    length = 0;
  };
  for (const update of updates) {
    const line = `${JSON.stringify(update)}\n`;
    lines.push(line);
    length += line.length;
    // A whole catalogue is hundreds of megabytes: never all of it in one string.
    if (length > WRITE_CHARACTERS) await flush();
  }
  await flush();
}

const WRITE_CHARACTERS = 1_048_576;

async function loadUpdates(path: string): Promise<Map<number, HeldUpdate>> {
  const updates = new Map<number, HeldUpdate>();
  try {
    for await (const line of createInterface({ input: createReadStream(path) })) {
      const update = heldUpdate(`${path}, line ${updates.size + 1}`, line);
      updates.set(update.id, update);
    }
  } catch (cause) {
    if (cause instanceof OakumError) throw cause;
    throw unusable(path, (cause as Error).message, cause);
  }
  return updates;
}

function heldUpdate(where: string, line: string): HeldUpdate {
  const update = checked(HELD_UPDATE, where, parseJson(where, line));
  const updateId = parseUpdateId(update.updateId);
  if (updateId === undefined) throw unusable(where, 'updateId is no UpdateID');
  const { deployment } = update;
  return { ...update, updateId, deployment: { ...deployment, deadline: deployment.deadline } };
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    throw unusable(path, (cause as Error).message, cause);
  }
}

function parseJson(path: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw unusable(path, 'it is cut off or no JSON', cause);
  }
}

function checked<T extends typeof SAVED_AGENT | typeof HELD_UPDATE>(
  schema: T,
  path: string,
  json: unknown,
): Static<T> {
  if (Value.Check(schema, json)) return json;
  const [first] = Value.Errors(schema, json);
  throw unusable(
    path,
    `it was not written by this program: ${first?.instancePath ?? ''} ${first?.message ?? ''}`,
  );
}

function timeOf(path: string, text: string) {
  const time = parseDateTime(text);
  if (time === undefined) throw unusable(path, 'a time in it is none');
  return time;
}

function eventOf(path: string, { update, ...event }: Static<typeof SAVED_EVENT>): AgentEvent {
  if (update === undefined) return event;
  const updateId = parseUpdateId(update.updateId);
  if (updateId === undefined) throw unusable(path, 'an event in it names no UpdateID');
  const identity: UpdateIdentity = { updateId, revisionNumber: update.revisionNumber };
  return { ...event, update: identity };
}

function unusable(path: string, reason: string, cause?: unknown): OakumError {
  return new OakumError('OAK_AGENT_STATE', { detail: `${path}: ${reason}.`, cause });
}
