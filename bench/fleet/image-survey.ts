import type { UpdateIdentity } from '../../src/metadata/update-identity.ts';
import { Random } from '../../src/synthetic/random.ts';
import { ComputerLine } from './computer-line.ts';
import { ComputerPopulation } from './computer-population.ts';
import { ComputerSession } from './computer-session.ts';
import { fleetImage, type FleetImage, type FleetKnowledge, type KnownUpdate } from './fleet-image.ts';
import { clientIdOf, dnsNameOf } from './fleet-persona.ts';
import type { FleetTally } from './fleet-tally.ts';
import { ImageRequests } from './image-requests.ts';
import { PATCHES } from './scenario.ts';
import { ScriptedComputer } from './scripted-computer.ts';

export interface ImageSurveyOptions {
  readonly url: URL;
  readonly timeoutMs: number;
  readonly images: number;
  readonly seed: number;
  /** Takes the survey's calls, which are no part of the load. */
  readonly tally: FleetTally;
}

const IMAGE_STREAM = 4;
const EMPTY: FleetImage = { installed: [], other: [], patches: [], needed: [], present: [] };
/** The first updates of a scan are the categories on which all others depend. */
const ALWAYS_INSTALLED = 20;

/**
 * One whole scan for each image, before the load begins, so that its computers list ids that this server
 * knows. How many non-leaf updates are installed is drawn: N(90, 30), from 20 to 400.
 *
 * @throws CallFailure
 */
export async function surveyImages(options: ImageSurveyOptions): Promise<FleetKnowledge> {
  const identities = new Map<number, UpdateIdentity>();
  const images: FleetImage[] = [];
  for (let place = 0; place < options.images; place++) {
    const { updates, installed } = await surveyOne(options, place);
    for (const update of updates.values()) identities.set(update.id, update.identity);
    images.push(fleetImage(updates.values(), installed, PATCHES));
  }
  return { images, identities };
}

async function surveyOne(options: ImageSurveyOptions, place: number) {
  const { url, timeoutMs, seed, tally } = options;
  const random = new Random(seed, IMAGE_STREAM, place);
  const wanted = Math.min(400, Math.max(20, Math.round(90 + 30 * normal(random))));
  const updates = new Map<number, KnownUpdate>();
  const installed = new Set<number>();
  const requests = new ImageRequests(EMPTY, place);
  const clientId = clientIdOf('image', seed, place);
  using line = new ComputerLine({
    url,
    timeoutMs,
    tally,
    clock: () => performance.now(),
    endMs: 0,
    intendedMs: performance.now(),
    userAgent: requests.persona.userAgent,
  });
  const session = new ComputerSession({
    line,
    population: new ComputerPopulation(seed, 1),
    config: { lastChange: undefined, authorizationPath: '' },
    tally,
    persona: requests.persona,
    computer: 0,
    clientId,
    dnsName: dnsNameOf('image', place),
    nowSeconds: () => 0,
    held: () => [...updates.values()].map((update) => update.identity),
  });
  const computer = new ScriptedComputer({
    session,
    requests,
    clientId,
    sinceImage: [],
    isInstalled: ({ id }) => {
      if (installed.size >= wanted) return false;
      const isInstalled = installed.size < ALWAYS_INSTALLED || !random.chance(0.1);
      if (isInstalled) installed.add(id);
      return isInstalled;
    },
    onUpdate: (update) => updates.set(update.id, update),
  });
  await computer.scan('fresh');
  return { updates, installed };
}

/** Normally distributed, mean 0 and deviation 1: the sum of twelve even ones. */
function normal(random: Random): number {
  let sum = -6;
  for (let draws = 0; draws < 12; draws++) sum += random.real();
  return sum;
}
