import type { UpdateIdentity } from '../update-identity.ts';

/** One update document of an export package, and which revision it describes. */
export interface ExportedDocument extends UpdateIdentity {
  /** The document as it was exported, byte for byte, in UTF-8. */
  readonly document: Buffer;
}

/** What the readers of an export package refuse to go beyond. */
export interface ExportLimits {
  /** Most bytes of one document. */
  readonly maxDocumentBytes: number;
}
