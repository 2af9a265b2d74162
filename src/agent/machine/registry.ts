/** The types of registry values that rules can name ([MS-WUSP] 7, RegistryValueType). */
export const REGISTRY_VALUE_TYPES = [
  'REG_BINARY',
  'REG_DWORD',
  'REG_EXPAND_SZ',
  'REG_MULTI_SZ',
  'REG_QWORD',
  'REG_SZ',
  'REG_FULL_RESOURCE_DESCRIPTOR',
] as const;
export type RegistryValueType = (typeof REGISTRY_VALUE_TYPES)[number];

/** What a value holds. Everything is plain JSON: 64-bit numbers are decimal text, bytes hexadecimal text. */
export type RegistryData =
  | { readonly type: 'REG_SZ' | 'REG_EXPAND_SZ' | 'REG_QWORD'; readonly data: string }
  | { readonly type: 'REG_BINARY' | 'REG_FULL_RESOURCE_DESCRIPTOR'; readonly data: string }
  | { readonly type: 'REG_DWORD'; readonly data: number }
  | { readonly type: 'REG_MULTI_SZ'; readonly data: readonly string[] };

/** A value with the name it was written with; the default value's name is empty. */
export type RegistryValue = RegistryData & { readonly name: string };

export interface RegistryKey {
  /** Below HKEY_LOCAL_MACHINE, as it was written. */
  readonly path: string;
  /** By name in lower case. */
  readonly values: ReadonlyMap<string, RegistryValue>;
}

/** Keys by path in lower case. Whenever a key is there, its ancestors are. */
export type RegistryView = ReadonlyMap<string, RegistryKey>;

/**
 * HKEY_LOCAL_MACHINE. On 64-bit Windows the 32-bit view differs from the native one below SOFTWARE only,
 * and is what the native view shows as SOFTWARE\WOW6432Node; `wow64` holds those keys under the path that
 * 32-bit programs see. 32-bit Windows has no second view.
 */
export interface Registry {
  readonly native: RegistryView;
  readonly wow64: RegistryView | undefined;
}

export type ViewName = 'native' | 'wow64';

/** A key in the view that really holds it. */
export interface KeyLocation {
  readonly view: ViewName;
  readonly path: string;
}

export const EMPTY_VIEW: RegistryView = new Map();

// Windows shares these keys between the views ("Registry Keys Affected by WOW64", Windows 7 and later), all of
// them below SOFTWARE.
const SHARED: ReadonlySet<string> = new Set(
  [
    'classes',
    'clients',
    'microsoft\\com3',
    'microsoft\\cryptography\\calais\\current',
    'microsoft\\cryptography\\calais\\readers',
    'microsoft\\cryptography\\services',
    'microsoft\\ctf\\systemshared',
    'microsoft\\ctf\\tip',
    'microsoft\\dfs',
    'microsoft\\driver signing',
    'microsoft\\enterprisecertificates',
    'microsoft\\eventsystem',
    'microsoft\\msmq',
    'microsoft\\non-driver signing',
    'microsoft\\notepad\\defaultfonts',
    'microsoft\\ole',
    'microsoft\\ras',
    'microsoft\\rpc',
    'microsoft\\shared tools\\msinfo',
    'microsoft\\systemcertificates',
    'microsoft\\termservlicensing',
    'microsoft\\transaction server',
    'microsoft\\windows\\currentversion\\app paths',
    'microsoft\\windows\\currentversion\\control panel\\cursors\\schemes',
    'microsoft\\windows\\currentversion\\explorer\\autoplayhandlers',
    'microsoft\\windows\\currentversion\\explorer\\driveicons',
    'microsoft\\windows\\currentversion\\explorer\\kindmap',
    'microsoft\\windows\\currentversion\\group policy',
    'microsoft\\windows\\currentversion\\policies',
    'microsoft\\windows\\currentversion\\previewhandlers',
    'microsoft\\windows\\currentversion\\setup',
    'microsoft\\windows\\currentversion\\telephony\\locations',
    ...['console', 'fontdpi', 'fontlink', 'fontmapper', 'fonts', 'fontsubstitutes', 'gre_initialize'].map(
      (key) => `microsoft\\windows nt\\currentversion\\${key}`,
    ),
    ...['image file execution options', 'languagepack', 'networkcards', 'perflib', 'ports', 'print'].map(
      (key) => `microsoft\\windows nt\\currentversion\\${key}`,
    ),
    ...['profilelist', 'time zones'].map((key) => `microsoft\\windows nt\\currentversion\\${key}`),
    'policies',
    'registeredapplications',
  ].map((key) => `software\\${key}`),
);

// Below the shared classes, these are not.
const SEPARATE: ReadonlySet<string> = new Set(
  ['clsid', 'directshow', 'interface', 'media type', 'mediafoundation'].map(
    (key) => `software\\classes\\${key}`,
  ),
);

/** A key path without the backslashes that rules put at either end, or twice, in the case it was written. */
export function keyPath(text: string): string {
  return text
    .split('\\')
    .filter((segment) => segment !== '')
    .join('\\');
}

/**
 * Where the key really is that a program sees under a path (RegType32 chooses the 32-bit view).
 *
 * @param path below HKEY_LOCAL_MACHINE, in any letter case, as {@link keyPath} returns it
 */
export function locateKey(registry: Registry, path: string, is32Bit: boolean): KeyLocation {
  if (registry.wow64 === undefined) return { view: 'native', path };
  const lower = path.toLowerCase();
  const node = 'software\\wow6432node';
  if (isAtOrBelow(lower, node)) return { view: 'wow64', path: `SOFTWARE${path.slice(node.length)}` };
  const redirected = is32Bit && isAtOrBelow(lower, 'software') && !isShared(lower);
  return { view: redirected ? 'wow64' : 'native', path };
}

function isShared(lower: string): boolean {
  let shared = false;
  for (let end = lower.indexOf('\\'); end >= 0; end = lower.indexOf('\\', end + 1)) {
    const ancestor = lower.slice(0, end);
    shared = (shared || SHARED.has(ancestor)) && !SEPARATE.has(ancestor);
  }
  return (shared || SHARED.has(lower)) && !SEPARATE.has(lower);
}

function isAtOrBelow(lower: string, key: string): boolean {
  return lower.startsWith(key) && (lower.length === key.length || lower[key.length] === '\\');
}

export function keyAt(registry: Registry, { view, path }: KeyLocation): RegistryKey | undefined {
  return (view === 'native' ? registry.native : registry.wow64)?.get(path.toLowerCase());
}

/** Names of the keys right below a key, in the order they were made. */
export function subkeyNames(registry: Registry, { view, path }: KeyLocation): string[] {
  const keys = view === 'native' ? registry.native : (registry.wow64 ?? EMPTY_VIEW);
  const prefix = `${path.toLowerCase()}\\`;
  const names: string[] = [];
  for (const [lower, key] of keys) {
    if (lower.startsWith(prefix) && !lower.includes('\\', prefix.length)) {
      names.push(key.path.slice(prefix.length));
    }
  }
  return names;
}
