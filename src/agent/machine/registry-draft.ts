import { keyPath, type RegistryKey, type RegistryValue, type RegistryView } from './registry.ts';

/** A copy of a view that can be changed; what it was copied from stays as it is. */
export class RegistryDraft {
  readonly #keys: Map<string, RegistryKey>;
  /** Values of the keys that have been copied already, so that filling a key costs one copy. */
  readonly #own = new Map<string, Map<string, RegistryValue>>();

  constructor(from: RegistryView) {
    this.#keys = new Map(from);
  }

  /** What it holds now. Later changes show in it. */
  get view(): RegistryView {
    return this.#keys;
  }

  /** Makes a key and its ancestors, where they are missing. */
  addKey(path: string): void {
    const written = keyPath(path);
    for (let end = written.indexOf('\\'); end >= 0; end = written.indexOf('\\', end + 1)) {
      this.#make(written.slice(0, end));
    }
    if (written !== '') this.#make(written);
  }

  /** Removes a key with everything below it. */
  removeKey(path: string): void {
    const lower = keyPath(path).toLowerCase();
    const below = `${lower}\\`;
    for (const key of this.#keys.keys()) {
      if (key !== lower && !key.startsWith(below)) continue;
      this.#keys.delete(key);
      this.#own.delete(key);
    }
  }

  setValue(path: string, value: RegistryValue): void {
    this.addKey(path);
    this.#values(path)?.set(value.name.toLowerCase(), value);
  }

  removeValue(path: string, name: string): void {
    this.#values(path)?.delete(name.toLowerCase());
  }

  #make(written: string): void {
    const lower = written.toLowerCase();
    if (this.#keys.has(lower)) return;
    const values = new Map<string, RegistryValue>();
    this.#own.set(lower, values);
    this.#keys.set(lower, { path: written, values });
  }

  #values(path: string): Map<string, RegistryValue> | undefined {
    const lower = keyPath(path).toLowerCase();
    const own = this.#own.get(lower);
    if (own !== undefined) return own;
    const key = this.#keys.get(lower);
    if (key === undefined) return undefined;
    const values = new Map(key.values);
    this.#own.set(lower, values);
    this.#keys.set(lower, { ...key, values });
    return values;
  }
}
