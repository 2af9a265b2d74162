import { parseCoreFragment, type CoreUpdate } from '../../src/agent/rules/core-update.ts';
import type { Rule } from '../../src/agent/rules/rule.ts';
import type { UpdateId } from '../../src/metadata/update-identity.ts';

/** The UpdateID of a number, for updates of tests. */
export function updateIdOf(index: number): UpdateId {
  return `0a4b0000-0000-4000-9000-${String(index).padStart(12, '0')}` as UpdateId;
}

export interface CoreParts {
  readonly id: number;
  readonly revision?: number;
  /** Software without one. */
  readonly type?: 'Category' | 'Detectoid' | 'Software' | 'Driver';
  readonly deployable?: boolean;
  /** Clauses of alternatives. */
  readonly prerequisites?: readonly (readonly number[])[];
  /** Clauses of members, each an update or an update with a revision. */
  readonly bundled?: readonly (readonly (number | readonly [id: number, revision: number])[])[];
  readonly superseded?: readonly number[];
  readonly isInstalled?: string;
  readonly isSuperseded?: string;
  readonly isInstallable?: string;
  readonly metadata?: string;
}

/** The Core fragment of an update of tests, as real ones are written. */
export function coreFragment(parts: CoreParts): string {
  const { id, revision = 1, type = 'Software' } = parts;
  const identity = (one: number, number?: number): string =>
    `<UpdateIdentity UpdateID="${updateIdOf(one)}"${number === undefined ? '' : ` RevisionNumber="${number}"`} />`;
  const clause = (alternatives: readonly string[]): string =>
    alternatives.length === 1 ? alternatives[0] : `<AtLeastOne>${alternatives.join('')}</AtLeastOne>`;
  const relations = [
    element('SupersededUpdates', (parts.superseded ?? []).map((one) => identity(one)).join('')),
    element(
      'Prerequisites',
      (parts.prerequisites ?? []).map((one) => clause(one.map((at) => identity(at)))).join(''),
    ),
    element(
      'BundledUpdates',
      (parts.bundled ?? [])
        .map((one) =>
          clause(
            one.map((member) => (typeof member === 'number' ? identity(member, 1) : identity(...member))),
          ),
        )
        .join(''),
    ),
  ].join('');
  const rules = [
    element('IsInstalled', parts.isInstalled ?? ''),
    element('IsSuperseded', parts.isSuperseded ?? ''),
    element('IsInstallable', parts.isInstallable ?? ''),
    element('Metadata', parts.metadata ?? ''),
  ].join('');
  return (
    `<UpdateIdentity UpdateID="${updateIdOf(id)}" RevisionNumber="${revision}" />` +
    `<Properties UpdateType="${type}"${parts.deployable === true ? ' ExplicitlyDeployable="true"' : ''} />` +
    `${element('Relationships', relations)}${element('ApplicabilityRules', rules)}`
  );
}

function element(name: string, content: string): string {
  return content === '' ? '' : `<${name}>${content}</${name}>`;
}

export function coreUpdate(parts: CoreParts): CoreUpdate {
  return parseCoreFragment(coreFragment(parts));
}

/** The rule that some XML says, with the metadata beside it. */
export function ruleOf(xml: string, metadata = ''): { readonly rule: Rule; readonly update: CoreUpdate } {
  const update = coreUpdate({ id: 1, isInstalled: xml, metadata });
  if (update.isInstalled === undefined) throw new Error('there is no rule');
  return { rule: update.isInstalled, update };
}
