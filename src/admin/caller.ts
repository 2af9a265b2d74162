/** On whose behalf something is done. Every function that changes something takes one. */
export interface Caller {
  readonly name: string;
}
