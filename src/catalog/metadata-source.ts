import type { Buffer } from 'node:buffer';
import type { Passage } from '../soap/passage.ts';

/** A file as a client is told about it. */
export interface FileFacts {
  /** SHA-1. */
  readonly digest: Buffer;
  readonly name: string;
  readonly size: number;
}

/**
 * The stored fragments, escaped for SOAP, and files of revisions: what a scan's ordinals are turned into.
 * Everything is asked for in batches, in the order of the ids given.
 */
export interface MetadataSource {
  /** Core fragments. A revision that is gone yields undefined. */
  cores(revisionIds: readonly number[]): Promise<readonly (Passage | undefined)[]>;
  extended(revisionIds: readonly number[]): Promise<readonly (Passage | undefined)[]>;
  /** LocalizedProperties in the best language for each revision, see best-language.ts. */
  localized(
    revisionIds: readonly number[],
    locales: readonly string[],
  ): Promise<readonly (Passage | undefined)[]>;
  /** Licences in the best language, those of the region first, else those of the rest of the world. */
  eulas(
    revisionIds: readonly number[],
    locales: readonly string[],
    geoId: string,
  ): Promise<readonly (readonly Passage[])[]>;
  /** Files of these revisions, each once. */
  files(revisionIds: readonly number[]): Promise<readonly FileFacts[]>;
  /** Files by SHA-1 digest; unknown ones are left out. */
  filesByDigest(digests: readonly Uint8Array[]): Promise<readonly FileFacts[]>;
}
