import {
  Csidl,
  fileVersion,
  licenseDword,
  ProductType,
  regDword,
  regKeyExists,
  regSz,
  regSzToVersion,
  regValueExists,
  windowsVersion,
  wmiQuery,
} from '../metadata/authoring/base-rules.ts';
import { msiProductInstalled } from '../metadata/authoring/package-rules.ts';
import { and, not, or, type Rule } from '../metadata/authoring/rule.ts';
import type { Random } from './random.ts';
import { syntheticId } from './synthetic-id.ts';

/** The registry key below which a synthetic product keeps its values. */
export function productKey(name: string): string {
  return `SOFTWARE\\Synthetic\\${name}`;
}

export function productCode(random: Random): string {
  return `{${syntheticId(random.next(), random.next()).toUpperCase()}}`;
}

/** A rule that holds on a Windows 11 computer whatever is installed there. */
export function holdingRule(random: Random, key: string): Rule {
  const build = random.between(10_240, 26_200);
  const newer = windowsVersion({
    comparison: 'GreaterThanOrEqualTo',
    major: 10,
    minor: 0,
    build,
    productType: ProductType.Workstation,
  });
  switch (random.below(4)) {
    case 0:
      return and(newer, not(regKeyExists(`${key}\\Blocked`)));
    case 1:
      return or(newer, regDword({ subkey: key, value: 'Enabled' }, 'EqualTo', 1));
    default:
      return newer;
  }
}

/** How often the rule language's operators are used in Microsoft's detectoids, roughly. */
const FAILING: readonly (readonly [weight: number, make: (random: Random, key: string) => Rule])[] = [
  [
    1077,
    (random, subkey) =>
      regValueExists({ subkey, value: 'InstallPath' }, random.chance(0.1) ? 'REG_SZ' : 'REG_DWORD'),
  ],
  [
    1704,
    (random, subkey) =>
      regDword({ subkey, value: 'Installed' }, 'GreaterThanOrEqualTo', random.between(1, 400)),
  ],
  [1166, (random, subkey) => regSz({ subkey, value: 'Edition' }, 'EqualTo', `Edition ${random.below(90)}`)],
  [759, (_, subkey) => regKeyExists(subkey)],
  [
    476,
    (random, subkey) => regSzToVersion({ subkey, value: 'Version' }, 'GreaterThanOrEqualTo', version(random)),
  ],
  [
    211,
    (random, subkey) =>
      fileVersion(
        `${subkey.slice(9)}\\program.exe`,
        Csidl.ProgramFiles,
        'GreaterThanOrEqualTo',
        version(random),
      ),
  ],
  [64, (random) => licenseDword('Kernel-ProductInfo', 'EqualTo', random.between(200, 400))],
  [
    71,
    (random) => wmiQuery(`SELECT * FROM Win32_ComputerSystem WHERE Model = 'Synthetic ${random.below(500)}'`),
  ],
  [1500, (random) => msiList(random, 1 + random.geometric(2))],
];

/** A rule that does not hold on a computer that has nothing of the synthetic catalogue. */
export function failingRule(random: Random, key: string): Rule {
  const one = (): Rule => FAILING[random.weighted(FAILING.map(([weight]) => weight))][1](random, key);
  switch (random.below(8)) {
    case 0:
      return and(one(), one());
    case 1:
      return or(one(), one());
    case 2:
      return and(one(), not(regKeyExists(`${key}\\Blocked`)));
    default:
      return one();
  }
}

/** Any of so many MSI products, as detectoids for the languages of an application ask. */
export function msiList(random: Random, products: number): Rule {
  const versionMin = version(random);
  const tests = Array.from({ length: products }, () =>
    msiProductInstalled({ productCode: productCode(random), versionMin }),
  );
  return tests.length === 1 ? tests[0] : or(...tests);
}

export function version(random: Random): string {
  return `${random.between(1, 20)}.${random.below(10)}.${random.below(10_000)}.${random.below(2000)}`;
}
