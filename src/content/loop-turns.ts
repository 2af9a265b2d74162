/**
 * Shares one event loop between work that occupies it for a while and everything else: so many turns are granted in
 * each round of the loop, in the order in which they were asked for, and the others wait for the next rounds. Between
 * two rounds the loop looks after its sockets. Whoever has nothing but short requests then waits for one round's
 * turns at most, however many downloads are under way.
 */
export class LoopTurns {
  readonly #perRound: number;
  readonly #waiting: (() => void)[] = [];
  #left: number;
  #scheduled = false;

  /** @param perRound turns in one round; times the longest turn it is what a short request may wait. */
  constructor(perRound: number) {
    this.#perRound = perRound;
    this.#left = perRound;
  }

  /** Undefined when the turn may be used at once; otherwise resolves when it may. */
  take(): Promise<void> | undefined {
    if (this.#left > 0) {
      this.#grant();
      return undefined;
    }
    return new Promise((resolve) => this.#waiting.push(resolve));
  }

  #grant(): void {
    this.#left--;
    if (this.#scheduled) return;
    this.#scheduled = true;
    // Runs behind the sockets of this round. What it schedules itself runs behind those of the next one.
    setImmediate(() => this.#nextRound());
  }

  #nextRound(): void {
    this.#scheduled = false;
    this.#left = this.#perRound;
    for (const resolve of this.#waiting.splice(0, this.#perRound)) {
      this.#grant();
      resolve();
    }
  }
}
