/**
 * Stacks of errors as people read them: without the runtime's frames below the durable function that threw, and with those who wait for it, as V8 adds them for native
 * async functions. It is text for people: nothing depends on it. The text is made when it is first asked for, so each error that leaves a machine costs some 10 µs.
 */
import type { Position } from "../abi/index.ts";
import { isObject } from "../codec/objects.ts";
import { isStackAccessor } from "../codec/properties.ts";
import { Activation } from "./activation.ts";
import type { SourcePlace } from "./contract.ts";
import type { Reaction } from "./jobs.ts";
import { printPlace } from "./places.ts";
import { settledBy } from "./promise/capability.ts";
import { stateOf } from "./promise/state.ts";
import type { Code } from "./registry.ts";
import type { Run } from "./run.ts";

/** The durable promise that a reaction settles, directly or by a closure that does. */
export function settledThrough(reaction: Reaction): Promise<unknown> | undefined {
  if (reaction instanceof Activation) return reaction.promise;
  const derived = reaction.group ?? settledBy(reaction.onFulfilled) ?? reaction.derived;
  return stateOf(derived) === undefined ? undefined : (derived as Promise<unknown>);
}

/** A function that waits for another. */
interface Caller {
  readonly function: string;
  readonly file: string;
  /** Where it awaits; undefined: it has just called, and stands on the stack. */
  readonly position?: Position;
}

const print = ({ function: name, file, position }: Caller): string =>
  position === undefined
    ? `    at ${name || "<anonymous>"} (${file})`
    : `    at async ${name || "<anonymous>"} (${printPlace({ function: name, file, position })})`;

/** Those who wait for a promise, innermost first: of several, whoever came first. `below`: who called the function whose promise it is, while that runs. */
function callersOf(promise: Promise<unknown>, below?: Activation): Caller[] {
  const found: Caller[] = [];
  const seen = new Set<unknown>();
  for (let at: Promise<unknown> | undefined = promise; at !== undefined && !seen.has(at); ) {
    seen.add(at);
    const reaction: Reaction | undefined = stateOf(at)?.reactions?.[0];
    if (reaction === undefined) {
      if (below === undefined) break;
      found.push({ function: below.code.name, file: below.code.module.meta.file });
      at = below.promise;
      below = below.caller;
    } else {
      below = undefined;
      if (reaction instanceof Activation) {
        const { code, position } = reaction;
        found.push({ function: code.name, file: code.module.meta.file, position });
      }
      at = settledThrough(reaction);
    }
  }
  return found.slice(0, Error.stackTraceLimit);
}

/** What is above a function that is on the stack, and what is below its caller. Undefined: it was not thrown now. */
function cut(stack: string, at: Function): readonly [above: string[], below: string[]] | undefined {
  const here: { stack?: unknown } = {};
  Error.captureStackTrace?.(here, at);
  const calling = typeof here.stack === "string" ? here.stack.split("\n")[1] : undefined;
  const lines = stack.split("\n");
  // Thrown again, or from elsewhere: then its callers are there, or it is none of ours.
  const found = calling === undefined ? -1 : lines.indexOf(calling);
  return found < 2 ? undefined : [lines.slice(0, found - 1), lines.slice(found + 1)];
}

/** What an activation throws, while its machine's loop, the function `loop`, is on the stack. */
export function traceThrown(run: Run, { code, promise, caller }: Activation, thrown: unknown, loop: Function): void {
  const stack = stackIn(thrown, run);
  const parts = stack && cut(stack, loop);
  if (parts) (thrown as Error).stack = [...named(parts[0], code), ...callersOf(promise, caller).map(print)].join("\n");
}

/** The same outside of runs: there the platform knows who waits. */
export function traceThrownNatively(code: Code, thrown: unknown, loop: Function): void {
  const stack = stackIn(thrown);
  const parts = stack && cut(stack, loop);
  if (parts) (thrown as Error).stack = [...named(parts[0], code), ...parts[1]].join("\n");
}

/** What ordinary code throws, or rejects with, that the runtime has called: the functions that did, and what is below them, are cut off. */
export function traceCalled(thrown: unknown, isCaller: (frame: string) => boolean): void {
  const stack = stackIn(thrown);
  const lines = stack?.split("\n") ?? [];
  const found = lines.findIndex(isCaller);
  if (found > 1) (thrown as Error).stack = lines.slice(0, found).join("\n");
}

/** The platform knows them all as `driver`, the function in which machines await: a rejection has come to the innermost of them that has no name yet. */
export function traceWaiting(code: Code, position: Position | undefined, thrown: unknown, driver: Function): void {
  const waits = `\n    at async ${driver.name} (`;
  const stack = stackIn(thrown);
  const at = stack?.indexOf(waits) ?? -1;
  if (stack === undefined || at < 0) return;
  const end = stack.indexOf("\n", at + 1);
  const caller = { function: code.name, file: code.module.meta.file, position: position ?? code.at };
  (thrown as Error).stack = `${stack.slice(0, at)}\n${print(caller)}${end < 0 ? "" : stack.slice(end)}`;
}

/** What an operation was rejected with: where it was begun, and who waits for it. */
export function traceRejected(run: Run, promise: Promise<unknown>, where: SourcePlace, reason: unknown): void {
  const stack = stackIn(reason, run);
  if (stack === undefined) return;
  const callers = callersOf(promise);
  const [first] = callers;
  // Its place in the function says more than that of the `await`.
  if (first?.function === where.function && first.file === where.file) callers.shift();
  if (where.file !== "") callers.unshift(where);
  const lines = callers.map(print);
  // One object that is thrown again and again, `throw errors.notFound`, is told of once.
  if (lines.length === 0 || stack.includes(lines[0]!)) return;
  (reason as Error).stack = [stack, ...lines].join("\n");
}

/** V8's own text, or one that was put in its place. */
function stackIn(thrown: unknown, run?: Run): string | undefined {
  if (!isObject(thrown) || run?.host.isProxy?.(thrown)) return undefined;
  try {
    const property = thrown instanceof Error ? Reflect.getOwnPropertyDescriptor(thrown, "stack") : undefined;
    if (property === undefined || !(property.writable || isStackAccessor(property))) return undefined;
    const { stack } = thrown as Error;
    return typeof stack === "string" ? stack : undefined;
  } catch {
    // A proxy outside of runs may do as it likes.
    return undefined;
  }
}

/** The last is a block of a machine, which is called otherwise, or nothing: `at Object.step (file:///app/dist/orders.js:12:5)`. */
function named(frames: readonly string[], { name }: Code): readonly string[] {
  const shown = (name || "<anonymous>").replaceAll("$", "$$$$");
  const block = frames.at(-1)!.replace(/^(\s+at )(?:.* \()?([^()]*?)\)?$/, `$1${shown} ($2)`);
  return [...frames.slice(0, -1), block];
}
