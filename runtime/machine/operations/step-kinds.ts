/** What is another thing in a step than in the run: asked before the run's own kinds when operands are encoded and opened. */
import type { Json, Kind } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/properties.ts";
import { asyncDriverOf } from "../generators/async-generator.ts";
import { DurableAbortController, DurableAbortSignal } from "../platform/abort-signal.ts";
import { linkedSignal } from "../platform/linked-signals.ts";
import { stateOf } from "../promise/state.ts";
import type { Run } from "../run.ts";

/** A promise belongs to the run's queue, with the frames that wait for it; a step may run in another process. */
const promiseKind: Kind<Promise<unknown>> = {
  tag: "promise",
  test: (value): value is Promise<unknown> => stateOf(value) !== undefined,
  encode: (_value, encoder) =>
    encoder.refuse("it is a promise of the run: await it before the step, and pass what it yields"),
  create: (_payload, decoder) => decoder.corrupt("a promise stands among a step's operands"),
  fill() {},
};

const controllerKind: Kind<DurableAbortController> = {
  tag: "abort-controller",
  test: (value): value is DurableAbortController => DurableAbortController.is(value),
  encode: (_value, encoder) => encoder.refuse("it is an AbortController of the run: pass its signal"),
  create: (_payload, decoder) => decoder.corrupt("an AbortController stands among a step's operands"),
  fill() {},
};

/** A signal of the run is one of the platform in the step, which aborts with it. */
function signalKind(run: Run): Kind<object> {
  /** Payloads of the platform's signals that were made for steps: what is encoded again must be equal. */
  const made = new WeakMap<object, Json>();
  return {
    tag: "abort-signal in a step",
    test: (value): value is object => DurableAbortSignal.is(value) || made.has(value),
    encode(value, encoder) {
      if (!DurableAbortSignal.is(value)) return made.get(value)!;
      const { id, aborted, reason } = DurableAbortSignal.stateOf(value);
      meeting.get(run)?.add(value);
      return { id, aborted, reason: encoder.value(reason, ".reason") };
    },
    create(payload, decoder) {
      if (!isJsonObject(payload) || typeof payload.id !== "string")
        return decoder.corrupt("a signal has no known form");
      const reason = payload.aborted === true ? decoder.value(payload.reason ?? null) : undefined;
      const signal = linkedSignal(run, payload.id, payload.aborted === true, reason);
      made.set(signal, payload);
      return signal;
    },
    fill() {},
  };
}

/** The signals that the snapshot under way has met. */
const meeting = new WeakMap<Run, Set<DurableAbortSignal>>();

/**
 * What `body` makes a snapshot of, and the signals of the run in it. The step keeps them: nothing else may, and an attempt that is made after a load
 * must know whether they have aborted, or be told when they do.
 */
export function meetingSignals<T>(run: Run, body: () => T): readonly [T, readonly DurableAbortSignal[]] {
  const met = new Set<DurableAbortSignal>();
  meeting.set(run, met);
  try {
    return [body(), [...met]];
  } finally {
    meeting.delete(run);
  }
}

const ofRun = new WeakMap<Run, readonly Kind[]>();

/** An async generator answers with promises of the run. */
const asyncGeneratorKind: Kind<object> = {
  tag: "async-generator",
  test: (value): value is object => asyncDriverOf(value) !== undefined,
  encode: (_value, encoder) =>
    encoder.refuse("it is an async generator of the run: iterate over it in durable code, and pass what it yields"),
  create: (_payload, decoder) => decoder.corrupt("an async generator stands among a step's operands"),
  fill() {},
};

export function stepKinds(run: Run): readonly Kind[] {
  let kinds = ofRun.get(run);
  if (kinds === undefined)
    ofRun.set(
      run,
      (kinds = [promiseKind, asyncGeneratorKind, controllerKind, signalKind(run)] as readonly Kind<any>[]),
    );
  return kinds;
}
