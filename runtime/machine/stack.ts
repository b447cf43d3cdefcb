/**
 * Where a run waits, as source places. Upwards: from each pending operation through the promises it will settle to the frames that await them.
 * Downwards: from the run's result through what is going to settle it, to the promises that nothing can settle.
 */
import { Activation } from "./activation.ts";
import { settledThrough } from "./callers.ts";
import { Cell, DeadCell, isInitialized } from "./cells.ts";
import type { Operation, StackEntry } from "./contract.ts";
import type { Reaction } from "./jobs.ts";
import { liveSlots, variableOf } from "./kinds/activation.ts";
import { TimerHandle } from "./platform/timer-handle.ts";
import { preview } from "./preview.ts";
import { settledBy } from "./promise/capability.ts";
import { stateOf } from "./promise/state.ts";
import type { Run } from "./run.ts";

/** Innermost first, one chain of frames after the other. */
export function stackOf(run: Run): StackEntry[] {
  const entries: StackEntry[] = [];
  const seen = new Set<object>();
  for (const { operation, target } of run.pending.values()) {
    const promise = target.type === "promise" ? target.promise : timedOf(target.args[0]);
    const before = entries.length;
    if (promise !== undefined) climb(promise, describe(operation), seen, entries);
    if (target.type === "call" && entries.length === before)
      entries.push({ ...operation.where, waitsFor: describe(operation), locals: {} });
  }
  for (const promise of stuckPromises(run)) climb(promise, "a promise that nothing can settle", seen, entries);
  return entries;
}

/** `new Promise(resolve => setTimeout(resolve, …))`: what the callback of a timer settles. */
const timedOf = (handle: unknown): Promise<unknown> | undefined =>
  TimerHandle.is(handle) ? settledBy(TimerHandle.stateOf(handle).callback) : undefined;

function climb(promise: Promise<unknown>, waitsFor: string, seen: Set<object>, entries: StackEntry[]): void {
  const worklist: (readonly [Promise<unknown>, string])[] = [[promise, waitsFor]];
  for (let next = worklist.pop(); next !== undefined; next = worklist.pop()) {
    const [from, what] = next;
    if (seen.has(from)) continue;
    seen.add(from);
    for (const reaction of (stateOf(from)?.reactions ?? []) as readonly Reaction[]) {
      const isCall = reaction instanceof Activation;
      if (isCall) entries.push(entryOf(reaction, what));
      const settled = settledThrough(reaction);
      if (settled !== undefined) worklist.push([settled, isCall ? `${reaction.code.name}()` : what]);
    }
  }
}

function entryOf(activation: Activation, waitsFor: string): StackEntry {
  const { code, frame } = activation;
  const locals: Record<string, string> = Object.create(null);
  for (const slot of liveSlots(activation)) {
    const value = frame[slot];
    const shown =
      value instanceof Cell || value instanceof DeadCell
        ? isInitialized(value)
          ? preview(value.v)
          : "(not initialized)"
        : preview(value);
    if (!isTemporary(slot)) locals[variableOf(code, slot)] = shown;
  }
  return {
    function: code.name,
    file: code.module.meta.file,
    position: activation.position,
    waitsFor,
    locals,
  };
}

/** Temporaries, iterators and pending completions are the compiler's. */
const isTemporary = (slot: string): boolean => /^(t|of|in|finally)\d+$/.test(slot);

function describe(operation: Operation): string {
  switch (operation.type) {
    case "step":
      return `step ${operation.text}`;
    case "timer":
      return `timer until ${new Date(operation.at).toISOString()}`;
    case "token":
      return "token";
    case "receive":
      return `message ${JSON.stringify(operation.name)}`;
    case "child":
      return `child ${operation.run}`;
  }
}

/** The pending promises that the result comes down to and that no operation settles, while nothing else is pending. */
export function stuckPromises(run: Run): readonly Promise<unknown>[] {
  if (run.result === undefined || run.outcome !== null || run.pending.size > 0 || run.jobs.size > 0) return [];
  const found: Promise<unknown>[] = [];
  const seen = new Set<object>();
  const worklist: Promise<unknown>[] = [run.result];
  for (let promise = worklist.pop(); promise !== undefined; promise = worklist.pop()) {
    const state = stateOf(promise)!;
    if (seen.has(promise) || state.status !== "pending") continue;
    seen.add(promise);
    const { origin } = state;
    if (origin === undefined) found.push(promise);
    else if (origin instanceof Activation) worklist.push(...(origin.awaiting === undefined ? [] : [origin.awaiting]));
    else if (Array.isArray(origin)) worklist.push(...(origin as readonly Promise<unknown>[]));
    else worklist.push(origin as Promise<unknown>);
  }
  // A promise that waits for itself, through others, has no end: the run's result stands for the circle.
  return found.length === 0 ? [run.result] : found;
}

/** `src/orders.ts:12:5 (checkout)`, for the message; and the call by which ordinary code got hold of the promise, if one did. */
export function stuckLines(run: Run): string {
  const lines = stackOf(run)
    .filter(({ waitsFor }) => waitsFor === "a promise that nothing can settle")
    .map(({ file, position, function: name }) => `${file}:${position[0]}:${position[1]} (${name})`);
  const handed = stuckPromises(run).flatMap((promise) => stateOf(promise)?.handed ?? []);
  return [
    lines.length === 0 ? "the promise that its function returned" : lines.join(", "),
    ...handed.map((call) => `whose resolver was given to ordinary code by ${call}, which no saved run would hear of`),
  ].join(", ");
}
