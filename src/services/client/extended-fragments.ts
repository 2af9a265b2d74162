import type { MetadataSource } from '../../catalog/metadata-source.ts';
import type { Passage } from '../../soap/passage.ts';
import { present } from '../parameters.ts';

/** Types with one fragment for each language. */
const LOCALIZED = ['LocalizedProperties', 'Eula'];

/** [MS-WUSP] 3.1.5.9: locales MUST be present when the fragments asked for differ by language. */
export function localesFor(
  infoTypes: readonly string[],
  locales: readonly string[] | null | undefined,
): readonly string[] {
  return infoTypes.some((type) => LOCALIZED.includes(type)) ? present(locales, 'locales') : (locales ?? []);
}

export interface FragmentRequest {
  readonly revisionIds: readonly number[];
  readonly infoTypes: readonly string[];
  readonly locales: readonly string[];
  readonly geoId: string;
}

interface Item {
  readonly ID: number;
  readonly Xml: Passage;
}

/**
 * The fragments a client asked for: all of one type, then all of the next, which is how real WSUS orders
 * them. Types that hold nothing on a WSUS server (Published, VerificationRule) yield nothing.
 */
export async function extendedFragments(source: MetadataSource, request: FragmentRequest): Promise<Item[]> {
  const { revisionIds, locales, geoId } = request;
  const items: Item[] = [];
  const add = (fragments: readonly (Passage | undefined)[]): void => {
    for (const [index, xml] of fragments.entries()) {
      // A revision without such a fragment has none to send; an empty one is sent as such.
      if (xml !== undefined) items.push({ ID: revisionIds[index], Xml: xml });
    }
  };
  for (const infoType of new Set(request.infoTypes)) {
    if (infoType === 'Core') add(await source.cores(revisionIds));
    else if (infoType === 'Extended') add(await source.extended(revisionIds));
    else if (infoType === 'LocalizedProperties') add(await source.localized(revisionIds, locales));
    else if (infoType === 'Eula') {
      const eulas = await source.eulas(revisionIds, locales, geoId);
      for (const [index, found] of eulas.entries())
        for (const Xml of found) items.push({ ID: revisionIds[index], Xml });
    }
  }
  return items;
}
