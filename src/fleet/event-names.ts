/** What the events of clients are called: namespace 1, by the numbers of real servers. */
const NAMES: Readonly<Record<number, string>> = {
  121: 'inventory rules not downloaded',
  122: 'inventory rules not processed',
  123: 'inventory not collected',
  124: 'inventory not uploaded',
  125: 'inventory failed',
  126: 'inventory collected',
  141: 'detection started',
  145: 'detection retried',
  146: 'detection cancelled',
  147: 'detection succeeded',
  148: 'detection failed',
  149: 'server not reached',
  150: 'detection measured',
  153: 'status reported (2.0)',
  154: 'invalid client id',
  156: 'status reported',
  157: 'agent not initialised',
  158: 'service not registered',
  161: 'download failed',
  162: 'download succeeded',
  163: 'download cancelled',
  164: 'download succeeded, partly from a peer',
  165: 'download paused',
  166: 'download resumed',
  167: 'download started',
  168: 'download queued',
  169: 'download goes on',
  170: 'download progress',
  181: 'installation started',
  182: 'installation failed',
  183: 'installation succeeded',
  184: 'installation succeeded, restart required',
  185: 'update hidden by user',
  186: 'installation cancelled by user',
  187: 'installation killed',
  188: 'installation ready and scheduled',
  189: 'installation ready',
  190: 'installation succeeded',
  191: 'installation succeeded, restart required',
  192: 'installation killed',
  193: 'restart required',
  194: 'restart scheduled',
  195: 'installation failed',
  196: 'update shown again by user',
  197: 'installation succeeded',
  198: 'installation failed',
  199: 'installation succeeded, restart required',
  200: 'installation killed',
  201: 'installation pending, restart required',
  202: 'restart completed',
  203: 'installation succeeded after restart',
  204: 'installation failed after restart',
  221: 'removal failed',
  222: 'removal succeeded',
  223: 'removal cancelled by user',
  224: 'removal succeeded, restart required',
  225: 'removal killed',
  226: 'removal started',
  521: 'commit started',
  522: 'commit failed',
  523: 'commit succeeded',
  524: 'commit cancelled',
  525: 'commit killed',
  541: 'revert failed',
  542: 'revert succeeded',
  543: 'revert cancelled by user',
  544: 'revert succeeded, restart required',
  545: 'revert killed',
  546: 'revert started',
};

/** Those that tell of a failure. */
export const FAILURE_EVENT_IDS: readonly number[] = [
  ...[121, 122, 123, 124, 125, 148, 149, 154, 157, 158, 161, 182, 187, 192, 195, 198, 200, 204],
  ...[221, 225, 522, 525, 541, 545],
];

/** The name of an event; events nobody knows are called by their number. */
export function eventName(eventId: number): string {
  return NAMES[eventId] ?? `event ${eventId}`;
}

/** The numbers of all events that go by a name, or whose names contain it; none for a name nobody knows. */
export function eventIdsNamed(name: string): number[] {
  const wanted = name.trim().toLowerCase();
  const named = Object.entries(NAMES).map(([id, text]) => [Number(id), text] as const);
  const exact = named.filter(([id, text]) => String(id) === wanted || text === wanted);
  return (exact.length > 0 ? exact : named.filter(([, text]) => text.includes(wanted))).map(([id]) => id);
}

/** All names there are, for whoever has mistyped one. */
export const EVENT_NAMES: readonly string[] = [...new Set(Object.values(NAMES))];
