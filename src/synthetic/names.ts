import type { Random } from './random.ts';

/** Invented names, so that no synthetic update is taken for a real one. */

export const COMPANIES = ['Alder Works', 'Basalt Systems', 'Cinder Labs'] as const;

const ADJECTIVES =
  'Amber Brisk Clear Dusty Early Fallow Gentle Hollow Inner Jolly Keen Lunar Mellow Northern Open Plain Quiet Rapid Silver Tidal Upper Vivid Woven Young'.split(
    ' ',
  );
const NOUNS =
  'Anchor Beacon Canvas Desk Engine Forge Gauge Harbour Index Journal Kiln Ledger Mirror Notebook Orbit Press Quarry Register Studio Table Union Vault Workshop Yard'.split(
    ' ',
  );

/** A product's name by its number: no two are alike. */
export function productName(number: number): string {
  const pairs = ADJECTIVES.length * NOUNS.length;
  const [pair, edition] = [number % pairs, 1 + Math.floor(number / pairs)];
  // A step that shares no factor with the number of nouns visits all of them.
  const noun = NOUNS[(pair * 7) % NOUNS.length];
  const adjective = ADJECTIVES[(Math.floor(pair / NOUNS.length) + pair) % ADJECTIVES.length];
  return edition === 1 ? `${adjective} ${noun}` : `${adjective} ${noun} ${edition}`;
}

const KINDS = [
  'Cumulative Update',
  'Security Update',
  'Update',
  'Preview',
  'Servicing Stack Update',
] as const;

export function updateTitle(random: Random, product: string, month: string, kbArticleId: string): string {
  return `${month} ${random.pick(KINDS)} for ${product} (KB${kbArticleId})`;
}

/** What "Update" is called in the languages that documents are written in besides English. */
export const LANGUAGES: Readonly<Record<string, string>> = {
  de: 'Aktualisierung',
  fr: 'Mise à jour',
  ja: '更新プログラム',
  es: 'Actualización',
  it: 'Aggiornamento',
  'pt-br': 'Atualização',
  ru: 'Обновление',
  'zh-cn': '更新程序',
  ko: '업데이트',
  nl: 'Update',
  pl: 'Aktualizacja',
  cs: 'Aktualizace',
  sv: 'Uppdatering',
  da: 'Opdatering',
  fi: 'Päivitys',
  no: 'Oppdatering',
  tr: 'Güncelleştirme',
  hu: 'Frissítés',
  el: 'Ενημέρωση',
  he: 'עדכון',
  ar: 'تحديث',
  pt: 'Actualização',
  'zh-tw': '更新',
};

/** Languages that detectoids look for. */
export const DETECTED_LANGUAGES: readonly string[] = [
  ...Object.keys(LANGUAGES),
  ...'bg et hr lt lv ro sk sl sr th uk vi'.split(' '),
];
