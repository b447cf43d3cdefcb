/** Errors of the codec: what cannot be saved, and segments that cannot be read. */
import { coded, isPerdureError, type MessageTable, type PerdureError } from "../errors.ts";

export const messages = {
  PD4001: {
    slug: "value-cannot-be-saved",
    text: "%path% cannot be saved: %why%",
    fix: "%mend%",
  },
  PD4002: {
    slug: "too-large-to-be-saved",
    text: "the run has grown too large to be saved: %what%",
    fix: "keep large data outside of the run (a file, a table, a bucket) and hold its key; or raise `createEngine({ limits: { maxObjects, maxBytes } })`",
  },
  PD4010: {
    slug: "segment-is-not-valid",
    text: "%state% cannot be read: %why%",
    fix: "restore the run from a backup of the store; if you find no damage there, report this as a defect with the segment",
  },
  PD4011: {
    slug: "segment-of-another-format",
    text: "%state% has format %format%, and this build reads format %supported%",
    fix: "run it with a build of Perdure that reads that format",
  },
  PD4012: {
    slug: "unknown-reference",
    text: "%state% refers to %name%, which does not exist here",
    fix: "export, provide or import it again under that name, then retry the run",
  },
  PD4013: {
    slug: "unknown-kind",
    text: "%state% holds an object of kind %tag%, which nothing here can decode",
    fix: "register the codec with that tag in this process too, then retry the run",
  },
  PD4015: {
    slug: "codec-loses-hidden-state",
    text: "codec(%name%) would save the own properties of an instance alone, but %name% %what%",
    fix: "say what an instance is made of: codec(%name%, { tag, encode, decode })",
  },
  PD4016: {
    slug: "two-codecs-with-one-tag",
    text: "two codecs have the tag %tag%: one is for %first%, the other for %second%",
    fix: 'give one of them another tag: codec(%second%, { tag: "…" })',
  },
  PD4020: {
    slug: "step-changed-what-the-run-changed",
    text: "a step has changed %path%, and the run has changed it too while the step was under way",
    fix: "return the new value from the step and apply it in durable code, after the await",
  },
  PD4014: {
    slug: "codec-failed",
    text: "the codec %tag% failed to %action% %path%: %why%",
    fix: "mend the codec; the run continues from its last good save when it is retried",
  },
} as const satisfies MessageTable;

const fill = coded(messages);

/** `state` is what cannot be read, in the words of whoever loads it. */
export const error: typeof fill = (code, details = {}, cause) =>
  fill(code, { state: "a saved value", ...details }, cause);

/** Whatever went wrong while `state` was loaded, as a coded error that says so. */
export function unreadable(cause: unknown, state: string | undefined): PerdureError {
  const named: Record<string, string> = state === undefined ? {} : { state };
  if (!isPerdureError(cause))
    return error("PD4010", { ...named, why: cause instanceof Error ? cause.message : String(cause) }, cause);
  if (state === undefined || !Object.hasOwn(messages, cause.code)) return cause;
  return error(cause.code as keyof typeof messages, { ...cause.details, state }, cause.cause);
}
