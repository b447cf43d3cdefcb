/**
 * Named points of the run loop where a test may kill or freeze the process. docs/architecture.md says what has happened at
 * each and what has not. Unset, a point costs one property read.
 */
export const ENGINE_FAILPOINTS = [
  "after-claim",
  "after-load",
  "before-commit",
  "after-commit",
  "between-commit-and-issue",
  "inside-step",
  "after-step-before-commit",
  "before-release",
  "before-compact",
  "outbox-before-deliver",
  "outbox-after-deliver",
] as const;

export type Failpoint = (typeof ENGINE_FAILPOINTS)[number];
