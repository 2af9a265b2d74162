import { Random } from '../../src/synthetic/random.ts';
import { Arrivals, type ArrivalOptions, type FleetShare } from './arrivals.ts';
import { callFailure } from './call-failure.ts';
import { ComputerLine } from './computer-line.ts';
import { ComputerPopulation } from './computer-population.ts';
import { ComputerSession, type SharedConfig } from './computer-session.ts';
import type { FleetKnowledge } from './fleet-image.ts';
import { clientIdOf, dnsNameOf } from './fleet-persona.ts';
import type { FleetTally } from './fleet-tally.ts';
import { ImageRequests } from './image-requests.ts';
import { OpenLoop, type RunClock } from './open-loop.ts';
import { EVENT_DELAY_SECONDS, RETRY_SECONDS, type ScanKind } from './scenario.ts';
import { ScriptedComputer } from './scripted-computer.ts';

export interface ScriptedFleetOptions extends ArrivalOptions {
  readonly url: URL;
  readonly timeoutMs: number;
  readonly maxInFlight: number;
  readonly share: FleetShare;
  readonly knowledge: FleetKnowledge;
  readonly tally: FleetTally;
  readonly clock: RunClock;
}

const DELAY_STREAM = 5;

/** The scripted computers that one process plays. */
export class ScriptedFleet {
  readonly #options: ScriptedFleetOptions;
  readonly #endMs: number;
  readonly #population: ComputerPopulation;
  readonly #requests: readonly ImageRequests[];
  readonly #config: SharedConfig = { lastChange: undefined, authorizationPath: '' };
  readonly #arrivals: Arrivals;
  readonly #loop: OpenLoop;
  readonly #delays: Random;

  constructor(options: ScriptedFleetOptions) {
    const { seed, knowledge, durationSeconds, clock, maxInFlight, tally, timeoutMs } = options;
    this.#options = options;
    this.#delays = new Random(seed, DELAY_STREAM, options.share.index);
    this.#endMs = durationSeconds * 1000;
    this.#population = new ComputerPopulation(seed, knowledge.images.length);
    this.#requests = knowledge.images.map((image, place) => new ImageRequests(image, place));
    this.#arrivals = Arrivals.draw(options, options.share);
    this.#loop = new OpenLoop({
      clock,
      endMs: this.#endMs,
      maxInFlight,
      drainMs: timeoutMs,
      tally,
      atMs: this.#arrivals.atMs,
      begin: (place) =>
        this.#scan(this.#arrivals.computers[place], this.#arrivals.kind(place), this.#arrivals.atMs[place]),
    });
  }

  async run(): Promise<void> {
    this.#options.tally.count('scans intended', this.#arrivals.count);
    await this.#loop.run();
  }

  async #scan(computer: number, kind: ScanKind, intendedMs: number): Promise<void> {
    const { tally, clock, speedup } = this.#options;
    using line = this.#line(computer, intendedMs);
    const scripted = this.#scripted(computer, line);
    let error: string | undefined;
    tally.count('scans begun');
    try {
      await scripted.scan(kind);
      tally.count('scans completed');
      if (clock() < this.#endMs) tally.count('scans completed in time');
      tally.countTrips(line.trips);
      this.#population.keepSinceImage(computer, scripted.idsSinceImage());
      this.#loop.after((this.#delays.real() * EVENT_DELAY_SECONDS * 1000) / speedup, (dueMs) =>
        this.#report(computer, dueMs),
      );
    } catch (cause) {
      error = callFailure(cause).kind;
      tally.count('scans failed');
      this.#loop.after((RETRY_SECONDS * 1000) / speedup, (dueMs) => {
        tally.count('scans tried again');
        return this.#scan(computer, kind, dueMs);
      });
    }
    tally.record({ operation: `scan, ${kind}`, milliseconds: clock() - intendedMs, error });
  }

  async #report(computer: number, intendedMs: number): Promise<void> {
    using line = this.#line(computer, intendedMs);
    // The call's own record tells of a failure; agents keep the events for the next time.
    await this.#scripted(computer, line)
      .report()
      .catch(() => this.#options.tally.count('reports failed'));
  }

  #line(computer: number, intendedMs: number): ComputerLine {
    const { url, timeoutMs, tally, clock } = this.#options;
    const { userAgent } = this.#requestsOf(computer).persona;
    return new ComputerLine({ url, timeoutMs, tally, clock, endMs: this.#endMs, intendedMs, userAgent });
  }

  #scripted(computer: number, line: ComputerLine): ScriptedComputer {
    const { tally, seed, clock, speedup, knowledge } = this.#options;
    const requests = this.#requestsOf(computer);
    const { image, persona, installed } = requests;
    const clientId = clientIdOf('computer', seed, computer);
    const session = new ComputerSession({
      line,
      population: this.#population,
      config: this.#config,
      tally,
      persona,
      computer,
      clientId,
      dnsName: dnsNameOf('computer', computer),
      nowSeconds: () => (clock() / 1000) * speedup,
      held: () => [...image.installed, ...image.other].flatMap((id) => knowledge.identities.get(id) ?? []),
    });
    return new ScriptedComputer({
      session,
      requests,
      clientId,
      sinceImage: this.#population.idsSinceImage(computer),
      isInstalled: ({ id }) => installed.has(id),
    });
  }

  #requestsOf(computer: number): ImageRequests {
    return this.#requests[this.#population.imageOf(computer)];
  }
}
