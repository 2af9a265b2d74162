import type { MemberSpec, RelationsSpec } from '../metadata/authoring/relations-spec.ts';
import type { SoftwareSpec, TextSpec } from '../metadata/authoring/update-spec.ts';
import type { DocumentTail } from './document-tail.ts';
import { LANGUAGES, updateTitle } from './names.ts';
import { noise, PayloadFiles } from './payload-files.ts';
import { Random } from './random.ts';
import { drawHandler, installation, type InstallationSubject } from './software-handlers.ts';
import type { SoftwarePrerequisites } from './software-prerequisites.ts';
import { PUBLISHER_ID, syntheticId } from './synthetic-id.ts';
import type { TaxonomyNode } from './taxonomy-node.ts';

/** What all products of a catalogue share. */
export interface SoftwareContext {
  readonly seed: number;
  readonly prerequisites: SoftwarePrerequisites;
  readonly tail: DocumentTail;
}

export interface ProductPlan {
  readonly product: TaxonomyNode;
  /** Number of the product among those with software; the first one is the client's operating system. */
  readonly number: number;
  /** Place of its first document in the catalogue. */
  readonly firstIndex: number;
  readonly revisions: number;
}

/** Measured: 525 bundles and 8 updates that stand alone, 561 members. */
const STANDALONE = 8 / 533;
const SECOND_MEMBER = 561 / 525 - 1;
/** Members that other bundles brought in before: 1.6 children per bundle in the mean, at most 30. */
const SHARED_MEMBERS = 1.6 - 561 / 525;
const MOST_MEMBERS = 30;
const MEMBERS_REMEMBERED = 64;

/** Updates that supersede nothing and are superseded by nothing. */
const APART = 0.2;
/** Superseded updates per list: lognormal, median 5, 95th percentile 80. */
const SUPERSEDED_MEDIAN = 9;
const SUPERSEDED_SIGMA = 1.6;
const MOST_SUPERSEDED = 973;
const MEMBER_SUPERSEDES = 0.1;

const EXPIRED = 0.0015;
const WITH_EULA = 0.01;
const SEVERITIES = ['Critical', 'Important', 'Important', 'Moderate', 'Low'] as const;

const FIRST_DAY_MS = Date.UTC(2016, 0, 12, 18);
const DAYS = 3900;
const DAY_MS = 86_400_000;

/** The software of one product, oldest first: members before their bundles, bundles before what supersedes them. */
export class ProductSoftware {
  readonly #context: SoftwareContext;
  readonly #plan: ProductPlan;
  readonly #random: Random;
  readonly #files: PayloadFiles;
  /** Places of the updates that later ones supersede. */
  readonly #line: number[] = [];
  readonly #members: MemberSpec[] = [];
  #index: number;

  constructor(context: SoftwareContext, plan: ProductPlan) {
    this.#context = context;
    this.#plan = plan;
    this.#random = new Random(context.seed, 4, plan.number);
    this.#files = new PayloadFiles(context.seed, plan.number);
    this.#index = plan.firstIndex;
  }

