import { compareDottedVersions } from '../../machine/dotted-version.ts';
import type { MsiProduct } from '../../machine/machine.ts';
import type { MachinePatch } from '../../machine/machine-patch.ts';
import type { MsiApplicationMetadata } from '../applicability-metadata.ts';
import { operator, type Operator } from '../operator.ts';
import type { RuleContext } from '../rule-context.ts';
import { isInstalled, newProduct, productFact, showProduct } from './msi.ts';

interface Finding {
  readonly metadata: MsiApplicationMetadata | undefined;
  readonly product: MsiProduct | undefined;
}

function find(_: unknown, { machine, metadata: { msiApplication } }: RuleContext): Finding {
  return {
    metadata: msiApplication,
    product: msiApplication && machine.products.get(msiApplication.productCode),
  };
}

/** Whether the product that is there may be replaced in place by the one of the update. */
function isReplaceable(product: MsiProduct, { version, recache }: MsiApplicationMetadata): boolean {
  if (version === undefined || recache === 'Never') return false;
  const order = compareDottedVersions(product.version, version);
  return recache === 'LowerVersion' ? order < 0 : order !== 0;
}

function application(
  name: string,
  judge: (metadata: MsiApplicationMetadata, product: MsiProduct | undefined) => boolean,
  bringAbout: (wanted: boolean, context: RuleContext) => readonly MachinePatch[] = () => [],
): Operator {
  return operator({
    name,
    attributes: {},
    find,
    holds: ({ metadata, product }) =>
      metadata === undefined ? 'error' : judge(metadata, isInstalled(product) ? product : undefined),
    show: ({ metadata, product }) =>
      metadata === undefined ? 'no MsiApplicationMetadata' : showProduct(product),
    bringAbout: (wanted, _, context) => bringAbout(wanted, context),
  });
}

/** Operators about the product of an MSI update ([MS-WUSP] 7, MsiApplicationMetadata). */
export const MSI_APPLICATION_OPERATORS: readonly Operator[] = [
  application(
    'm.MsiApplicationInstalled',
    (metadata, product) => product !== undefined && !isReplaceable(product, metadata),
    (wanted, { machine, metadata: { msiApplication } }): MachinePatch[] => {
      if (msiApplication === undefined) return [];
      const { productCode, version } = msiApplication;
      if (!wanted) return [[{ fact: 'product', productCode, product: undefined }]];
      const product = newProduct(productCode, machine.products.get(productCode));
      return [[productFact({ ...product, version: version ?? product.version })]];
    },
  ),
  // A later version of the same product is there.
  application(
    'm.MsiApplicationSuperseded',
    ({ version }, product) =>
      product !== undefined && version !== undefined && compareDottedVersions(product.version, version) > 0,
  ),
  application(
    'm.MsiApplicationInstallable',
    (metadata, product) => product === undefined || isReplaceable(product, metadata),
  ),
];
