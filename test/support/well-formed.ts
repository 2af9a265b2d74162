import { SaxesParser } from 'saxes';

/**
 * Fails unless a fragment is what a client can read: well-formed inside a root of the reader's, which binds
 * no prefix.
 */
export function assertWellFormedFragment(fragment: Uint8Array): void {
  const parser = new SaxesParser({ xmlns: false });
  parser.on('error', (error) => {
    throw new Error(`${error.message}\n${Buffer.from(fragment.subarray(0, 500)).toString()}`);
  });
  parser.on('comment', (comment) => {
    throw new Error(`a comment has survived: ${comment}`);
  });
  parser.write(`<root>${Buffer.from(fragment).toString()}</root>`).close();
}
