/**
 * Steps: calls into ordinary code. A step is made in the turn (its operands are evaluated and encoded there) and issued after the save that
 * holds it has committed; `attempt.ts` opens it, `settlement.ts` takes its result in.
 */
import { classNameOf } from "../../codec/instance-refusals.ts";
import { error as codecError } from "../../codec/messages.ts";
import type { Snapshot } from "../../codec/snapshot.ts";
import { isPerdureError, type PerdureError } from "../../errors.ts";
import type { SourcePlace, StepOperation } from "../contract.ts";
import { withPlatformBuiltIns } from "../pristine.ts";
import { lookingOnce } from "../references.ts";
import type { FunctionCode } from "../registry.ts";
import { printPlace, type Run } from "../run.ts";
import { closureOf, isDurable } from "../stamp.ts";
import { stepError as error } from "./messages.ts";
import { Deferred, Made, OperandLayout, type OperandPlan, valueOf } from "./operand.ts";
import { withoutUnreadReceiver } from "./receiver.ts";
import { remadeAmong } from "./remade.ts";
import type { ExpressionCode, MakeStep, StepCall } from "./step-call.ts";
import { AWAIT_BEFORE, meetingShared, stepKinds } from "./step-kinds.ts";

/** How the call is made from the operands of one attempt. */
export type StepPlan =
  | {
      readonly type: "function";
      readonly fn: number;
      readonly self: OperandPlan;
      readonly args: readonly OperandPlan[];
    }
  | { readonly type: "method"; readonly self: OperandPlan; readonly key: number; readonly args: readonly OperandPlan[] }
  | { readonly type: "expression"; readonly code: number; readonly operands: readonly OperandPlan[] };

/** A step's detail in `Run.pending`: savable. */
export class StepDetail {
  readonly plan: StepPlan;
  readonly snapshot: Snapshot;
  /** What of the run stands among the operands without being part of the snapshot: signals, resources. */
  readonly shared: readonly object[];
  /** Records among the operands that other steps use, too. */
  readonly watched: readonly Made[];
  constructor(plan: StepPlan, snapshot: Snapshot, shared: readonly object[], watched: readonly Made[]) {
    this.plan = plan;
    this.snapshot = snapshot;
    this.shared = shared;
    this.watched = watched;
  }
}

const OPERAND =
  "make it inside the step (step(async () => …)), bind it at module level, or provide it: createEngine({ provide })";
const BUILDER =
  "write the query where it is awaited (begin each use of one that is used twice with query.clone()), with callbacks that change nothing outside themselves, or return it from a synchronous function or method (no #private one) that is called there (types must be known: a tsconfig.json that covers the file); or make and await it in one step: await step(async () => { const query = …; return await query; })";

function mendOf(call: StepCall, cause: unknown): string {
  const operands: readonly unknown[] = call.type === "call" ? [call.callee.self] : call.operands;
  if (operands.some(isBuilder)) return BUILDER;
  // Of a value that cannot be saved, the codec has written out what to do.
  if (!isPerdureError(cause) || cause.code !== "PD4001") return OPERAND;
  return cause.fix.includes("step") ? cause.fix : `${cause.fix}; or make it inside the step (step(async () => …))`;
}

/** A lazy thenable that the turn has made: `table()` in `table().where(…)`. */
const isBuilder = (one: unknown): boolean =>
  typeof one === "object" && one !== null && !(one instanceof Made) && !(one instanceof Promise) && "then" in one;

/** The codec's reason, and where it was met below the operands: `.client.socket: it is …`. */
export function whyNotSaved({ code, details, message }: PerdureError, text: string): string {
  const { path, why } = details;
  if (code !== "PD4001" || path === undefined || why === undefined) return message.split("\n")[0]!;
  const below = path.startsWith(text) ? path.slice(text.length) : path;
  return below === "" ? why : `${below}: ${why}`;
}

const notPrepared = (call: StepCall, details: Record<string, string>, cause: unknown): PerdureError =>
  error("PD2301", { ...details, mend: mendOf(call, cause) }, cause);

/** How a run makes its steps. */
export const stepMaker =
  (run: Run): MakeStep =>
  ({ place, text }, call, limits = {}, refusal) => {
    let detail: StepDetail;
    try {
      detail = withPlatformBuiltIns(() => prepare(run, call, place, text));
    } catch (thrown) {
      if (!isPerdureError(thrown)) throw thrown;
      if (thrown.code === "PD2221") return run.fail(thrown);
      const where = { function: place.function, place: printPlace(place), why: whyNotSaved(thrown, text) };
      return run.fail(refusal?.(where, thrown) ?? notPrepared(call, { ...where, text }, thrown));
    }
    const promise = run.newPromise();
    run.makeOperation<StepOperation>(
      (number) => ({ type: "step", number, where: place, text, ...limits }),
      { type: "promise", promise },
      detail,
    );
    return promise;
  };

