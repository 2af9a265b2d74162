import type { Migration } from 'kysely/migration';
import { initial } from './0001-initial.ts';
import { eventKey } from './0002-event-key.ts';
import { fragmentBlocks } from './0003-fragment-blocks.ts';
import { compliance } from './0004-compliance.ts';
import { decisions } from './0005-decisions.ts';
import { upkeep } from './0006-upkeep.ts';

/**
 * Every migration, oldest first. A static list, so that a package holds what it claims and nothing is
 * found by scanning folders. A released migration is never edited.
 */
export const MIGRATIONS: Readonly<Record<string, Migration>> = Object.freeze({
  '0001-initial': initial,
  '0002-event-key': eventKey,
  '0003-fragment-blocks': fragmentBlocks,
  '0004-compliance': compliance,
  '0005-decisions': decisions,
  '0006-upkeep': upkeep,
});
