import type { Migration } from 'kysely/migration';
import { initial } from './0001-initial.ts';
import { eventKey } from './0002-event-key.ts';
import { fragmentBlocks } from './0003-fragment-blocks.ts';
import { compliance } from './0004-compliance.ts';
import { decisions } from './0005-decisions.ts';
import { upkeep } from './0006-upkeep.ts';
import { identity } from './0007-identity.ts';
import { settings } from './0008-settings.ts';
import { notifications } from './0009-notifications.ts';
import { search } from './0010-search.ts';
import { api } from './0011-api.ts';
import { secondPerson } from './0012-second-person.ts';

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
  '0007-identity': identity,
  '0008-settings': settings,
  '0009-notifications': notifications,
  '0010-search': search,
  '0011-api': api,
  '0012-second-person': secondPerson,
});
