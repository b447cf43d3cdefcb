/**
 * The run from inside: what the promise, the driver and the operations need of it. The vat makes it, tells it of events and saves it; nothing
 * here does I/O.
 */
import type { Frame } from "../abi/index.ts";
import type { Given } from "../codec/contract.ts";
import type { Heap } from "../codec/heap.ts";
import { isObject } from "../codec/objects.ts";
import type { PerdureError } from "../errors.ts";
import type { EncodedOutcome, Operation, SourcePlace, VatHost } from "./contract.ts";
import { type Job, JobQueue } from "./jobs.ts";
import type { MakeStep } from "./operations/step-call.ts";
import { madeText, whileMade } from "./operations/while-made.ts";
import { Pending, type Target } from "./pending.ts";
import { textOf } from "./preview.ts";
import { NamingClasses } from "./privates.ts";
import type { Code, ModuleInfo } from "./registry.ts";
import type { Resources } from "./resources.ts";
import { StrongOperations } from "./strong-operations.ts";

export { Pending, type Target } from "./pending.ts";
export { printPlace } from "./places.ts";

/** How an operation ended, or a promise is to be settled. */
export type Settled =
  | { readonly status: "fulfilled"; readonly value: unknown }
  | { readonly status: "rejected"; readonly value: unknown };

/** Where ordinary text stands, as generated code knows it: the module and the index in its sites. */
export interface SiteOf {
  readonly module: ModuleInfo;
  readonly site: number;
}

/** What a run does with its promises. They know their run, so it is told of them by who makes it. */
export interface RunPromises {
  /** What `Promise` is in the run. */
  readonly Promise: PromiseConstructor;
  make(run: Run): Promise<unknown>;
  resolve(promise: Promise<unknown>, value: unknown): void;
  reject(promise: Promise<unknown>, reason: unknown): void;
  /** Adds to the stack of what an operation was rejected with who waits for it. */
  trace(run: Run, promise: Promise<unknown>, where: SourcePlace, reason: unknown): void;
  /** Notes which operation settles it; undefined: none any more. */
  setOperation(promise: Promise<unknown>, number: number | undefined): void;
  /** Does anything wait for it? */
  isObserved(promise: Promise<unknown>): boolean;
}

/** An operand that is being made, for the first time or again; and what the run did meanwhile that no attempt may do again. */
export interface Making {
  readonly isFirst: boolean;
  did: string | undefined;
}

/** A function whose text is on the stack. */
export interface Executing {
  readonly code: Code;
  readonly frame?: Frame;
  /** Resume label that it passed last. */
  readonly point?: string | undefined;
}

export class Run {
  readonly id: string;
  readonly incarnation: string;
  readonly host: VatHost;
  /** What `Promise` is in this run. */
  readonly Promise: PromiseConstructor;
  readonly #promises: RunPromises;
  readonly jobs = new JobQueue();
  readonly pending = new Map<number, Pending>();
  /** Rejected promises that nobody has handled yet; judged when no job is left. */
  readonly unhandled = new Set<Promise<unknown>>();
  /** The function that the job on the stack entered last: whose line messages name. */
  executing: Executing | undefined = undefined;
  /** The function that is being told what its result is for, until it has asked. */
  expected: Code | undefined = undefined;
  /** Whether its result is in promise position, or an operand. */
  expectedAs: true | "operand" = true;
  /** An operand is being made that each attempt of its step makes again. */
  making: Making | undefined = undefined;
  /** What the run's function returned; undefined before its first job. */
  result: Promise<unknown> | undefined = undefined;
  /** The function of the run, for messages: known in its first turn, and when it returns. */
  entry: Code | undefined = undefined;
  /** Set once the contract was broken; the vat is unusable from then on. */
  poison: PerdureError | undefined = undefined;
  nextOperation = 1;
  /** Numbers the run's objects; set by the vat right after it is made. */
  heap!: Heap;
  /** Values of this process that the run holds. Set by the vat. */
  resources!: Resources;
  /** Arguments for another run, as text of a heap of their own. Throws a coded error for what cannot be copied. Set by the vat. */
  encode!: (args: readonly unknown[]) => string;
  /** A call into ordinary code as a step. Set by the vat. */
  makeStep!: MakeStep;
  /** For a thenable whose `then` is ordinary code: a step that awaits it. Set by the vat. */
  awaitOrdinary!: (thenable: object) => Promise<unknown>;
  /** Its classes with private names: no other run's objects can have these. */
  readonly namingClasses = new NamingClasses();
  /** Messages that no `receive` has taken yet, `[name, value]`, in the order in which they came. */
  mail: (readonly [name: string, value: unknown])[] = [];
  /** What of {@link pending} every save keeps. */
  readonly strong = new StrongOperations();
  /** Set once the run's function has settled: fixed from then on. */
  outcome: EncodedOutcome | null = null;
  /** Lines of rejections, for messages; not saved. */
  readonly #origins = new WeakMap<object, SourcePlace>();
  /** Of the operation that is being rejected: what is no object cannot be kept in the map. */
  #settling: SourcePlace | undefined;
  /** What a step gave that could not be copied, and entered as it is: the text of the step, for messages. */
  #uncopied: WeakMap<object, Given> | undefined = undefined;
  /** Set by a cancel. `swept`: promises that nothing can settle have been rejected too. */
  cancelled: { readonly reason: string | null; readonly swept: boolean } | null = null;
  /** Failures after the outcome was known: told, and without effect. */
  remarks: string[] = [];

  constructor(id: string, incarnation: string, host: VatHost, promises: RunPromises) {
    this.id = id;
    this.incarnation = incarnation;
    this.host = host;
    this.Promise = promises.Promise;
    this.#promises = promises;
  }

