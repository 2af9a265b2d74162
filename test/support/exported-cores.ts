import { readExportPackage } from '../../src/metadata/export/export-package.ts';
import { deriveFragments } from '../../src/metadata/fragments.ts';
import { fixture } from './fixtures.ts';

/** The Core fragments of all categories and detectoids of the exported catalogue. */
export async function exportedCores(): Promise<Buffer[]> {
  const cores: Buffer[] = [];
  for await (const { document } of readExportPackage(fixture('wsus-export/WSUS-2024-06-19.cab'))) {
    cores.push(deriveFragments(document).core);
  }
  return cores;
}
