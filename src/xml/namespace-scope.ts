const XML_NAMESPACE = 'http://www.w3.org/XML/1998/namespace';
/** The namespace of namespace declarations themselves. */
export const XMLNS_NAMESPACE = 'http://www.w3.org/2000/xmlns/';

/**
 * The namespace bindings in force (Namespaces in XML, 6). A look-up costs the same however many there are:
 * a request may nest thousands of declarations, and each of its elements asks.
 */
export class NamespaceScope {
  readonly #bindings = new Map<string, string>([
    ['xml', XML_NAMESPACE],
    ['', ''],
  ]);
  /** What the declarations of all open elements replaced, innermost last. */
  readonly #replaced: (readonly [prefix: string, uri: string | undefined])[] = [];
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
    for (let index = this.#replaced.length - this.#declared; index < this.#replaced.length; index++) {
      if (this.#replaced[index][0] === prefix) return false;
    }
    this.#replaced.push([prefix, this.#bindings.get(prefix)]);
    this.#bindings.set(prefix, uri);
    this.#declared++;
    return true;
  }

  /** Ends the start tag: what was declared holds until the matching {@link leave}. */
  enter(): void {
    this.#counts.push(this.#declared);
    this.#declared = 0;
  }

  leave(): void {
    for (let count = this.#counts.pop() ?? 0; count > 0; count--) {
      const [prefix, uri] = this.#replaced.pop()!;
      if (uri === undefined) this.#bindings.delete(prefix);
      else this.#bindings.set(prefix, uri);
    }
  }

  /** The namespace a prefix is bound to; the empty prefix asks for the default namespace. */
  resolve(prefix: string): string | undefined {
    return this.#bindings.get(prefix);
  }
}
