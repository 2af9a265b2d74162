const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
/** The namespace of namespace declarations themselves. */
export const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';

/** The namespace bindings in force, innermost last (Namespaces in XML, 6). */
export class NamespaceScope {
  readonly #prefixes: string[] = ['xml', ''];
  readonly #uris: string[] = [XML_NAMESPACE, ''];
  readonly #counts: number[] = [];
  #declared = 0;

  /** Adds a declaration of the element whose start tag is being read; false if it is not allowed. */
  declare(prefix: string, uri: string): boolean {
    const reserved =
      prefix === 'xmlns' ||
      uri === XMLNS_NAMESPACE ||
      (prefix === 'xml') !== (uri === XML_NAMESPACE) ||
      (prefix !== '' && uri === '');
    if (reserved) return false;
    for (let index = this.#prefixes.length - this.#declared; index < this.#prefixes.length; index++) {
      if (this.#prefixes[index] === prefix) return false;
    }
    this.#prefixes.push(prefix);
    this.#uris.push(uri);
    this.#declared++;
    return true;
  }

  /** Ends the start tag: what was declared holds until the matching {@link leave}. */
  enter(): void {
    this.#counts.push(this.#declared);
    this.#declared = 0;
  }

  leave(): void {
    const count = this.#counts.pop() ?? 0;
    if (count === 0) return;
    this.#prefixes.length -= count;
    this.#uris.length -= count;
  }

  /** The namespace a prefix is bound to; the empty prefix asks for the default namespace. */
  resolve(prefix: string): string | undefined {
    for (let index = this.#prefixes.length - 1; index >= 0; index--) {
      if (this.#prefixes[index] === prefix) return this.#uris[index];
    }
    return undefined;
  }
}
