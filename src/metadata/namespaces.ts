/** The namespaces of update documents. Prefixes vary from document to document, so only URIs count. */

const MSUS = 'http://schemas.microsoft.com/msus/2002/12/';
const CORPORATE = 'http://schemas.microsoft.com/wsus/2005/04/CorporatePublishing/';

export const UPDATE = `${MSUS}Update`;
export const XSI = 'http://www.w3.org/2001/XMLSchema-instance';

/** Of driver rules and driver metadata ([MS-WUSP] 3.1.1.1). */
export const WINDOWS_DRIVER = `${MSUS}UpdateHandlers/WindowsDriver`;

/**
 * [MS-WUSP] 3.1.1.1: elements of three namespaces carry a prefix in their name in fragments. Documents
 * published locally keep the rule namespaces of the publishing schema, which mean the same.
 */
export const FRAGMENT_PREFIX: ReadonlyMap<string, string> = new Map([
  [`${MSUS}BaseApplicabilityRules`, 'b.'],
  [`${CORPORATE}BaseApplicabilityRules.xsd`, 'b.'],
  [`${MSUS}MsiApplicabilityRules`, 'm.'],
  [`${CORPORATE}MsiApplicabilityRules.xsd`, 'm.'],
  [WINDOWS_DRIVER, 'd.'],
]);

/** Whether a namespace belongs to the update schemas, whose declarations vanish from fragments. */
export function isUpdateSchema(uri: string): boolean {
  return uri.startsWith('http://schemas.microsoft.com/msus/') || uri.startsWith(CORPORATE);
}