  *specs(): Generator<SoftwareSpec, void> {
    const end = this.#plan.firstIndex + this.#plan.revisions;
    while (this.#index < end) {
      const left = end - this.#index;
      if (left === 1 || this.#random.chance(STANDALONE)) yield this.#standalone(left === 1);
      else yield* this.#bundle(left);
    }
  }

  #standalone(isLast: boolean): SoftwareSpec {
    const installable = this.#installable();
    return { ...this.#deployable(isLast, []), ...installable };
  }

  *#bundle(left: number): Generator<SoftwareSpec, void> {
    const fresh = Math.min(left - 1, this.#random.chance(SECOND_MEMBER) ? 2 : 1);
    const shared = Math.min(
      this.#random.geometric(SHARED_MEMBERS),
      MOST_MEMBERS - fresh,
      this.#members.length,
    );
    const members = new Set<MemberSpec>();
    for (let count = 0; count < shared; count++) members.add(this.#random.pick(this.#members));
    for (let count = 0; count < fresh; count++) {
      const { spec, member } = this.#member();
      members.add(member);
      yield spec;
    }
    yield this.#deployable(left - fresh === 1, this.#clauses([...members]));
  }

  /** Most bundles have one clause; in a few the members are divided between two. */
  #clauses(members: readonly MemberSpec[]): readonly (readonly MemberSpec[])[] {
    if (members.length < 2 || !this.#random.chance(0.2)) return [members];
    const half = Math.ceil(members.length / 2);
    return [members.slice(0, half), members.slice(half)];
  }

  #member(): { readonly spec: SoftwareSpec; readonly member: MemberSpec } {
    const random = this.#random;
    const older = this.#members.at(-1);
    const relations: RelationsSpec = {
      prerequisites: this.#context.prerequisites.member(random, this.#plan.product),
      superseded: older !== undefined && random.chance(MEMBER_SUPERSEDES) ? [older.updateId] : [],
    };
    const base = this.#base();
    const spec: SoftwareSpec = {
      ...base,
      texts: [{ language: 'en', title: `${this.#plan.product.title} package ${this.#index}` }],
      relations,
      ...this.#installable(),
    };
    const { updateId, revisionNumber } = base;
    const member: MemberSpec = { updateId, revisionNumber };
    this.#members.push(member);
    if (this.#members.length > MEMBERS_REMEMBERED) this.#members.shift();
    this.#index++;
    return { spec, member };
  }

  /** What can be approved: a bundle, or with an installation an update that stands alone. */
  #deployable(isLast: boolean, bundled: readonly (readonly MemberSpec[])[]): SoftwareSpec {
    const random = this.#random;
    const base = this.#base();
    const kbArticleId = this.#kbArticleId();
    const security = random.chance(0.35);
    const prerequisites = this.#context.prerequisites.deployable(random, this.#plan.product);
    const spec: SoftwareSpec = {
      ...base,
      deployable: true,
      expired: random.chance(EXPIRED),
      texts: this.#texts(
        updateTitle(random, this.#plan.product.title, base.created.slice(0, 7), kbArticleId),
      ),
      relations: { superseded: this.#superseded(isLast), prerequisites, bundled },
      supportUrl: `https://support.example.com/kb/${kbArticleId}`,
      kbArticleIds: [kbArticleId],
      ...(security && {
        msrcSeverity: random.pick(SEVERITIES),
        cveIds: [`CVE-${base.created.slice(0, 4)}-${random.between(10_000, 60_000)}`],
      }),
      ...(random.chance(WITH_EULA) && { eula: this.#eula(base.created) }),
    };
    this.#index++;
    return spec;
  }

  #base() {
    const index = this.#index;
    const { seed } = this.#context;
    const age = (index - this.#plan.firstIndex) / this.#plan.revisions;
    const created = new Date(FIRST_DAY_MS + Math.floor(age * DAYS) * DAY_MS + (index % 3600) * 1000);
    return {
      type: 'Software',
      updateId: syntheticId(seed, index),
      // Most are published once, as revision 200.
      revisionNumber: this.#random.chance(0.7) ? 200 : this.#random.between(201, 204),
      created: created.toISOString(),
      publisherId: PUBLISHER_ID,
    } as const;
  }

  #installable(): Pick<SoftwareSpec, 'handler' | 'rules' | 'files' | 'installation' | 'languages'> {
    const random = this.#random;
    const kind = drawHandler(random);
    const number = this.#index - this.#plan.firstIndex;
    const subject: InstallationSubject = {
      product: this.#plan.product.title,
      version: `10.0.${1000 + Math.floor(number / 1000)}.${number % 1000}`,
      kbArticleId: this.#kbArticleId(),
      fileName: `synthetic-kb${this.#kbArticleId()}`,
    };
    const { handler, rules } = installation(kind, random, subject, this.#context.tail);
    const modified = new Date(FIRST_DAY_MS + (number % DAYS) * DAY_MS).toISOString();
    return {
      handler,
      rules,
      files: this.#files.next(kind, subject.fileName, modified),
      installation: {
        rebootBehavior: kind === 'CommandLineInstallation' ? 'NeverReboots' : 'CanRequestReboot',
      },
      languages: random.chance(0.1) ? ['en', 'de', 'fr'] : ['all'],
    };
  }

  #superseded(isLast: boolean): readonly string[] {
    const random = this.#random;
    // The operating system's last update has the longest list there is.
    const largest = isLast && this.#plan.number === 0;
    if (!largest && random.chance(APART)) return [];
    const wanted = largest
      ? MOST_SUPERSEDED
      : Math.min(MOST_SUPERSEDED, Math.round(random.lognormal(SUPERSEDED_MEDIAN, SUPERSEDED_SIGMA)));
    const superseded = wanted === 0 ? [] : this.#line.slice(-wanted);
    this.#line.push(this.#index);
    return superseded.map((index) => syntheticId(this.#context.seed, index));
  }

  #texts(title: string): readonly [TextSpec, ...TextSpec[]] {
    const description = 'Made for a load test. Nothing of it can be installed.';
    const english = { language: 'en', title, description };
    const draw = this.#random.real();
    if (draw < 0.5) return [english];
    // A tenth of real updates is translated into everything, most others into a few languages.
    const translations = Object.entries(LANGUAGES).slice(0, draw < 0.9 ? 3 : undefined);
    return [
      english,
      ...translations.map(([language, word]) => ({ language, title: `${word}: ${title}`, description })),
    ];
  }

  #eula(modified: string) {
    const random = this.#random;
    const file = { name: 'licence.txt', size: random.between(2000, 60_000), modified, language: 'en' };
    return {
      eulaId: syntheticId(random.next(), random.next()),
      files: [{ ...file, sha1: noise(random, 20), sha256: noise(random, 32) }],
    };
  }

  #kbArticleId(): string {
    return String(5_000_000 + this.#index);
  }
}
