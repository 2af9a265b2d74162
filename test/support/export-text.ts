/** Small update documents and the texts of export packages around them, for tests. */

export const UPDATE_NAMESPACE = 'http://schemas.microsoft.com/msus/2002/12/Update';

export interface SampleUpdate {
  readonly updateId: string;
  readonly revisionNumber: number;
  readonly document: string;
}

/** An update document with everything that makes finding its end hard. */
export function sampleUpdate(index: number, title = `Title ${index}`): SampleUpdate {
  const updateId = `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
  const revisionNumber = 100 + index;
  const document =
    `<upd:Update xmlns:upd="${UPDATE_NAMESPACE}">` +
    `<upd:UpdateIdentity UpdateID="${updateId.toUpperCase()}" RevisionNumber="${revisionNumber}" />` +
    `<!-- a comment with </upd:Update> and "quotes -->\r\n` +
    `<upd:Properties Note="a > b, 'c'" Other='"' /><upd:Title>${title} &amp; ümlaut € 𝄞</upd:Title>\n` +
    `<upd:Data><![CDATA[ </upd:Update> ]]></upd:Data><upd:Update>nested</upd:Update></upd:Update>`;
  return { updateId, revisionNumber, document };
}

const hex = (value: number): string => value.toString(16).padStart(8, '0');

/** The text of metadata.txt. */
export const recordsOf = (updates: readonly SampleUpdate[]): string =>
  updates
    .map(
      ({ updateId, revisionNumber, document }) =>
        `${updateId},${hex(revisionNumber)},${hex(document.length)},${document}\r\n`,
    )
    .join('');

/**
 * The text of package.xml.
 *
 * @param wrap what stands in the element of an update besides its lists
 */
export const packageXml = (
  updates: readonly SampleUpdate[],
  wrap: (document: string) => string = () => '',
): string =>
  `<?xml version="1.0" encoding="utf-8"?><ExportPackage ServerID="A86CECAA-02AB-44A1-A09D-CAC309AA7A3E" ` +
  `CreationTime="2024-06-19T17:11:14Z" FormatVersion="1.0" ProtocolVersion="1.20"><Languages>` +
  `<Language Id="0" ShortName="all" LongName="all" Enabled="1" />` +
  `<Language Id="1033" ShortName="en" LongName="English &amp; more" Enabled="0" /></Languages><Files />` +
  `<Updates>${updates
    .map(
      ({ updateId, revisionNumber, document }) =>
        `<Update UpdateId="${updateId}" RevisionNumber="${revisionNumber}"><Files /><Categories />` +
        `<Classifications />${wrap(document)}</Update>`,
    )
    .join('')}</Updates></ExportPackage>`;

export const escaped = (document: string): string =>
  `<Xml>${document
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('\r', '&#xD;')}</Xml>`;

/** CDATA cannot say a CR, nor its own end: the one becomes a reference, the other is split. */
export const inCdata = (document: string): string =>
  `<Xml>\n${document
    .split('\r')
    .map((part) => `<![CDATA[${part.replaceAll(']]>', ']]]]><![CDATA[>')}]]>`)
    .join('&#13;')}\n</Xml>`;
