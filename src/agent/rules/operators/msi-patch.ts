import type { Machine, MsiProduct } from '../../machine/machine.ts';
import type { MachinePatch } from '../../machine/machine-patch.ts';
import type { MsiPatchMetadata, PatchComparison, PatchTarget } from '../applicability-metadata.ts';
import { operator, type Operator } from '../operator.ts';
import type { RuleContext } from '../rule-context.ts';
import { isInstalled, productFact } from './msi.ts';

/** The products of a machine, by what the patch is to them. */
interface Finding {
  readonly metadata: MsiPatchMetadata | undefined;
  readonly having: readonly MsiProduct[];
  readonly lacking: readonly MsiProduct[];
  /** Those that hold a patch which makes this one obsolete. */
  readonly beyond: readonly MsiProduct[];
}

const NOTHING: Finding = { metadata: undefined, having: [], lacking: [], beyond: [] };

const SIGNS: Readonly<Record<PatchComparison, (order: number) => boolean>> = {
  LessThan: (order) => order < 0,
  LessThanOrEqual: (order) => order <= 0,
  Equal: (order) => order === 0,
  GreaterThanOrEqual: (order) => order >= 0,
  GreaterThan: (order) => order > 0,
};

/** Whether Windows Installer would apply the patch to the product, as far as TargetProduct says. */
function isTarget(product: MsiProduct, { productCodes, version, language }: PatchTarget): boolean {
  if (!productCodes.includes(product.productCode)) return false;
  if (language !== 0 && product.language !== language) return false;
  if (version === undefined) return true;
  let order = 0;
  for (let part = 0; part < version.parts; part++) order ||= product.version[part] - version.value[part];
  return SIGNS[version.comparison](order);
}

function find(_: unknown, { machine, metadata: { msiPatch } }: RuleContext): Finding {
  return msiPatch === undefined ? NOTHING : sortProducts(machine, msiPatch);
}

function sortProducts(machine: Machine, metadata: MsiPatchMetadata): Finding {
  const having: MsiProduct[] = [];
  const lacking: MsiProduct[] = [];
  const beyond: MsiProduct[] = [];
  const isOwn = (code: string): boolean => code === metadata.patchCode || code === metadata.fallbackPatchCode;
  for (const product of machine.products.values()) {
    if (!isInstalled(product)) continue;
    // A patch may have moved the product past its own target, so what it is applied to is asked first.
    if (product.patches.some(({ patchCode }) => isOwn(patchCode))) having.push(product);
    else if (product.patches.some(({ obsoletes }) => obsoletes.some(isOwn))) beyond.push(product);
    else if (metadata.targets.some((target) => isTarget(product, target))) lacking.push(product);
  }
  return { metadata, having, lacking, beyond };
}

function show({ metadata, having, lacking, beyond }: Finding): string {
  if (metadata === undefined) return 'no MsiPatchMetadata';
  return `${having.length} products have it, ${lacking.length} lack it, ${beyond.length} have a later one`;
}

function patch(
  name: string,
  judge: (found: Finding) => boolean,
  bringAbout: (wanted: boolean, context: RuleContext) => readonly MachinePatch[] = () => [],
): Operator {
  return operator({
    name,
    attributes: {},
    find,
    holds: (found) => (found.metadata === undefined ? 'error' : judge(found)),
    show,
    bringAbout: (wanted, _, context) => bringAbout(wanted, context),
  });
}

function applied(wanted: boolean, { machine, metadata: { msiPatch } }: RuleContext): MachinePatch[] {
  if (msiPatch === undefined) return [];
  const { having, lacking } = sortProducts(machine, msiPatch);
  const { patchCode, fallbackPatchCode, obsoletes } = msiPatch;
  const isOwn = (code: string): boolean => code === patchCode || code === fallbackPatchCode;
  const facts = (wanted ? lacking : having).map((product) => {
    const others = product.patches.filter(
      ({ patchCode: code }) => !isOwn(code) && !(wanted && obsoletes.includes(code)),
    );
    return productFact({ ...product, patches: wanted ? [...others, { patchCode, obsoletes }] : others });
  });
  return facts.length === 0 ? [] : [facts];
}

/** Operators about the patch of an MSI patch update ([MS-WUSP] 7, MsiPatchMetadata). */
export const MSI_PATCH_OPERATORS: readonly Operator[] = [
  patch('m.MsiPatchInstalled', ({ having, lacking }) => having.length > 0 && lacking.length === 0, applied),
  patch('m.MsiPatchSuperseded', ({ beyond, lacking }) => beyond.length > 0 && lacking.length === 0),
  patch('m.MsiPatchInstallable', ({ lacking }) => lacking.length > 0),
];
