/** What each case ends with. Its body is a program, at the end of the golden's own text. */
export type Cases = Readonly<Record<string, readonly [body: string, outcome: string | RegExp]>>;

export interface Behaviour {
  /** The module of `fixtures/programs` in the place of its services; default `golden-services`. */
  readonly services?: string;
  /** What the cases share. */
  readonly before: string;
  readonly cases: Cases;
}

/** By the folder of the golden. */
export type Goldens = Readonly<Record<string, Behaviour>>;
