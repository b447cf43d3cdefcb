/** What is another thing in a step than in the run: asked before the run's own kinds when operands are encoded and opened. */
import type { Json, Kind } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import { asyncDriverOf } from "../generators/async-generator.ts";
import { DurableAbortController, DurableAbortSignal } from "../platform/abort-signal.ts";
import { linkedSignal } from "../platform/linked-signals.ts";
import { isExecutor } from "../promise/capability.ts";
import { stateOf } from "../promise/state.ts";
import type { Run } from "../run.ts";

export const AWAIT_BEFORE =
  "await it before the step, and pass what it yields; a timeout, a retry or a limit around it is in perdure/patterns";

/** A promise belongs to the run's queue, with the frames that wait for it; a step may run in another process. */
const promiseKind: Kind<Promise<unknown>> = {
  tag: "promise",
  test: (value): value is Promise<unknown> => stateOf(value) !== undefined,
  encode: (_value, encoder) =>
    encoder.refuse("it is a promise of the run, for which other code cannot wait", AWAIT_BEFORE),
  create: (_payload, decoder) => decoder.corrupt("a promise stands among a step's operands"),
  fill() {},
};

const executorKind: Kind<Function> = {
  tag: "executor",
  test: (value): value is Function => isExecutor(value),
  encode: (_value, encoder) =>
    encoder.refuse("it is what Promise gave a constructor to call in this turn: call it outside the step"),
  create: (_payload, decoder) => decoder.corrupt("an executor stands among a step's operands"),
  fill() {},
};

const controllerKind: Kind<DurableAbortController> = {
  tag: "abort-controller",
  test: (value): value is DurableAbortController => DurableAbortController.is(value),
  encode: (_value, encoder) => encoder.refuse("it is an AbortController of the run: pass its signal"),
  create: (_payload, decoder) => decoder.corrupt("an AbortController stands among a step's operands"),
  fill() {},
};

interface Signals {
  readonly run: Run;
  /** Payloads of the platform's signals that were made for its steps: what is encoded again must be equal. */
  made: WeakMap<object, Json> | undefined;
}

/** A signal of the run is one of the platform in the step, which aborts with it. */
const signalKind = kindOf<object, Signals>({
  tag: "abort-signal in a step",
  test(value): value is object {
    return DurableAbortSignal.is(value) || this.of.made?.has(value) === true;
  },
  encode(value, encoder) {
    if (!DurableAbortSignal.is(value)) return this.of.made!.get(value)!;
    const { id, aborted, reason } = DurableAbortSignal.stateOf(value);
    meet(this.of.run, value);
    return { id, aborted, reason: encoder.value(reason, ".reason") };
  },
  create(payload, decoder) {
    if (!isJsonObject(payload) || typeof payload.id !== "string") return decoder.corrupt("a signal has no known form");
    const reason = payload.aborted === true ? decoder.value(payload.reason ?? null) : undefined;
    const signal = linkedSignal(this.of.run, payload.id, payload.aborted === true, reason);
    (this.of.made ??= new WeakMap()).set(signal, payload);
    return signal;
  },
  fill() {},
});

/** A resource of the run is the value itself, in every attempt: it is not what a copy could be made of. */
const resourceKind = kindOf<object, Run>({
  tag: "resource in a step",
  test(value): value is object {
    return this.of.resources.of(value) !== undefined;
  },
  encode(value) {
    meet(this.of, value);
    return { id: this.of.resources.of(value)!.id };
  },
  create(payload, decoder) {
    const held = isJsonObject(payload) ? this.of.resources.byId(Number(payload.id)) : undefined;
    return held === undefined ? decoder.corrupt("a resource is not that of the run") : held.value;
  },
  fill() {},
});

/** What the snapshot under way has met; of most steps that is nothing. */
interface Met {
  shared?: Set<object>;
}

const meeting = new WeakMap<Run, Met>();
const NONE: readonly object[] = [];

function meet(run: Run, value: object): void {
  const met = meeting.get(run);
  if (met !== undefined) (met.shared ??= new Set()).add(value);
}

/**
 * What `body` makes a snapshot of, and what of the run in it is not part of it: signals, resources. The step keeps them: nothing else may, and an attempt
 * that is made after a load must know whether the signals have aborted, or be told when they do, and needs the resources.
 */
export function meetingShared<T>(run: Run, body: () => T): readonly [T, readonly object[]] {
  const met: Met = {};
  meeting.set(run, met);
  try {
    const value = body();
    return [value, met.shared === undefined ? NONE : [...met.shared]];
  } finally {
    meeting.delete(run);
  }
}

/** Is the value saved as the resource that it is? One that has a name is not. */
export const meetingResources = (run: Run, value: object): boolean =>
  meetingShared(run, () => run.heap.snapshot([value], stepKinds(run)))[1].includes(value);

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
      (kinds = [
        resourceKind(run),
        promiseKind,
        asyncGeneratorKind,
        executorKind,
        controllerKind,
        signalKind({ run, made: undefined }),
      ] as readonly Kind<any>[]),
    );
  return kinds;
}
