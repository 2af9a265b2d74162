import { Buffer } from 'node:buffer';
import type { DatabaseSync, SQLOutputValue } from 'node:sqlite';
import { bestLanguage } from '../catalog/best-language.ts';
import type { FileFacts, MetadataSource } from '../catalog/metadata-source.ts';
import { Passage } from '../soap/passage.ts';
import { ByteCache } from './byte-cache.ts';
import { FragmentKind } from './schema/catalogue-tables.ts';

type Row = Readonly<Record<string, SQLOutputValue>>;

/** Lists of what a revision has, languages and files, that are kept beside the fragments. */
const LISTS_KEPT = 20_000;

export interface StoredMetadata extends MetadataSource {
  /** What the fragments kept in memory take. */
  cachedBytes(): number;
}

/**
 * Fragments and files by hand-prepared statements on the read-only connection, with a bounded cache of
 * what is asked for most.
 *
 * @param cacheBytes how much the fragments kept in memory may take
 */
export function createMetadataSource(reader: DatabaseSync, cacheBytes: number): StoredMetadata {
  const cache = new ByteCache<string>(cacheBytes);
  const fragment = reader.prepare(
    'SELECT body FROM fragment WHERE revision_id = ? AND kind = ? AND language = ? AND geo_id = ?',
  );
  const languageRows = reader.prepare(
    `SELECT f.language, f.geo_id, r.default_language FROM fragment f JOIN revision r ON r.id = f.revision_id
     WHERE f.revision_id = ? AND f.kind = ? ORDER BY f.rowid`,
  );
  const fileRows = reader.prepare(
    `SELECT f.digest, f.name, f.size FROM revision_file rf JOIN file f ON f.digest = rf.digest
     WHERE rf.revision_id = ?`,
  );
  const file = reader.prepare('SELECT digest, name, size FROM file WHERE digest = ?');
  const languages = keptLists((id) => languageRows.all(id, FragmentKind.LocalizedProperties));
  const licences = keptLists((id) => languageRows.all(id, FragmentKind.Eula));
  const files = keptLists((id) => fileRows.all(id).map(fileFacts));

  const read = (revisionId: number, kind: FragmentKind, language = '', geoId = ''): Passage | undefined => {
    const key = `${revisionId}/${kind}/${language}/${geoId}`;
    let blocks = cache.get(key);
    if (blocks === undefined) {
      const row = fragment.get(revisionId, kind, language, geoId);
      if (row === undefined) return undefined;
      blocks = row.body as Uint8Array;
      cache.set(key, blocks);
    }
    return new Passage(blocks);
  };

  return {
    cachedBytes: () => cache.bytes,
    cores: async (ids) => ids.map((id) => read(id, FragmentKind.Core)),
    extended: async (ids) => ids.map((id) => read(id, FragmentKind.Extended)),
    localized: async (ids, locales) =>
      ids.map((id) => {
        const language = pickLanguage(languages(id), locales);
        return language === undefined ? undefined : read(id, FragmentKind.LocalizedProperties, language);
      }),
    eulas: async (ids, locales, geoId) =>
      ids.map((id) => {
        const rows = licences(id);
        // A licence for the region hides those for the rest of the world ([MS-WUSP] 3.1.1.1, GeoId).
        const region = rows.some((row) => row.geo_id === geoId.toUpperCase()) ? geoId.toUpperCase() : '';
        const language = pickLanguage(
          rows.filter((row) => row.geo_id === region),
          locales,
        );
        const body = language === undefined ? undefined : read(id, FragmentKind.Eula, language, region);
        return body === undefined ? [] : [body];
      }),
    files: async (ids) => {
      const distinct = new Map<string, FileFacts>();
      for (const id of ids) {
        for (const facts of files(id)) distinct.set(facts.digest.toString('latin1'), facts);
      }
      return [...distinct.values()];
    },
    filesByDigest: async (digests) =>
      digests.flatMap((digest) => {
        const row = file.get(digest);
        return row === undefined ? [] : [fileFacts(row)];
      }),
  };
}

/** What a revision has never changes: its lists are read once. Empty ones are not kept, they may be too early. */
function keptLists<T>(list: (revisionId: number) => readonly T[]): (revisionId: number) => readonly T[] {
  const kept = new Map<number, readonly T[]>();
  return (revisionId) => {
    const known = kept.get(revisionId);
    if (known !== undefined) return known;
    const found = list(revisionId);
    if (kept.size >= LISTS_KEPT) kept.clear();
    if (found.length > 0) kept.set(revisionId, found);
    return found;
  };
}

function pickLanguage(rows: readonly Row[], locales: readonly string[]): string | undefined {
  const available = rows.map((row) => String(row.language));
  return bestLanguage(available, locales, String(rows[0]?.default_language ?? 'en'));
}

function fileFacts(row: Row): FileFacts {
  return { digest: Buffer.from(row.digest as Uint8Array), name: String(row.name), size: Number(row.size) };
}
