import type { XmlLimits } from '../xml/limits.ts';

/**
 * Bounds of one update document. The largest real one seen is 47 MB of CBS metadata; vendor catalogues
 * hold attribute values of tens of kilobytes.
 */
export const DOCUMENT_XML_LIMITS: XmlLimits = Object.freeze({
  depth: 256,
  elements: 4_000_000,
  attributes: 256,
  nameBytes: 256,
  attributeBytes: 1024 * 1024,
  textBytes: 64 * 1024 * 1024,
});

/** Bytes of one whole update document. */
export const DOCUMENT_MAX_BYTES = 128 * 1024 * 1024;
