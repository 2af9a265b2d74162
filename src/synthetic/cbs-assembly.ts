import type { Random } from './random.ts';

export interface CbsPackage {
  readonly name: string;
  readonly version: string;
  readonly kbArticleId: string;
}

/**
 * The applicability metadata of a CBS package: the assembly element with the identity that the agent looks
 * for, and the component updates that make real ones large.
 *
 * @param bytes about how long it shall be; as short as it can be where that is more
 */
export function cbsAssembly(
  random: Random,
  { name, version, kbArticleId }: CbsPackage,
  bytes: number,
): string {
  const head =
    `<assembly xmlns="urn:schemas-microsoft-com:asm.v3" manifestVersion="1.0" description="Fix for KB${kbArticleId}" displayName="default" company="Synthetic">` +
    `<assemblyIdentity name="${name}" version="${version}" language="neutral" processorArchitecture="amd64" publicKeyToken="73796e7468657469" />` +
    `<package identifier="KB${kbArticleId}" releaseType="Update" restart="possible">`;
  const tail = '</package></assembly>';
  const updates: string[] = [];
  for (let length = head.length + tail.length; length < bytes;) {
    const token = random.next().toString(16).padStart(8, '0');
    const update =
      `<update name="${kbArticleId}-${updates.length}_neutral_LDR"><applicable disposition="staged"><detectUpdate>` +
      `<parent buildCompare="EQ" revisionCompare="GE"><assemblyIdentity name="Synthetic-Component-${token}-Package" language="neutral" version="${version}" processorArchitecture="amd64" publicKeyToken="73796e7468657469" /></parent>` +
      `</detectUpdate></applicable><component><assemblyIdentity name="${token}${token.slice(2)}" version="${version}" language="neutral" processorArchitecture="amd64" publicKeyToken="73796e7468657469" versionScope="nonSxS" /></component></update>`;
    updates.push(update);
    length += update.length;
  }
  return `${head}${updates.join('')}${tail}`;
}
