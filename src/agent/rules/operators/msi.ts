import type { Guid } from '../../../soap/simple-type.ts';
import {
  compareDottedVersions,
  nextDottedVersion,
  previousDottedVersion,
} from '../../machine/dotted-version.ts';
import type { DottedVersion } from '../../machine/dotted-version.ts';
import type { Machine, MsiProduct } from '../../machine/machine.ts';
import type { MachinePatch } from '../../machine/machine-patch.ts';
import {
  dottedVersion,
  flag,
  guid,
  int,
  optional,
  required,
  someText,
  type AttributeDeclaration,
  type AttributeType,
} from '../attribute-type.ts';
import { operator, type Operator } from '../operator.ts';

const productAttributes = {
  ProductCode: required(guid),
  VersionMax: optional(dottedVersion),
  ExcludeVersionMax: optional(flag, false),
  VersionMin: optional(dottedVersion),
  ExcludeVersionMin: optional(flag, false),
  Language: optional(int),
} as const;

interface ProductArguments {
  readonly ProductCode: Guid;
  readonly VersionMax: DottedVersion | undefined;
  readonly ExcludeVersionMax: boolean;
  readonly VersionMin: DottedVersion | undefined;
  readonly ExcludeVersionMin: boolean;
  readonly Language: number | undefined;
}

/** Advertised products are offered by the start menu but not installed. */
export function isInstalled(product: MsiProduct | undefined): product is MsiProduct {
  return product !== undefined && product.state !== 'advertised' && product.state !== 'absent';
}

function isWithin(product: MsiProduct, args: ProductArguments): boolean {
  const { VersionMin, VersionMax, Language } = args;
  if (VersionMin !== undefined) {
    const order = compareDottedVersions(product.version, VersionMin);
    if (order < 0 || (order === 0 && args.ExcludeVersionMin)) return false;
  }
  if (VersionMax !== undefined) {
    const order = compareDottedVersions(product.version, VersionMax);
    if (order > 0 || (order === 0 && args.ExcludeVersionMax)) return false;
  }
  return Language === undefined || Language === product.language;
}

function findProduct(
  { ProductCode }: { readonly ProductCode: Guid },
  { machine }: { readonly machine: Machine },
): MsiProduct | undefined {
  return machine.products.get(ProductCode);
}

export function showProduct(product: MsiProduct | undefined): string {
  if (product === undefined) return 'no such product';
  return `version ${product.version.join('.')}, language ${product.language}, ${product.state}`;
}

/** The product as it would have to be; what is installed of it already is kept. */
function fittingProduct(args: ProductArguments, before: MsiProduct | undefined): MsiProduct {
  const { VersionMin, VersionMax } = args;
  const lowest = VersionMin && (args.ExcludeVersionMin ? nextDottedVersion(VersionMin) : VersionMin);
  const highest = VersionMax && (args.ExcludeVersionMax ? previousDottedVersion(VersionMax) : VersionMax);
  const version = lowest ?? highest ?? before?.version ?? [1, 0, 0, 0];
  return {
    ...newProduct(args.ProductCode, before),
    version,
    language: args.Language ?? before?.language ?? 1033,
  };
}

/** A product with nothing in it yet, or the one that is there, installed. */
export function newProduct(productCode: Guid, before: MsiProduct | undefined): MsiProduct {
  const empty = { version: [1, 0, 0, 0], language: 1033, features: [], components: [], patches: [] } as const;
  return { ...empty, ...before, productCode, state: 'local' };
}

export function productFact(product: MsiProduct): MachinePatch[number] {
  return { fact: 'product', productCode: product.productCode, product };
}

function removal(productCode: Guid): MachinePatch {
  return [{ fact: 'product', productCode, product: undefined }];
}

