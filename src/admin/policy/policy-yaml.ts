import {
  CST,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Lexer,
  LineCounter,
  parseDocument,
  type Alias,
  type Document,
} from 'yaml';
import { OakumError } from '../../errors/oakum-error.ts';
import type { PlaceOf } from './policy-document.ts';

/** Words and marks of the text; an honest policy of a mebibyte has half as many. */
const MAX_TOKENS = 400_000;
const MAX_DEPTH = 100;
/** Values after aliases were followed. */
const MAX_VALUES = 200_000;

interface YamlData {
  readonly data: unknown;
  readonly placeOf: PlaceOf;
}

/**
 * Plain data out of YAML 1.2 (core schema): texts, finite numbers, true, false, null, lists and maps whose names are
 * texts, each of them once. Tags, merge keys and further documents are refused; aliases are followed and count as
 * often as they are used.
 *
 * @throws OakumError OAK_POLICY_INVALID with the line, OAK_POLICY_LIMIT
 */
export function readYaml(text: string): YamlData {
  requireBounded(text);
  const lines = new LineCounter();
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    merge: false,
    // Checked below: what the library does takes the square of the number of names.
    uniqueKeys: false,
    prettyErrors: false,
    lineCounter: lines,
    // Silence would keep further documents from being an error.
    logLevel: 'error',
  });
  const lineAt = (offset: number): string => `Line ${lines.linePos(offset).line}: `;
  const [fault] = [...document.errors, ...document.warnings];
  if (fault !== undefined) throw invalid(`${lineAt(fault.pos[0])}${fault.message.replace(/\.$/, '')}.`);
  return new Reader(lineAt).read(document);
}

function invalid(detail: string): OakumError {
  return new OakumError('OAK_POLICY_INVALID', { detail });
}

function tooMuch(detail: string): OakumError {
  return new OakumError('OAK_POLICY_LIMIT', { detail });
}

/** Reading costs memory and stack by tokens and depth, so both are counted before. */
function requireBounded(text: string): void {
  let tokens = 0;
  let flow = 0;
  let indicators = 0;
  for (const token of new Lexer().lex(text)) {
    if (++tokens > MAX_TOKENS) throw tooMuch(`It has more than ${MAX_TOKENS} words and marks.`);
    const type = CST.tokenType(token);
    if (type === 'flow-seq-start' || type === 'flow-map-start') flow++;
    else if (type === 'flow-seq-end' || type === 'flow-map-end') flow--;
    else if (type === 'newline') indicators = 0;
    // Several of them on a line open a level each.
    else if (type === 'seq-item-ind' || type === 'explicit-key-ind' || type === 'map-value-ind') indicators++;
    if (flow > MAX_DEPTH || (flow <= 0 && indicators > MAX_DEPTH)) throw tooMuch('It is nested too deeply.');
  }
}

class Reader {
  readonly #lineAt: (offset: number) => string;
  readonly #places = new Map<string, string>();
  /** Nodes by the anchor they have, the last one before the place that is read. */
  readonly #anchors = new Map<string, unknown>();
  /** What aliases stand for, found where they stand: an anchor may be given again later. */
  readonly #targets = new Map<unknown, unknown>();
  /** Nodes with anchors that are being read. */
  readonly #open = new Set<unknown>();
  #values = 0;

  constructor(lineAt: (offset: number) => string) {
    this.#lineAt = lineAt;
  }

  read(document: Document): YamlData {
    const data = this.#value(document.contents, []);
    return { data, placeOf: (path) => this.#placeOf(path) };
  }

  /** Of the part itself, or of the nearest one around it that is there. */
  #placeOf(path: readonly (string | number)[]): string {
    for (let length = path.length; length >= 0; length--) {
      const place = this.#places.get(JSON.stringify(path.slice(0, length)));
      if (place !== undefined) return place;
    }
    return '';
  }

  #value(node: unknown, path: readonly (string | number)[]): unknown {
    if (++this.#values > MAX_VALUES) throw tooMuch(`It has more than ${MAX_VALUES} values.`);
    if (path.length > MAX_DEPTH) throw tooMuch('It is nested too deeply.');
    if (node === null || node === undefined) return null;
    if (isAlias(node)) return this.#value(this.#target(node), path);
    const { anchor } = node as { readonly anchor?: string };
    if (anchor === undefined) return this.#plain(node, path);
    if (this.#open.has(node)) throw invalid(`The anchor "${anchor.slice(0, 80)}" holds itself.`);
    this.#anchors.set(anchor, node);
    this.#open.add(node);
    const value = this.#plain(node, path);
    this.#open.delete(node);
    return value;
  }

  #target(alias: Alias): unknown {
    const target = this.#targets.get(alias) ?? this.#anchors.get(alias.source);
    if (target === undefined)
      throw invalid(`The alias "${alias.source.slice(0, 80)}" has no anchor before it.`);
    this.#targets.set(alias, target);
    return target;
  }

  #plain(node: unknown, path: readonly (string | number)[]): unknown {
    const { tag, range } = node as { readonly tag?: string; readonly range?: readonly number[] | null };
    const line = this.#lineAt(range?.[0] ?? 0);
    if (!this.#places.has(JSON.stringify(path))) this.#places.set(JSON.stringify(path), line);
    if (tag !== undefined) throw invalid(`${line}Tags such as "${tag.slice(0, 80)}" are not read.`);
    if (isScalar(node)) return plain(node.value, line);
    if (isSeq(node)) return node.items.map((item, index) => this.#value(item, [...path, index]));
    if (!isMap(node)) throw invalid(`${line}This is neither a value nor a list nor a map.`);
    const entries = new Map<string, unknown>();
    for (const { key, value } of node.items) {
      const [name, at] = this.#name(key, line);
      if (entries.has(name)) throw invalid(`${at}"${name.slice(0, 80)}" is there twice.`);
      this.#places.set(JSON.stringify([...path, name]), at);
      entries.set(name, this.#value(value, [...path, name]));
    }
    // Defines each name, also "__proto__", as a property of its own.
    return Object.fromEntries(entries);
  }

  #name(key: unknown, around: string): readonly [name: string, line: string] {
    if (!isScalar(key)) throw invalid(`${around}Names are texts.`);
    const line = this.#lineAt(key.range?.[0] ?? 0);
    if (key.tag !== undefined) throw invalid(`${line}Tags are not read.`);
    if (typeof key.value !== 'string') throw invalid(`${line}The name ${String(key.value)} needs quotes.`);
    if (key.value === '<<') throw invalid(`${line}Merge keys are not read; write down what is meant.`);
    return [key.value, line];
  }
}

function plain(value: unknown, line: string): unknown {
  if (typeof value === 'number' && !Number.isFinite(value)) throw invalid(`${line}This number is none.`);
  return value;
}
