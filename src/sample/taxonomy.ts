import {
  Architecture,
  processor,
  ProductType,
  windowsVersion,
  type WindowsVersionTest,
} from '../metadata/authoring/base-rules.ts';
import { memberOf } from '../metadata/authoring/relations-spec.ts';
import { msiProductInstalled } from '../metadata/authoring/package-rules.ts';
import { or, TRUE, type Rule } from '../metadata/authoring/rule.ts';
import type { CategorySpec, DetectoidSpec } from '../metadata/authoring/update-spec.ts';

/** UpdateIDs of the categories: minted once, never changed. */
export const CATEGORY = {
  company: 'dd5a713e-d9ca-4330-8ee0-968bec4303ef',
  family: 'c4243638-799f-464e-9a50-7f27f09486f6',
  workstation: 'c42d5c9b-496b-460c-a1da-b660e560ce0f',
  server: 'ff3b64e2-c835-4968-89f0-48e36c2f7194',
  suite: '159c7ea2-cfe8-47e7-be79-3dbef947ff81',
} as const;

/** UpdateIDs of the detectoids. */
export const DETECTOID = {
  x64: '9230203c-77e6-4e86-9f79-9b20f6e3fb8b',
  x86: '3520c5e9-1f21-4a76-8046-1d8198eaa043',
  itanium: '8dadd626-4d36-4f2e-af18-fe22d9715fde',
  workstation: '4bea55e5-14ea-4264-be86-615d0f852118',
  server: '40f408ec-e7ee-478c-81f0-1f6c31f5580b',
  windows11: '0cd74b74-3ac9-4c2a-a743-88e0170e3815',
  suite4: '39feae49-49a7-4d5b-992d-0b8e6183d240',
} as const;

/** What the sample suite's MSI package installs. */
export const SUITE_PRODUCT_CODE = '{5632BD0B-DF56-48AD-B4F9-6C6CE98AEF83}';

export const PUBLISHER_ID = '22b0d579-fa80-417f-990d-7bb8d44ac3df';
export const CREATED = '2026-01-12T10:00:00Z';

const COMMON = { revisionNumber: 1, created: CREATED, publisherId: PUBLISHER_ID } as const;

/** Windows 10 and everything newer. */
const WINDOWS_10: WindowsVersionTest = { comparison: 'GreaterThanOrEqualTo', major: 10, minor: 0 };
const ANY_SERVER = or(
  windowsVersion({ ...WINDOWS_10, productType: ProductType.Server }),
  windowsVersion({ ...WINDOWS_10, productType: ProductType.DomainController }),
);

/** Company, family, products and detectoids, prerequisites first. */
export function taxonomySpecs(): readonly (CategorySpec | DetectoidSpec)[] {
  return [
    category('Company', CATEGORY.company, 'Oakum Samples', undefined, TRUE),
    category('ProductFamily', CATEGORY.family, 'Oakum Sample Software', CATEGORY.company, TRUE),
    category(
      'Product',
      CATEGORY.workstation,
      'Oakum Sample Tools for Workstations',
      CATEGORY.family,
      windowsVersion({ ...WINDOWS_10, productType: ProductType.Workstation }),
    ),
    category('Product', CATEGORY.server, 'Oakum Sample Tools for Servers', CATEGORY.family, ANY_SERVER),
    category('Product', CATEGORY.suite, 'Oakum Sample Suite', CATEGORY.family, windowsVersion(WINDOWS_10)),
    detectoid('Architecture', DETECTOID.x64, 'x64 processor', processor(Architecture.X64)),
    detectoid('Architecture', DETECTOID.x86, 'x86 processor', processor(Architecture.X86)),
    detectoid('Architecture', DETECTOID.itanium, 'Itanium processor', processor(Architecture.Itanium)),
    detectoid(
      'SKU or Feature',
      DETECTOID.workstation,
      'Windows 10 or later, workstation',
      windowsVersion({ ...WINDOWS_10, productType: ProductType.Workstation }),
    ),
    detectoid('SKU or Feature', DETECTOID.server, 'Windows Server 2016 or later', ANY_SERVER),
    detectoid(
      'SKU or Feature',
      DETECTOID.windows11,
      'Windows 11 or later',
      windowsVersion({ ...WINDOWS_10, build: 22_000, productType: ProductType.Workstation }),
      [DETECTOID.workstation],
    ),
    detectoid(
      'SKU or Feature',
      DETECTOID.suite4,
      'Oakum Sample Suite 4',
      msiProductInstalled({ productCode: SUITE_PRODUCT_CODE, versionMin: '4.0.0.0' }),
    ),
  ];
}

function category(
  categoryType: NonNullable<CategorySpec['categoryType']>,
  updateId: string,
  title: string,
  parent: string | undefined,
  isInstalled: Rule,
): CategorySpec {
  return {
    ...COMMON,
    type: 'Category',
    categoryType,
    updateId,
    texts: [{ language: 'en', title }],
    ...(parent === undefined ? {} : { relations: { prerequisites: [memberOf(parent)] } }),
    isInstalled,
  };
}

function detectoid(
  detectoidType: string,
  updateId: string,
  title: string,
  isInstalled: Rule,
  prerequisites: readonly string[] = [],
): DetectoidSpec {
  return {
    ...COMMON,
    type: 'Detectoid',
    detectoidType,
    updateId,
    texts: [{ language: 'en', title }],
    relations: { prerequisites },
    isInstalled,
  };
}
