import { clientService, GetExtendedUpdateInfo, GetFileLocations } from '../protocol/wusp/client.ts';
import { Buffer } from 'node:buffer';
import type { AgentSession } from './agent-session.ts';
import type { AgentState } from './agent-state.ts';
import { callerAttributes, type Persona } from './persona.ts';

/**
 * Asks for the Extended and LocalizedProperties fragments of cached updates, in batches as large as the
 * server allows, and remembers where their files are. Updates the server calls out of scope are dropped.
 */
export async function fetchExtendedInfo(
  session: AgentSession,
  state: AgentState,
  persona: Persona,
  revisionIds: readonly number[],
): Promise<void> {
  const ids = revisionIds.toSorted((one, other) => one - other);
  for (let at = 0; at < ids.length;) {
    // Known since the handshake; a recovery may have changed it.
    const batch = ids.slice(at, at + (state.config?.maxExtendedUpdates ?? 50));
    at += batch.length;
    const answer = await session.call(clientService, GetExtendedUpdateInfo, (cookie) => ({
      cookie,
      revisionIDs: batch,
      infoTypes: ['Extended', 'LocalizedProperties'] as const,
      locales: persona.locales,
      ...(persona.modern && {
        deviceAttributes: persona.deviceAttributes,
        GeoId: persona.geoId,
        callerAttributes: callerAttributes(persona),
      }),
    }));
    const result = answer.GetExtendedUpdateInfoResult;
    for (const id of result?.OutOfScopeRevisionIDs ?? []) state.updates.delete(id);
    for (const { ID, Xml } of result?.Updates ?? []) rememberFragment(state, ID ?? -1, Xml ?? '');
    for (const { FileDigest, Url } of result?.FileLocations ?? []) {
      if (FileDigest && Url) state.fileLocations.set(FileDigest.toString('base64'), Url);
    }
  }
}

// Answers are matched by id, never by position: servers order them as they like.
function rememberFragment(state: AgentState, id: number, xml: string): void {
  const held = state.updates.get(id);
  if (held === undefined) return;
  const isLocalized = /^\s*<LocalizedProperties[\s>]/.test(xml);
  state.updates.set(id, isLocalized ? { ...held, localized: xml } : { ...held, extended: xml });
}

/** Asks again where files are ([MS-WUSP] 3.1.5.10). */
export async function refreshFileLocations(
  session: AgentSession,
  state: AgentState,
  digests: readonly string[],
): Promise<void> {
  const answer = await session.call(clientService, GetFileLocations, (cookie) => ({
    cookie,
    fileDigests: digests.map((digest) => Buffer.from(digest, 'base64')),
  }));
  for (const { FileDigest, Url } of answer.GetFileLocationsResult?.FileLocations ?? []) {
    if (FileDigest && Url) state.fileLocations.set(FileDigest.toString('base64'), Url);
  }
  session.adopt(answer.GetFileLocationsResult?.NewCookie);
}