  /** What a step has given, and the objects in its properties: people take them out at once. */
  noteUncopied(value: object, step: string): void {
    this.#uncopied ??= new WeakMap();
    this.#uncopied.set(value, { step });
    if (this.host.isProxy?.(value)) return;
    for (const part of Object.keys(value)) {
      const held: unknown = Reflect.getOwnPropertyDescriptor(value, part)?.value;
      if (typeof held === "object" && held !== null && !this.#uncopied.has(held))
        this.#uncopied.set(held, { step, part });
    }
  }

  /** The step that gave this value, where it could not be copied. */
  givenBy(value: object): Given | undefined {
    return this.#uncopied?.get(value);
  }

  /** Registers an operation under the next number; the engine learns of it after the save. Told where an operand is being made. */
  makeOperation<T extends Operation>(build: (number: number) => T, target: Target, detail?: unknown): T {
    const operation = build(this.nextOperation++);
    if (this.making !== undefined) this.noteWhileMade(madeText(operation));
    this.pending.set(operation.number, new Pending(operation, target, detail));
    if (target.type === "promise") this.#promises.setOperation(target.promise, operation.number);
    return operation;
  }

  /** Ends an operation: settles its promise, or queues its callback. One that is gone is passed over. */
  settle(number: number, settled: Settled): void {
    const pending = this.pending.get(number);
    if (pending === undefined) return;
    this.pending.delete(number);
    const { target } = pending;
    if (target.type === "call") {
      this.enqueue({ type: "call", fn: target.fn, args: target.args });
      return;
    }
    this.#promises.setOperation(target.promise, undefined);
    if (settled.status === "fulfilled") this.resolve(target.promise, settled.value);
    else {
      const { where } = pending.operation;
      this.#cameFrom(settled.value, where);
      this.#promises.trace(this, target.promise, where, settled.value);
      this.#settling = where;
      this.reject(target.promise, settled.value);
      this.#settling = undefined;
    }
  }

  /** Takes an operation back, as `clearTimeout` does: nobody is told. */
  drop(number: number): void {
    const pending = this.pending.get(number);
    this.pending.delete(number);
    if (pending?.target.type === "promise") this.#promises.setOperation(pending.target.promise, undefined);
  }

  /** Is the operation kept whatever else reaches it? */
  isStrong({ operation, target }: Pending): boolean {
    if (operation.type === "step" || operation.type === "child" || target.type === "call") return true;
    return this.#promises.isObserved(target.promise);
  }

  /** Adds a job at the end of the queue. */
  enqueue(job: Job): void {
    this.jobs.push(job);
  }

  /** A pending durable promise of this run. Settle it with {@link resolve} and {@link reject}. */
  newPromise(): Promise<unknown> {
    return this.#promises.make(this);
  }

  /** Resolves as the promise's own resolving function does: thenables are adopted. Once; later calls do nothing. */
  resolve(promise: Promise<unknown>, value: unknown): void {
    this.#promises.resolve(promise, value);
  }

  reject(promise: Promise<unknown>, reason: unknown): void {
    this.#promises.reject(promise, reason);
  }

  /** The contract was broken: the turn ends here, whatever the durable code in between would catch. */
  fail(broken: PerdureError): never {
    this.poison ??= broken;
    throw broken;
  }

  /** The same, told by ordinary code outside any turn: the run ends at its next turn, and the engine is told now. */
  breakOutside(broken: PerdureError): void {
    this.poison ??= broken;
    this.host.broken?.(broken);
  }

  /** The run has done something while an operand was made that each attempt makes again. An operand that has been made before is another one then: the run stops (PD2220). */
  noteWhileMade(what: string): void {
    const making = this.making!;
    if (making.isFirst) {
      making.did ??= what;
      return;
    }
    this.making = undefined;
    this.fail(whileMade(this.place(), what));
  }

  /** The function on the stack and the given site's position; without one, the point where the function last waited. */
  place(at?: SiteOf): SourcePlace {
    const executing = this.executing;
    if (at !== undefined) {
      return {
        function: executing === undefined ? at.module.name : executing.code.name || "a function",
        file: at.module.meta.file,
        position: sitePosition(at),
      };
    }
    if (executing === undefined) return { function: "(job)", file: "", position: [0, 0] };
    const { code, frame, point: last } = executing;
    const point =
      code.kind === "machine" && frame !== undefined
        ? (code.points[String(frame.pc)] ?? code.points[String(last)])
        : undefined;
    return { function: code.name || "a function", file: code.module.meta.file, position: point ?? code.at };
  }

  /** Where a rejection was first seen: what it was is thrown on by others, which say nothing of their own. */
  originOf(reason: unknown): SourcePlace {
    const known = isObject(reason) ? this.#origins.get(reason) : undefined;
    return known ?? this.#cameFrom(reason, this.#settling ?? this.place());
  }

  #cameFrom(reason: unknown, place: SourcePlace): SourcePlace {
    if (isObject(reason) && place.file !== "") this.#origins.set(reason, place);
    return place;
  }

  /** A failure that comes too late to change anything. */
  remark(reason: unknown): void {
    this.remarks.push(textOf(reason));
  }

  /** After a load: operations in the order of their numbers, as they were made. */
  sortPending(): void {
    const sorted = [...this.pending].sort(([a], [b]) => a - b);
    this.pending.clear();
    for (const [number, one] of sorted) this.pending.set(number, one);
  }
}

const sitePosition = ({ module, site }: SiteOf): readonly [number, number] => {
  const at = module.meta.sites[site];
  return at === undefined ? [0, 0] : [at[0], at[1]];
};
