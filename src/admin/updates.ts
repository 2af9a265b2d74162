import { OakumError } from '../errors/oakum-error.ts';
import { parseUpdateId } from '../metadata/update-identity.ts';
import type { DbOrTx } from '../store/schema.ts';
import { listUpdates, type ListedUpdate } from '../store/update-list.ts';

/**
 * The one update a person means: by UpdateID, KB number or words of its title. Of several that fit, the
 * only one that can be approved is meant.
 *
 * @throws OakumError OAK_UPDATE_UNKNOWN, OAK_UPDATE_AMBIGUOUS
 */
export async function findUpdate(db: DbOrTx, name: string): Promise<ListedUpdate> {
  const found = await findByNameOrId(db, name);
  const deployable = found.filter((update) => update.deployable);
  const candidates = deployable.length > 0 ? deployable : found;
  const [only, another] = candidates;
  if (only === undefined) throw new OakumError('OAK_UPDATE_UNKNOWN', { detail: `Nothing fits "${name}".` });
  if (another !== undefined) {
    const list = candidates.slice(0, 5).map((update) => `${update.updateId} ${update.title}`);
    throw new OakumError('OAK_UPDATE_AMBIGUOUS', { detail: `"${name}" fits: ${list.join('; ')}.` });
  }
  return only;
}

/** A thousand updates named by their ids must not cost a thousand looks through all titles of a large catalogue. */
async function findByNameOrId(db: DbOrTx, name: string): Promise<ListedUpdate[]> {
  const updateId = parseUpdateId(name);
  const byId = updateId === undefined ? [] : await listUpdates(db, { updateId });
  return byId.length > 0 ? byId : listUpdates(db, { text: updateId ?? name, limit: 50 });
}