/** Features or components of products: some or all of them, in some or all of the products. */
function partsOfProducts(
  part: 'Feature' | 'Component',
  partsOf: (product: MsiProduct) => readonly string[],
  withParts: (product: MsiProduct, parts: readonly string[]) => MsiProduct,
): Operator {
  const all = `All${part}sRequired`;
  const list = `m.${part}`;
  const attributes: Readonly<Record<string, AttributeDeclaration<boolean, boolean>>> = {
    [all]: optional(flag, false),
    AllProductsRequired: optional(flag, false),
  };
  const lists: Readonly<Record<string, AttributeType<string>>> = {
    [list]: part === 'Feature' ? someText : guid,
    'm.Product': guid,
  };
  return operator({
    name: `m.Msi${part}InstalledForProduct`,
    attributes,
    lists,
    find: (_, { machine }, { 'm.Product': codes }) => codes.map((code) => machine.products.get(code as Guid)),
    holds: (products, args, { [list]: parts }) => {
      const hasParts = (product: MsiProduct | undefined): boolean => {
        if (!isInstalled(product)) return false;
        const has = (one: string): boolean => partsOf(product).includes(one);
        return args[all] ? parts.every(has) : parts.some(has);
      };
      return args.AllProductsRequired ? products.every(hasParts) : products.some(hasParts);
    },
    show: (products) => {
      const installed = products.filter(isInstalled);
      if (installed.length === 0) return 'no such product';
      return installed.map((product) => partsOf(product).join(', ') || 'none').join('; ');
    },
    bringAbout: (wanted, args, { machine }, { 'm.Product': codes, [list]: parts }) => {
      if (!wanted) return [codes.flatMap((code) => removal(code as Guid))];
      const chosen = args.AllProductsRequired ? codes : codes.slice(0, 1);
      return [
        chosen.map((code) => {
          const product = newProduct(code as Guid, machine.products.get(code as Guid));
          return productFact(withParts(product, [...new Set([...partsOf(product), ...parts])]));
        }),
      ];
    },
  });
}

/** Operators that ask Windows Installer ([MS-WUSP] 7, MsiApplicabilityRules), but those that use metadata. */
export const MSI_OPERATORS: readonly Operator[] = [
  operator({
    name: 'm.MsiProductInstalled',
    attributes: productAttributes,
    find: findProduct,
    holds: (product, args) => isInstalled(product) && isWithin(product, args),
    show: showProduct,
    bringAbout: (wanted, args, { machine }): MachinePatch[] =>
      wanted
        ? [[productFact(fittingProduct(args, machine.products.get(args.ProductCode)))]]
        : [removal(args.ProductCode)],
  }),
  partsOfProducts(
    'Feature',
    (product) => product.features,
    (product, features) => ({ ...product, features }),
  ),
  partsOfProducts(
    'Component',
    (product) => product.components,
    (product, components) => ({ ...product, components: components as readonly Guid[] }),
  ),
  operator({
    name: 'm.MsiPatchInstalledForProduct',
    attributes: { PatchCode: required(guid), ...productAttributes },
    find: findProduct,
    holds: (product, args) =>
      isInstalled(product) &&
      isWithin(product, args) &&
      product.patches.some(({ patchCode }) => patchCode === args.PatchCode),
    show: (product) =>
      isInstalled(product)
        ? `${showProduct(product)}, patches ${product.patches.map(({ patchCode }) => patchCode).join(', ') || 'none'}`
        : showProduct(product),
    bringAbout: (wanted, args, { machine }): MachinePatch[] => {
      const before = machine.products.get(args.ProductCode);
      if (before === undefined && !wanted) return [];
      const product =
        wanted && !(isInstalled(before) && isWithin(before, args))
          ? fittingProduct(args, before)
          : newProduct(args.ProductCode, before);
      const others = product.patches.filter(({ patchCode }) => patchCode !== args.PatchCode);
      const patches = wanted ? [...others, { patchCode: args.PatchCode, obsoletes: [] }] : others;
      return [[productFact({ ...product, patches })]];
    },
  }),
];