/**
 * Encodes the operands. As a rule all of them can be saved, and this is one encoding; only when that fails is each made operand tried alone, and
 * those that cannot be saved are kept as expressions. Errors among the others enter the run then.
 */
function prepare(run: Run, given: StepCall, place: SourcePlace, text: string): StepDetail {
  const call = withoutUnreadReceiver(given);
  if (call.type === "expression") refuseMachines(call.code, call.operands);
  else refuseMachinesAmong([call.callee.self, ...call.callee.args]);
  try {
    return encode(run, call, text, () => true, false);
  } catch (thrown) {
    if (!isPerdureError(thrown)) throw thrown;
  }
  const changed = changedAmong(run, call.type === "call" ? [call.callee.self, ...call.callee.args] : call.operands);
  if (changed !== undefined) throw refuseChanged(changed, place, text);
  const savable = (value: unknown): boolean => canSave(run, value);
  const isProxy = (value: unknown): boolean => run.host.isProxy?.(value as object) === true;
  const remade = remadeAmong(call, { canSave: savable, isProxy });
  if (remade !== undefined) throw remade;
  return encode(run, call, text, savable, true);
}

/** Durable functions that a kept text calls: each attempt would run all of one as a plain function, and no save would see where it stands. */
function refuseMachines(code: ExpressionCode, operands: readonly unknown[]): void {
  const stamped = closureOf(code)?.code;
  const callees = stamped?.kind === "function" ? stamped.callees : undefined;
  if (callees !== undefined && readCallees(callees, operands).some(isDurable)) throw durablePart();
  refuseMachinesAmong(operands);
}

function refuseMachinesAmong(operands: readonly unknown[]): void {
  for (const one of operands)
    if (one instanceof Made || one instanceof Deferred) refuseMachines(one.code, one.operands);
}

/** What only an attempt can make is not there yet. A callee that cannot be read is one that the attempt cannot read either. */
function readCallees(callees: NonNullable<FunctionCode["callees"]>, operands: readonly unknown[]): readonly unknown[] {
  try {
    return callees(...operands.map((one) => (one instanceof Deferred ? undefined : valueOf(one))));
  } catch {
    return [];
  }
}

const durablePart = () =>
  codecError("PD4001", {
    path: "",
    why: "it is the promise of a durable function, whose own steps no save would see there",
    mend: AWAIT_BEFORE,
  });

/** What an earlier step has changed, and this one would make anew. */
function changedAmong(run: Run, operands: readonly unknown[]): Made | undefined {
  for (const one of operands) {
    if (!(one instanceof Made || one instanceof Deferred)) continue;
    const found = one instanceof Made && one.changed !== undefined ? one : changedAmong(run, one.operands);
    if (found !== undefined && !(one instanceof Made && canSave(run, one.value))) return found;
  }
  return undefined;
}

export function refuseChanged({ value, changed }: Made, place: SourcePlace, text: string): PerdureError {
  const { step, property } = changed!;
  const made = classNameOf(value as object);
  return error("PD2221", { function: place.function, place: printPlace(place), text, made, step, property });
}

function encode(
  run: Run,
  call: StepCall,
  text: string,
  savable: (value: unknown) => boolean,
  entering: boolean,
): StepDetail {
  const layout = new OperandLayout(savable);
  const plan = layOut(layout, call);
  const [snapshot, shared] = meetingShared(run, () =>
    lookingOnce(() => run.heap.snapshot(layout.roots, stepKinds(run), text, entering)),
  );
  return new StepDetail(plan, snapshot, shared, layout.watched);
}

function canSave(run: Run, value: unknown): boolean {
  try {
    run.heap.snapshot([value], stepKinds(run));
    return true;
  } catch (thrown) {
    if (!isPerdureError(thrown)) throw thrown;
    return false;
  }
}

/** A method is called through its receiver and key: its function may be anywhere, and need not have a name. */
function layOut(layout: OperandLayout, call: StepCall): StepPlan {
  if (call.type === "expression") {
    return { type: "expression", code: layout.root(call.code), operands: layout.plans(call.operands) };
  }
  const { fn, self, args, key } = call.callee;
  return key === undefined
    ? { type: "function", fn: layout.root(fn), self: layout.plan(self), args: layout.plans(args) }
    : { type: "method", self: layout.plan(self), key: layout.root(key), args: layout.plans(args) };
}
