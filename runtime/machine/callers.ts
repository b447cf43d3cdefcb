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

/** A machine that is suspended outside of any run. */
type Waiting = Pick<Activation, "code" | "frame">;

/** A function that waits for another. */
interface Caller {
  readonly function: string;
  readonly file: string;
  /** Where it awaits; undefined: it has just called, and stands on the stack. */
  readonly position?: Position;
}

const callerOf = ({ name, module }: Code, position?: Position): Caller => ({
  function: name,
  file: module.meta.file,
  ...(position && { position }),
});

const print = ({ function: name, file, position }: Caller): string =>
  position === undefined
    ? `    at ${name || "<anonymous>"} (${file})`
    : `    at async ${name || "<anonymous>"} (${printPlace({ function: name, file, position })})`;

/** Reactions that are followed at most: a chain of handlers may be long, and each error asks for it. */
const FOLLOWED = 200;

/** Those who wait for a promise, innermost first: of several, whoever came first. `below`: who called the function whose promise it is, while that runs. */
function callersOf(promise: Promise<unknown>, below?: Activation): Caller[] {
  const found: Caller[] = [];
  let at: Promise<unknown> | undefined = promise;
  for (let n = 0; at !== undefined && n < FOLLOWED && found.length < Error.stackTraceLimit; n++) {
    const reaction: Reaction | undefined = stateOf(at)?.reactions?.[0];
    if (reaction === undefined) {
      if (below === undefined) break;
      found.push(callerOf(below.code));
      at = below.promise;
      below = below.caller;
    } else {
      below = undefined;
      if (reaction instanceof Activation) found.push(callerOf(reaction.code, reaction.position));
      at = settledThrough(reaction);
    }
  }
  return found;
}

/** What of a stack is above a function that is on the stack now, and what is below its caller. Undefined: it is of another time. */
function cut(lines: readonly string[], at: Function): readonly [above: string[], below: string[]] | undefined {
  const here: { stack?: unknown } = {};
  Error.captureStackTrace?.(here, at);
  const caller = typeof here.stack === "string" ? here.stack.split("\n")[1] : undefined;
  const found = caller === undefined ? -1 : lines.indexOf(caller);
  return found < 2 ? undefined : [lines.slice(0, found - 1), lines.slice(found + 1)];
}

/** The last frame is a block of a machine, which is called otherwise, or nothing: `at Object.step (file:///app/dist/orders.js:12:5)`. */
function named(frames: readonly string[], { name }: Code): readonly string[] {
  const shown = (name || "<anonymous>").replaceAll("$", "$$$$");
  const block = frames.at(-1)!.replace(/^(\s+at )(?:.* \()?([^()]*?)\)?$/, `$1${shown} ($2)`);
  return [...frames.slice(0, -1), block];
}

/** Puts other lines in the place of an error's stack, if it is V8's own text or one that may be changed. */
function retell(
  thrown: unknown,
  told: (lines: readonly string[]) => readonly string[] | undefined,
  isProxy?: (value: object) => boolean,
): void {
  if (!isObject(thrown) || isProxy?.(thrown)) return;
  try {
    const property = thrown instanceof Error ? Reflect.getOwnPropertyDescriptor(thrown, "stack") : undefined;
    if (property === undefined || !(property.writable || isStackAccessor(property))) return;
    const { stack } = thrown as Error;
    const lines = typeof stack === "string" ? told(stack.split("\n")) : undefined;
    if (lines !== undefined) (thrown as Error).stack = lines.join("\n");
  } catch {
    // A proxy outside of runs may do as it likes.
  }
}

/**
 * What an activation throws, while its machine's loop, the function `loop`, is on the stack. An error that is thrown again was cut before, or comes from elsewhere:
 * nothing is changed then.
 */
export function traceThrown(run: Run, { code, promise, caller }: Activation, thrown: unknown, loop: Function): void {
  const told = (lines: readonly string[]) => {
    const parts = cut(lines, loop);
    return parts && [...named(parts[0], code), ...callersOf(promise, caller).map(print)];
  };
  retell(thrown, told, run.host.isProxy);
}

/** The same outside of runs: there the platform knows who waits. */
export function traceThrownNatively(code: Code, thrown: unknown, loop: Function): void {
  retell(thrown, (lines) => {
    const parts = cut(lines, loop);
    return parts && [...named(parts[0], code), ...parts[1]];
  });
}

/** The platform knows them all as `driver`, the function in which machines await: a rejection has come to the innermost of them that has no name yet. */
export function traceWaiting({ code, frame }: Waiting, thrown: unknown, driver: Function): void {
  retell(thrown, (lines) => {
    const at = lines.findIndex((line) => line.startsWith(`    at async ${driver.name} (`));
    return at < 0 ? undefined : lines.with(at, print(callerOf(code, code.points[String(frame.pc)] ?? code.at)));
  });
}

/** What ordinary code throws, or rejects with, that the runtime has called: the functions that did, and what is below them, are cut off. */
export function traceCalled(thrown: unknown, isCaller: (frame: string) => boolean): void {
  retell(thrown, (lines) => {
    const found = lines.findIndex(isCaller);
    return found > 1 ? lines.slice(0, found) : undefined;
  });
}

/** What an operation was rejected with: where it was begun, and who waits for it. */
export function traceRejected(run: Run, promise: Promise<unknown>, where: SourcePlace, reason: unknown): void {
  const told = (lines: readonly string[]) => {
    const callers = callersOf(promise);
    const [first] = callers;
    // Its place in the function says more than that of the `await`.
    if (first?.function === where.function && first.file === where.file) callers.shift();
    if (where.file !== "") callers.unshift(where);
    const added = callers.map(print);
    // One object that is thrown again and again, `throw errors.notFound`, is told of once.
    return added.length === 0 || lines.includes(added[0]!) ? undefined : [...lines, ...added];
  };
  retell(reason, told, run.host.isProxy);
}
