/** Bounds of one XML document. Every border states its own; {@link DEFAULT_XML_LIMITS} suits SOAP requests. */
export interface XmlLimits {
  /** Nesting depth of elements. */
  readonly depth: number;
  /** Elements in the whole document. */
  readonly elements: number;
  /** Attributes (namespace declarations included) of one element. */
  readonly attributes: number;
  /** Bytes of one name. */
  readonly nameBytes: number;
  /** Bytes of one attribute value. */
  readonly attributeBytes: number;
  /** Bytes of one run of text. */
  readonly textBytes: number;
}

export const DEFAULT_XML_LIMITS: XmlLimits = Object.freeze({
  depth: 32,
  elements: 200_000,
  attributes: 64,
  nameBytes: 256,
  attributeBytes: 16 * 1024,
  textBytes: 4 * 1024 * 1024,
});
