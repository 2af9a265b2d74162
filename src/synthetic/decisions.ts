import { ALL_COMPUTERS } from '../fleet/server-state.ts';
import type { UpdateId } from '../metadata/update-identity.ts';
import { putApproval, setDeclined, touchDeployments } from '../store/approvals.ts';
import type { Db } from '../store/schema.ts';
import { numberUpdates } from '../store/update-numbers.ts';
import { Share } from './share.ts';
import type { SyntheticDocument } from './synthetic-catalogue.ts';

/** What an administrator of the catalogue has decided, in shares. */
export interface DecisionShares {
  /** Of what nothing supersedes: approved for all computers. */
  readonly approved: number;
  /** Of what is superseded: declined. */
  readonly declined: number;
}

export interface Decisions {
  readonly approved: number;
  readonly declined: number;
}

/** Notes which updates can be approved and which are superseded, while the documents go by. */
export class DecisionCandidates {
  readonly #current = new Set<string>();
  readonly #superseded: string[] = [];

  note({ spec }: SyntheticDocument): void {
    if (spec.type !== 'Software' || spec.deployable !== true) return;
    for (const updateId of spec.relations?.superseded ?? []) {
      if (this.#current.delete(updateId)) this.#superseded.push(updateId);
    }
    // Expired updates and those with a licence are not approved without another look.
    if (spec.expired !== true && spec.eula === undefined) this.#current.add(spec.updateId);
  }

  get current(): Iterable<string> {
    return this.#current;
  }

  get superseded(): Iterable<string> {
    return this.#superseded;
  }
}

/** Approves and declines the given shares of the candidates in one transaction. */
export async function decide(
  db: Db,
  candidates: DecisionCandidates,
  shares: DecisionShares,
  nowMs: number,
): Promise<Decisions> {
  const approved = selected(candidates.current, shares.approved);
  const declined = selected(candidates.superseded, shares.declined);
  await db.transaction().execute(async (tx) => {
    const numbers = await numberUpdates(tx, new Set([...approved, ...declined]));
    const numberOf = (updateId: UpdateId): number => numbers.get(updateId)!;
    for (const updateId of approved) {
      await putApproval(tx, {
        updateNumber: numberOf(updateId),
        groupId: ALL_COMPUTERS,
        action: 'Install',
        deadlineMs: null,
        nowMs,
      });
    }
    for (const updateId of declined) await setDeclined(tx, numberOf(updateId), true, nowMs);
    await touchDeployments(tx, [...numbers.values()], nowMs);
  });
  return { approved: approved.length, declined: declined.length };
}

function selected(candidates: Iterable<string>, wanted: number): UpdateId[] {
  const share = new Share(wanted);
  return [...candidates].filter(() => share.next()) as UpdateId[];
}
