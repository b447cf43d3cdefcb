/** Where a call stands in the user's file, for messages, stacks and records. */
import type { Run, SiteOf } from "../run.ts";
import { closureOf } from "../stamp.ts";
import type { Written } from "./step-call.ts";

export const written = (run: Run, at: SiteOf): Written => ({ place: run.place(at), text: siteText(at) });

export const siteText = (at: SiteOf): string => at.module.meta.sites[at.site]?.[2] ?? "";

/**
 * The runtime function that is on the stack, such as `sleep`: it has no site of its own. `at` is where it was called; `by`, when it was called by a function of
 * the pattern library, is the user's call of that one.
 */
const calling = new WeakMap<Run, { readonly at: SiteOf | undefined; readonly by: Written | undefined }>();

const isLibrary = (module: string): boolean => module.startsWith("perdure/");

/** Runs `body`, a call of `fn`; when that is one of the runtime's own functions, {@link here} tells it where it was called. */
export function atSite<T>(run: Run, at: SiteOf, fn: Function, body: () => T): T {
  const module = closureOf(fn)?.code.module.name ?? "";
  const isPattern = isLibrary(module);
  if (!isPattern && module !== "perdure") return body();
  const before = calling.get(run);
  const by = isLibrary(at.module.name) ? before?.by : isPattern ? written(run, at) : undefined;
  calling.set(run, { at: isPattern ? undefined : at, by });
  try {
    return body();
  } finally {
    if (before === undefined) calling.delete(run);
    else calling.set(run, before);
  }
}

/** The call that the runtime function on the stack was entered by; `what` is its text when no site tells. */
export function here(run: Run, what: string): Written {
  const at = calling.get(run)?.at;
  // What the function calls in its turn stands elsewhere.
  calling.delete(run);
  return at === undefined ? { place: run.place(), text: what } : written(run, at);
}

/** The same for what the user has to mend: an option of a pattern is wrong where the pattern is called. */
export const theirs = (run: Run): Written => calling.get(run)?.by ?? here(run, "");
