/** Diagnostics are values: phases collect them, nobody throws them. */

/** Where a project that has installed `perdure` finds the pages of the codes. */
export const PAGES = "node_modules/perdure/docs/errors";

export interface Diagnostic {
  /** `PD1xxx`; the page is `<PAGES>/<code>.md`. */
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
