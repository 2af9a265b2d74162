import { parse as parseToml, stringify as stringifyToml, TomlError } from 'smol-toml';
import { Document, Scalar, visit } from 'yaml';
import { OakumError } from '../../errors/oakum-error.ts';
import type { SettingsTable } from '../settings.ts';
import { parsePolicy, type PlaceOf, type PolicyDocument } from './policy-document.ts';
import type { WrittenPolicy } from './export-policy.ts';
import { readYaml } from './policy-yaml.ts';

export const POLICY_FORMATS = ['yaml', 'toml', 'json'] as const;
export type PolicyFormat = (typeof POLICY_FORMATS)[number];

export const MAX_POLICY_BYTES = 1_048_576;

/** The form a file is in, by the end of its name; YAML unless it says otherwise. */
export function policyFormatOf(fileName: string): PolicyFormat {
  return /\.toml$/i.test(fileName) ? 'toml' : /\.json$/i.test(fileName) ? 'json' : 'yaml';
}

/**
 * A policy out of a text that anybody may have written. Messages name the line, in TOML only for what is no TOML.
 *
 * @throws OakumError OAK_POLICY_LIMIT, and what {@link parsePolicy} throws
 */
export function readPolicy(text: string, format: PolicyFormat, settings: SettingsTable): PolicyDocument {
  const { data, placeOf } = readPolicyData(text, format);
  return parsePolicy(data, settings, placeOf);
}

/** Plain data, and where each part of it stands in the text. */
export interface PolicyData {
  readonly data: unknown;
  readonly placeOf: PlaceOf;
}

/**
 * The data that a text holds; whether it is a policy is for {@link parsePolicy} to say.
 *
 * @throws OakumError OAK_POLICY_LIMIT, OAK_POLICY_INVALID
 */
export function readPolicyData(text: string, format: PolicyFormat): PolicyData {
  if (Buffer.byteLength(text) > MAX_POLICY_BYTES)
    throw new OakumError('OAK_POLICY_LIMIT', { detail: `It has more than ${MAX_POLICY_BYTES} bytes.` });
  return format === 'toml' ? readToml(text) : readYaml(asYaml(text, format));
}

/** JSON is YAML as soon as it is JSON: tabs stand only between its words. */
function asYaml(text: string, format: PolicyFormat): string {
  if (format !== 'json') return text;
  try {
    JSON.parse(text);
  } catch (cause) {
    const reason = (cause as Error).message;
    throw new OakumError('OAK_POLICY_INVALID', { detail: `It is no JSON: ${reason}.`, cause });
  }
  return text.replaceAll('\t', ' ');
}

function readToml(text: string): PolicyData {
  try {
    return { data: parseToml(text, { maxDepth: 100 }), placeOf: () => '' };
  } catch (cause) {
    const line = cause instanceof TomlError ? `Line ${cause.line}: ` : '';
    const reason = (cause as Error).message.split('\n')[0].replace(/\.$/, '');
    throw new OakumError('OAK_POLICY_INVALID', { detail: `${line}${reason}.`, cause });
  }
}

/** What terminals and editors obey: controls, line separators, and marks that hide or turn text. */
const LIVE = /[\p{Cc}\p{Cf}\u2028\u2029]/gu;

/** A policy as a text that {@link readPolicy} reads, and that is safe to look at. */
export function writePolicy(policy: WrittenPolicy, format: PolicyFormat): string {
  if (format === 'json') return `${JSON.stringify(policy, undefined, 2).replaceAll(LIVE, inJson)}\n`;
  const text = format === 'toml' ? `${stringifyToml(policy)}\n` : yamlText(policy);
  return text.replaceAll(LIVE, escaped);
}

function yamlText(policy: WrittenPolicy): string {
  const document = new Document(policy);
  visit(document, {
    Scalar: (_, node) => {
      // Only there can it be escaped.
      if (typeof node.value === 'string' && node.value.search(LIVE) >= 0) node.type = Scalar.QUOTE_DOUBLE;
    },
  });
  return document.toString({ lineWidth: 0, doubleQuotedMinMultiLineLength: Number.MAX_SAFE_INTEGER });
}

/** Line breaks stand between words only. */
function escaped(character: string): string {
  if (character === '\n') return character;
  const hexadecimal = (character.codePointAt(0) ?? 0).toString(16);
  return hexadecimal.length > 4 ? `\\U${hexadecimal.padStart(8, '0')}` : `\\u${hexadecimal.padStart(4, '0')}`;
}

function inJson(character: string): string {
  if (character === '\n') return character;
  const units = Array.from({ length: character.length }, (_, index) => character.charCodeAt(index));
  return units.map((unit) => `\\u${unit.toString(16).padStart(4, '0')}`).join('');
}
