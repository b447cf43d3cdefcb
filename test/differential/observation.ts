/** What is observed of a program, in every mode: its log and how it ended, as text. */
export interface Observation {
  readonly log: readonly string[];
  /** `returned …`, `threw …`, `stuck`, `unhandled …` (a rejection that nobody handled ends a run), or `refused …`. */
  readonly outcome: string;
}

export const printed = (observation: Observation): string =>
  [...observation.log, `=> ${observation.outcome}`].join("\n");
