/** Diagnostics are values: phases collect them, nobody throws them. */

export interface Diagnostic {
  /** `PD1xxx`; the page is `docs/errors/<code>.md`. */
  readonly code: string;
  readonly severity: "error" | "warning";
  /** What is wrong, with the names of the function and variable. */
  readonly message: string;
  /** What to write instead. */
  readonly fix: string;
  readonly fileName: string;
  /** Offsets in the source text. */
  readonly start: number;
  readonly end: number;
  /** 1-based. */
  readonly line: number;
  readonly column: number;
  /** Other places that matter (`captured here`). */
  readonly notes: readonly { readonly message: string; readonly line: number; readonly column: number }[];
}
