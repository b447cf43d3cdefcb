/** Runs that are due and that nobody has: because their code is linked nowhere (*parked*), or because no worker is there. */
import type { CodeDigest } from "../abi/index.ts";
import type { PerdureError } from "../errors.ts";
import { DORMANT, ENDED, type RunHead } from "../store/store.ts";
import { engineError } from "./messages.ts";

export interface Parked {
  readonly error: PerdureError;
  /** Some of the code is linked, in another version: it was edited, or is being deployed. */
  readonly isEdited: boolean;
}

/** How long a run that is due is left to other workers, ms, before it is told that none has taken it. */
export const PATIENCE = 5_000;

const SHOWN = 3;
/** `src/orders.ts#checkout` of its digest. */
const idOf = (code: CodeDigest): string => code.slice(0, code.lastIndexOf("@"));
/** `src/orders.ts`. */
export const moduleOf = (id: string): string => id.split("#", 1)[0]!;

const listed = (all: readonly string[]): string =>
  all.slice(0, SHOWN).join(", ") + (all.length > SHOWN ? ` and ${all.length - SHOWN} more` : "");

const isModuleLinked = (module: string, linked: ReadonlySet<CodeDigest>): boolean =>
  [...linked].some((code) => moduleOf(code) === module);

/** In whatever version. */
export const isCodeLinked = (id: string, linked: ReadonlySet<CodeDigest>): boolean =>
  [...linked].some((code) => idOf(code) === id);

const EDITED = {
  how: "which this process links in another version",
  mend: "undo the edit, or let a worker of the version that saved it finish the run; while developing, begin anew: with another id, or an empty store",
};
const GONE = {
  how: "which its file does not have in this process: was it renamed or taken out, or is this an older build?",
  mend: "keep it there, under that name and with its text, until its runs have ended, or let a worker of the version that saved it finish them; a run that nobody wants any more is ended by `engine.run(id).terminate()`",
};
const unlinked = (ids: readonly string[]): typeof GONE => ({
  how: "which no module of this process has",
  mend: `import ${listed([...new Set(ids.map(moduleOf))])} in the program of a worker`,
});

/** Why no worker of this process takes the run, which no other has; undefined: one does, or it is another's, or it waits for none. */
export function parkedBy(head: RunHead, linked: ReadonlySet<CodeDigest>): Parked | undefined {
  if (ENDED.has(head.status) || DORMANT.has(head.status) || head.owner !== null) return undefined;
  const missing = head.codes.filter((code) => !linked.has(code));
  if (missing.length === 0) return undefined;
  const edited = missing.filter((code) => linked.has(`${idOf(code)}@*`));
  const isEdited = edited.length > 0;
  const gone = isEdited ? [] : missing.filter((code) => isModuleLinked(moduleOf(idOf(code)), linked));
  const ids = [...new Set((isEdited ? edited : gone.length > 0 ? gone : missing).map(idOf))];
  // A module that is not imported misses all its functions: the one that was started says it.
  const code = !isEdited && ids.includes(head.fn) ? head.fn : listed(ids);
  const error = engineError("PD2514", {
    run: head.run,
    code,
    ...(isEdited ? EDITED : gone.length > 0 ? GONE : unlinked(ids)),
  });
  return { error, isEdited };
}

export const isDue = ({ inboxSeq, consumed, wakeAt }: RunHead, now: number): boolean =>
  inboxSeq > consumed || (wakeAt !== null && wakeAt <= now);

/** A run that is due and that no worker has. */
export interface Overdue {
  readonly epoch: number;
  readonly since: number;
}

/** Undefined: it is not. `before`: what an earlier look at the same run has found. When a run became due by mail is not known. */
export function overdue(head: RunHead, now: number, before: Overdue | undefined): Overdue | undefined {
  const { status, owner, epoch, wakeAt } = head;
  if (ENDED.has(status) || DORMANT.has(status) || owner !== null || !isDue(head, now)) return undefined;
  if (before?.epoch === epoch) return before;
  return { epoch, since: wakeAt !== null && wakeAt > 0 && wakeAt <= now ? wakeAt : now };
}
