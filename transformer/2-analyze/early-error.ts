import type { ts } from "@ts-morph/common";

/** What ECMA-262 refuses before it runs, in words, and how to mend it. */
export interface EarlyError {
  /** Goes on after "in f, ". */
  readonly problem: string;
  readonly mend: string;
  readonly place: ts.Node;
}
