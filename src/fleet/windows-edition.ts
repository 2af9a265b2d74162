/** Editions of Windows 10 and later by the SKU of GetProductInfo, as Microsoft calls them in winver. */
const EDITIONS: Readonly<Record<number, string>> = {
  4: 'Enterprise',
  27: 'Enterprise N',
  48: 'Pro',
  49: 'Pro N',
  72: 'Enterprise Evaluation',
  84: 'Enterprise N Evaluation',
  98: 'Home N',
  99: 'Home China',
  100: 'Home Single Language',
  101: 'Home',
  119: 'Team',
  121: 'Education',
  122: 'Education N',
  123: 'IoT Core',
  125: 'Enterprise LTSC',
  126: 'Enterprise N LTSC',
  129: 'Enterprise LTSC Evaluation',
  130: 'Enterprise N LTSC Evaluation',
  161: 'Pro for Workstations',
  162: 'Pro N for Workstations',
  164: 'Pro Education',
  165: 'Pro Education N',
  171: 'Enterprise G',
  172: 'Enterprise G N',
  175: 'Enterprise multi-session',
  188: 'IoT Enterprise',
  191: 'IoT Enterprise LTSC',
  202: 'SE N',
  203: 'SE',
};

const SERVER_EDITIONS: Readonly<Record<number, string>> = {
  7: 'Standard',
  8: 'Datacenter',
  12: 'Datacenter Core',
  13: 'Standard Core',
  42: 'Hyper-V Server',
  50: 'Essentials',
  79: 'Standard Evaluation',
  80: 'Datacenter Evaluation',
  143: 'Datacenter Nano',
  144: 'Standard Nano',
  145: 'Datacenter Core',
  146: 'Standard Core',
  159: 'Datacenter Evaluation Core',
  160: 'Standard Evaluation Core',
  407: 'Datacenter: Azure Edition',
};

/** The edition behind a SKU; undefined for one that is not known. */
export function editionOf(sku: number, isServer: boolean): string | undefined {
  const editions = isServer ? SERVER_EDITIONS : EDITIONS;
  return Object.hasOwn(editions, sku) ? editions[sku] : undefined;
}
