import { parseUpdateId } from '../metadata/update-identity.ts';
import type { HeldUpdate } from './agent-state.ts';
import { titleOfFragment } from './extended-fragment.ts';

/**
 * The updates held that a person may mean by an UpdateID, a knowledge base number with or without KB, or a part
 * of the title. Numbers and titles are known only of updates whose details were asked for.
 */
export function updatesNamed(updates: Iterable<HeldUpdate>, name: string): HeldUpdate[] {
  const wanted = name.trim().toLowerCase();
  if (wanted === '') return [];
  const updateId = parseUpdateId(wanted);
  if (updateId !== undefined) return [...updates].filter((update) => update.updateId === updateId);
  const article = /^(?:kb)?(\d{5,8})$/.exec(wanted)?.[1];
  const names =
    article === undefined
      ? (update: HeldUpdate) => titleOfFragment(update.localized).toLowerCase().includes(wanted)
      : (update: HeldUpdate) => articlesOf(update).includes(article);
  return [...updates].filter(names);
}

/** Extended fragments name the article; titles of many updates do so only. */
function articlesOf({ extended = '', localized }: HeldUpdate): string[] {
  const inTitle = titleOfFragment(localized).matchAll(/\bKB(\d+)/gi);
  const inExtended = extended.matchAll(/<KBArticleID>(\d+)<\/KBArticleID>/g);
  return [...inTitle, ...inExtended].map((match) => match[1]);
}
