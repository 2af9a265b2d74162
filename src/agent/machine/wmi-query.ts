/** A question for WMI and the rows it was answered with. Rules only ask whether there are any. */
export interface WmiAnswer {
  readonly namespace: string;
  readonly query: string;
  readonly rows: readonly Readonly<Record<string, string | number | boolean>>[];
}

export const DEFAULT_WMI_NAMESPACE = 'root\\cimv2';

/**
 * What questions are compared by: letter case, the slashes of the namespace and how much white space there is
 * do not count. WQL compares strings without letter case too, so nothing is lost by it.
 */
export function wmiKey(namespace: string, query: string): string {
  const space = namespace.trim().toLowerCase().replaceAll('/', '\\');
  return `${space}\n${query.trim().toLowerCase().replace(/\s+/g, ' ')}`;
}
