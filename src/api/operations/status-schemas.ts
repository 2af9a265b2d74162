import { Type } from 'typebox';
import { STATE_NAMES } from '../../fleet/status-state.ts';
import { count, textOrNull, timeOrNever } from '../schemas.ts';

/** What answers about states are made of. */

export const STATUS_COUNTS = Type.Object({
  unknown: count('The update came after what was reported last.'),
  notApplicable: count(),
  needed: count(),
  downloaded: count(),
  installed: count(),
  pendingReboot: count('Installed once the computer restarts.'),
  failed: count(),
});

export const RESULT = Type.Object({
  name: Type.String({ description: 'As its documentation names it; empty for what is not known.' }),
  meaning: Type.String(),
  code: Type.Integer({ description: 'Signed, as computers report it.' }),
  hex: Type.String({ description: 'Such as 0x80070643.' }),
});

export const STATUS_COMPUTER = Type.Object({ clientId: Type.String(), name: Type.String() });

export const STATUS_UPDATE = Type.Object({
  updateId: Type.String(),
  title: Type.String(),
  kbArticles: Type.Array(Type.String()),
  cves: Type.Array(Type.String()),
  severity: textOrNull('As its publisher rates it.'),
});

export const KNOWN_STATE = Type.Object({
  state: Type.Enum([...STATE_NAMES]),
  sinceMs: timeOrNever('Null for what follows from not having been reported.'),
  hresult: Type.Union([Type.Integer(), Type.Null()], { description: 'Of a failure; null otherwise.' }),
});

export const STATE_VIEW = Type.Object({
  ...KNOWN_STATE.properties,
  result: Type.Union([RESULT, Type.Null()], { description: 'What the code of a failure means.' }),
});

export const states = Type.Optional(
  Type.Array(Type.String({ minLength: 1, maxLength: 40 }), {
    maxItems: 20,
    description: `Only these: ${STATE_NAMES.join(', ')}; all when left out.`,
  }),
);

export const COUNTS_EXAMPLE = {
  ...{ unknown: 3, notApplicable: 1620, needed: 12, downloaded: 2 },
  ...{ installed: 148, pendingReboot: 1, failed: 1 },
};

export const UPDATE_EXAMPLE = {
  updateId: '2d1c7a50-6f0e-4b5c-9a8e-3f1d2c4b5a69',
  title: '2026-10 Cumulative Update for Windows 11 Version 24H2 (KB5066835)',
  kbArticles: ['5066835'],
  cves: ['CVE-2026-12345'],
  severity: 'Critical',
};

export const COMPUTER_EXAMPLE = {
  clientId: '7b6d9c1e-52a4-4c0b-8f3a-1d2e3f405162',
  name: 'till-4.example.com',
};

export const FAILED_EXAMPLE = {
  state: 'failed' as const,
  sinceMs: 1_794_996_000_000,
  hresult: -2_147_023_293,
  result: {
    name: 'ERROR_INSTALL_FAILURE',
    meaning: 'The installer failed; its own log says why.',
    code: -2_147_023_293,
    hex: '0x80070643',
  },
};
