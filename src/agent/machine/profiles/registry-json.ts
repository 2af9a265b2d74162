import type { MachineJson } from '../machine-schema.ts';

/** Keys and values of one view, as a machine's JSON writes them. */
export type ViewJson = NonNullable<MachineJson['registry']>['native'];
type ValueJson = ViewJson[string][string];

export const sz = (data: string): ValueJson => ({ type: 'REG_SZ', data });
export const dword = (data: number): ValueJson => ({ type: 'REG_DWORD', data });
export const multiSz = (...data: string[]): ValueJson => ({ type: 'REG_MULTI_SZ', data });
