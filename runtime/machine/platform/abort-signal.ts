/**
 * `AbortController` and `AbortSignal` as durable code has them (DOM, 3.1 and 3.2): data of the run, whose listeners are called in the turn that
 * aborts. A step that is given such a signal gets one of the platform, which aborts with it.
 */
import { currentRun } from "../current-run.ts";
import { hex } from "../operations/hex.ts";
import { runtimeEntry } from "../operations/runtime-entry.ts";
import type { Run } from "../run.ts";
import { abortLinked, knowSignal } from "./linked-signals.ts";

type Listener = ((event: AbortEvent) => unknown) | { handleEvent(event: AbortEvent): unknown };

/** What a signal keeps: all of it savable. */
export interface SignalState {
  /** Tells the signal in the snapshots of steps. */
  readonly id: string;
  aborted: boolean;
  reason: unknown;
  onabort: unknown;
  listeners: { readonly listener: Listener; readonly once: boolean }[];
  /** Signals made of this one by `AbortSignal.any`: they abort with it. */
  dependents: DurableAbortSignal[];
}

/** The event that listeners get: what code reads of it. */
export class AbortEvent {
  readonly type = "abort";
  readonly target: DurableAbortSignal;
  readonly currentTarget: DurableAbortSignal;
  readonly isTrusted = true;
  constructor(target: DurableAbortSignal) {
    this.target = target;
    this.currentTarget = target;
  }
}

export class DurableAbortSignal {
  readonly #state: SignalState;

  constructor(state: SignalState) {
    this.#state = state;
  }

  static stateOf(signal: DurableAbortSignal): SignalState {
    return signal.#state;
  }

  static is(value: unknown): value is DurableAbortSignal {
    return typeof value === "object" && value !== null && #state in value;
  }

  get aborted(): boolean {
    return this.#state.aborted;
  }

  get reason(): unknown {
    return this.#state.reason;
  }

  get onabort(): unknown {
    return this.#state.onabort;
  }

  set onabort(listener: unknown) {
    this.#state.onabort = typeof listener === "function" ? listener : null;
  }

  throwIfAborted(): void {
    if (this.#state.aborted) throw this.#state.reason;
  }

  addEventListener(type: string, listener: Listener | null, options?: boolean | { once?: boolean }): void {
    if (type !== "abort" || listener === null || listener === undefined) return;
    const { listeners } = this.#state;
    if (listeners.some((known) => known.listener === listener)) return;
    listeners.push({ listener, once: typeof options === "object" && options.once === true });
  }

  removeEventListener(type: string, listener: Listener | null): void {
    if (type === "abort") this.#state.listeners = this.#state.listeners.filter((known) => known.listener !== listener);
  }

  get [Symbol.toStringTag](): string {
    return "AbortSignal";
  }
}

export class DurableAbortController {
  readonly #signal: DurableAbortSignal;

  constructor(signal: DurableAbortSignal) {
    this.#signal = signal;
  }

  static is(value: unknown): value is DurableAbortController {
    return typeof value === "object" && value !== null && #signal in value;
  }

  get signal(): DurableAbortSignal {
    return this.#signal;
  }

  abort(reason?: unknown): void {
    abortSignal(this.#signal, reason);
  }

  get [Symbol.toStringTag](): string {
    return "AbortController";
  }
}

const ID_BYTES = 8;

export function newSignal(run: Run): DurableAbortSignal {
  const id = hex(run.host.random(ID_BYTES));
  const signal = new DurableAbortSignal({
    id,
    aborted: false,
    reason: undefined,
    onabort: null,
    listeners: [],
    dependents: [],
  });
  knowSignal(run, signal, id);
  return signal;
}

/** Signal abort, DOM 3.2: the reason is set on it and its dependents first, then the listeners are called. Outside the run it does nothing. */
export function abortSignal(
  signal: DurableAbortSignal,
  reason: unknown = new DOMException("This operation was aborted", "AbortError"),
): void {
  const run = currentRun();
  if (run === undefined || signal.aborted) return;
  const abort = [...withDependents(signal)].filter((one) => !one.aborted);
  for (const one of abort) Object.assign(DurableAbortSignal.stateOf(one), { aborted: true, reason });
  for (const one of abort) {
    abortLinked(run, DurableAbortSignal.stateOf(one).id, reason);
    notify(run, one);
  }
}

function withDependents(
  signal: DurableAbortSignal,
  found = new Set<DurableAbortSignal>(),
): ReadonlySet<DurableAbortSignal> {
  if (found.has(signal)) return found;
  found.add(signal);
  for (const dependent of DurableAbortSignal.stateOf(signal).dependents) withDependents(dependent, found);
  return found;
}

function notify(run: Run, signal: DurableAbortSignal): void {
  const state = DurableAbortSignal.stateOf(signal);
  const event = new AbortEvent(signal);
  const { listeners, onabort } = state;
  state.listeners = listeners.filter(({ once }) => !once);
  for (const listener of [onabort, ...listeners.map((known) => known.listener)]) {
    try {
      if (typeof listener === "function") Reflect.apply(listener, signal, [event]);
      else (listener as { handleEvent(event: AbortEvent): unknown } | null)?.handleEvent(event);
    } catch (thrown) {
      if (run.poison !== undefined) throw run.poison;
      // On the platform an uncaught exception: the others are called all the same.
      run.enqueue({ type: "call", fn: rethrow, args: [thrown] });
    }
  }
}

const rethrow = runtimeEntry("AbortSignal/uncaught", (thrown: unknown): never => {
  throw thrown;
});

// Durable: what they are given stays in the run, where no type says so either.
for (const [of, name, keys] of [
  [
    DurableAbortSignal,
    "AbortSignal",
    ["aborted", "reason", "onabort", "addEventListener", "removeEventListener", "throwIfAborted"],
  ],
  [DurableAbortController, "AbortController", ["signal", "abort"]],
] as const) {
  for (const key of keys) {
    const { value, get, set, ...attributes } = Reflect.getOwnPropertyDescriptor(of.prototype, key)!;
    const path = `${name}.prototype.${key}`;
    // Outside a run the name stands for the platform's class, and so does its prototype.
    const entry = (at: string, own: Function, platforms: () => Function) =>
      runtimeEntry(
        at,
        Object.defineProperties(
          function (this: unknown, ...args: unknown[]): unknown {
            return Reflect.apply(of.is(this) ? own : platforms(), this, args);
          },
          { name: { value: own.name }, length: { value: own.length } },
        ),
      );
    const platform = () => descriptorOf(globalThis[name].prototype, key);
    Object.defineProperty(of.prototype, key, {
      ...attributes,
      enumerable: true,
      ...(value && { value: entry(path, value as Function, () => platform().value as Function) }),
      ...(get && { get: entry(`${path}/get`, get, () => platform().get!), set }),
      ...(set && { set: entry(`${path}/set`, set, () => platform().set!) }),
    });
  }
}

/** Of a property that it may inherit: signals of the platform have their listeners from `EventTarget`. */
function descriptorOf(of: object, key: string): PropertyDescriptor {
  let at: object | null = of;
  while (at !== null && !Object.hasOwn(at, key)) at = Reflect.getPrototypeOf(at);
  return Reflect.getOwnPropertyDescriptor(at!, key)!;
}
