/** What a run is, beside its objects: the root of every save. */
import type { Json } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import type { EncodedOutcome } from "../contract.ts";
import type { Run } from "../run.ts";
import { promiseIn } from "./activation.ts";
import { type KindContext, listOf } from "./context.ts";
import { decodeJob, encodeJob } from "./reactions.ts";

/** Stands for the run in its own heap. */
export class RunRoot {
  readonly run: Run;
  constructor(run: Run) {
    this.run = run;
  }
}

const isMail = (value: unknown): boolean =>
  Array.isArray(value) && value.every((one) => Array.isArray(one) && one.length === 2 && typeof one[0] === "string");

export const runRootKind = kindOf<RunRoot, KindContext>({
  tag: "run",
  test: (value): value is RunRoot => value instanceof RunRoot,

  encode({ run }, encoder) {
    const { result, outcome, cancelled } = run;
    const { few } = run.strong;
    const jobs = run.jobs.size > 0 ? [...run.jobs] : [];
    for (const job of jobs) if (job.type === "start" || job.type === "call") this.of.needs(job.fn);
    const payload: { [part: string]: Json } = { next: run.nextOperation };
    if (jobs.length > 0) payload.jobs = jobs.map((job) => encodeJob(job, encoder));
    if (few === undefined) payload.operations = encoder.value(run.strong.buckets, "");
    else if (few.length > 0) payload.few = few.map((one) => encoder.own(one, ""));
    if (run.unhandled.size > 0)
      payload.unhandled = [...run.unhandled].map((promise) => encoder.value(promise, " (unhandled)"));
    // Once the outcome is known its text is all that anybody asks for.
    if (outcome !== null) payload.outcome = outcome as unknown as Json;
    else if (result !== undefined) payload.result = encoder.own(result, "");
    if (cancelled !== null) payload.cancelled = cancelled as unknown as Json;
    if (run.remarks.length > 0) payload.remarks = [...run.remarks];
    if (run.mail.length > 0) payload.mail = encoder.value(run.mail, "");
    return payload;
  },

  create(_payload, decoder) {
    const { run } = this.of;
    return run === undefined ? decoder.corrupt("a run stands outside a run") : new RunRoot(run);
  },

  fill({ run }, payload, decoder) {
    if (!isJsonObject(payload) || !Number.isSafeInteger(payload.next))
      return decoder.corrupt("the run has no known form");
    run.nextOperation = payload.next as number;
    run.jobs.restore(listOf(payload.jobs ?? [], decoder, "the queue").map((job) => decodeJob(job, decoder)));
    for (const promise of listOf(payload.unhandled ?? [], decoder, "the run"))
      run.unhandled.add(promiseIn(promise, decoder));
    if (payload.result !== undefined) run.result = promiseIn(payload.result, decoder);
    run.outcome = outcomeIn(payload.outcome);
    run.cancelled = isJsonObject(payload.cancelled)
      ? {
          reason: typeof payload.cancelled.reason === "string" ? payload.cancelled.reason : null,
          swept: payload.cancelled.swept === true,
        }
      : null;
    if (payload.remarks !== undefined) run.remarks = listOf(payload.remarks, decoder, "the run").map(String);
    if (payload.mail !== undefined) run.mail = decoder.value(payload.mail) as Run["mail"];
    const adopt = adopter(payload.operations, payload.few ?? []);
    this.of.whenLoaded.push(() => {
      if (!adopt()) decoder.corrupt("the run's operations have no known form");
      if (!isMail(run.mail)) decoder.corrupt("the run's messages have no known form");
    });

    /** What is to be done once all operations are there. */
    function adopter(many: Json | undefined, listed: Json): () => boolean {
      if (many !== undefined) {
        const buckets = decoder.value(many);
        return () => run.strong.adopt(buckets, run.pending);
      }
      const few = listOf(listed, decoder, "the run").map((one) => decoder.value(one));
      return () => run.strong.adoptFew(few, run.pending);
    }

    function outcomeIn(json: Json | undefined): EncodedOutcome | null {
      if (json === undefined) return null;
      if (
        !isJsonObject(json) ||
        typeof json.text !== "string" ||
        (json.error !== undefined && typeof json.error !== "string") ||
        !["fulfilled", "rejected", "cancelled"].includes(String(json.status))
      ) {
        return decoder.corrupt("the run has an outcome of no known form");
      }
      const { text, error } = json;
      return { status: json.status as EncodedOutcome["status"], text, ...(error !== undefined && { error }) };
    }
  },
});
