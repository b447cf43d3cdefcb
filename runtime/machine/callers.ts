/**
 * Stacks of errors as people read them: without the runtime's frames below the durable function that threw, and with those who wait for it, as V8 adds them for native
 * async functions. It is text for people: nothing depends on it.
 */
import type { Position } from "../abi/index.ts";
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

/** What an activation throws, while its machine's loop, the function `loop`, is on the stack: it is cut off there. */
export function traceThrown(run: Run, { code, promise, caller }: Activation, thrown: unknown, loop: Function): void {
  const stack = stackIn(run, thrown);
  if (stack === undefined) return;
  const here: { stack?: unknown } = {};
  Error.captureStackTrace?.(here, loop);
  const below = typeof here.stack === "string" ? here.stack.split("\n")[1] : undefined;
  const lines = stack.split("\n");
  // Thrown again, or from elsewhere: then its callers are there, or it is none of ours.
  const at = below === undefined ? -1 : lines.indexOf(below);
  if (at < 2) return;
  const own = lines.slice(0, at - 1);
  own.push(named(own.pop()!, code));
  (thrown as Error).stack = [...own, ...callersOf(promise, caller).map(print)].join("\n");
}

/** What an operation was rejected with: where it was begun, and who waits for it. */
export function traceRejected(run: Run, promise: Promise<unknown>, where: SourcePlace, reason: unknown): void {
  const stack = stackIn(run, reason);
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
function stackIn(run: Run, thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || run.host.isProxy?.(thrown)) return undefined;
  const property = Reflect.getOwnPropertyDescriptor(thrown, "stack");
  if (property === undefined || !(property.writable || isStackAccessor(property))) return undefined;
  const { stack } = thrown;
  return typeof stack === "string" ? stack : undefined;
}

/** Blocks of a machine are called otherwise, or nothing: `at Object.step (file:///app/dist/orders.js:12:5)`. */
const named = (frame: string, { name }: Code): string =>
  frame.replace(/^(\s+at )(?:.* \()?([^()]*?)\)?$/, `$1${(name || "<anonymous>").replaceAll("$", "$$$$")} ($2)`);
