/**
 * Drives a test as one run inside its realm. Between any two jobs the whole run is encoded, dropped, and decoded into fresh objects.
 * Objects that existed before are references, as hosts are that an engine provides.
 */
import { nameOfIntrinsic } from "perdure/internal/codec/intrinsics";
import { propertyPath } from "perdure/internal/codec/paths";
import { ecmaScriptGlobals } from "perdure/internal/codec/realm";
import { withPlatformBuiltIns } from "perdure/internal/machine/pristine";
import { DurablePromise } from "perdure/internal/machine/promise/durable-promise";
import { closureOf } from "perdure/internal/machine/stamp";
import { decodeOutcome } from "perdure/internal/machine/values";
import { Vat } from "perdure/internal/machine/vat";

/** What the saves of one test held. */
export interface Report {
  saves: number;
  /** Saves with a suspended function. */
  withFrame: number;
  /** Objects of the harness and the host that saves referred to. */
  readonly references: Set<string>;
}

export interface Surroundings {
  print(line: string): void;
  setTimeout(callback: () => void, ms: number): unknown;
  /** False: the run stays in memory. */
  saves?: boolean;
  /** Only the platform can tell a Proxy. */
  isProxy?: (value: object) => boolean;
}

const INSTALLED = { writable: true, enumerable: false, configurable: true };
const IDENTITY = { run: "test262", incarnation: "0123456789abcdef0123456789abcdef" };
/** A test that needs more is taken to be endless. */
const MOST_JOBS = 20_000;

export const report: Report = { saves: 0, withFrame: 0, references: new Set() };

export function drive(main: () => unknown, surroundings: Surroundings): void {
  // What `Promise` is in a run, for code that reads it as a property of the global object.
  Object.defineProperty(globalThis, "Promise", { value: DurablePromise, ...INSTALLED });
  let seed = 1;
  const host = {
    now: () => Date.now(),
    random: (bytes: number) =>
      Uint8Array.from({ length: bytes }, () => (seed = (seed * 48_271) % 2_147_483_647) & 0xff),
    after: (ms: number, run: () => void) => {
      let live = true;
      surroundings.setTimeout(() => live && run(), ms);
      return () => {
        live = false;
      };
    },
    provided: hostValues(globalThis),
    ...(surroundings.isProxy && { isProxy: surroundings.isProxy }),
  };
  let vat = Vat.create(host, { ...IDENTITY, fn: main, args: [] });
  let jobs = 0;
  const issued = new Set<number>();

  const runJobs = (): void => {
    while (vat.runOneJob()) {
      if (++jobs > MOST_JOBS) throw new Error(`endless: more than ${MOST_JOBS} jobs`);
      if (surroundings.saves === false) continue;
      const { text } = vat.save("base");
      withPlatformBuiltIns(() => look(text));
      vat = Vat.load(host, { ...IDENTITY, segments: [{ text }] });
    }
    withPlatformBuiltIns(issue);
  };
  /** Steps and timers are pending: the run goes on when one of them ends. */
  const issue = (): void => {
    for (const operation of vat.operations.values()) {
      const { number } = operation;
      if (issued.has(number)) continue;
      issued.add(number);
      if (operation.type === "step")
        vat
          .attempt(number)
          .settled.then((settlement) => goOn(() => vat.deliver({ type: "step", operation: number, settlement })));
      else if (operation.type === "timer")
        surroundings.setTimeout(
          () => goOn(() => vat.deliver({ type: "timer", operation: number })),
          Math.max(0, operation.at - Date.now()),
        );
    }
  };
  const goOn = (deliver: () => void): void => {
    try {
      deliver();
      runJobs();
      tellFailure((text) => surroundings.print(`Test262:AsyncTestFailure:${text}`));
    } catch (thrown) {
      surroundings.print(`Test262:AsyncTestFailure:${String(thrown)}`);
    }
  };
  const tellFailure = (tell: (text: string, error: unknown) => void): void => {
    const outcome = vat.outcome();
    const decoded = outcome === null ? undefined : withPlatformBuiltIns(() => decodeOutcome(outcome, host));
    if (decoded !== undefined && "reason" in decoded) tell(String(decoded.reason), decoded.reason);
  };

  runJobs();
  tellFailure((_, error) => {
    throw error;
  });
}

const language = new Set([...ecmaScriptGlobals, "globalThis"]);

/** What a save holds: its frames, and the names that it refers to. */
function look(text: string): void {
  report.saves++;
  if (/\[\d+,"(frame|generator|generator-frame)",/.test(text)) report.withFrame++;
  const constants = JSON.parse(text).body.constants as readonly unknown[];
  const numbered = [...text.matchAll(/\["r",(\d+)\]/g)].map(([, number]) => String(constants[Number(number) + 1]));
  for (const name of [...[...text.matchAll(/\["r","((?:[^"\\]|\\.)*)"/g)].map(([, one]) => one), ...numbered]) {
    const [, root] = /^(?:[gs]et )?([%\w$]+)/.exec(name!) ?? [];
    const isHost = root !== undefined && root !== "perdure" && !root.startsWith("%") && !language.has(root);
    if (isHost) report.references.add(name!);
  }
}

/** Every object that the globals lead to, but for those of the language and the code of modules, which have names of their own. */
function hostValues(global: object): Record<string, unknown> {
  const found: Record<string, unknown> = Object.create(null);
  const seen = new Set<unknown>([global]);
  const queue: (readonly [path: string, value: object])[] = [["globalThis", global]];
  for (const [path, owner] of queue) {
    for (const key of Reflect.ownKeys(owner)) {
      // The runtime's own values are named by the runtime.
      if (owner === global && key === "__perdure__") continue;
      const name = owner === global ? String(key) : propertyPath(path, key);
      const { value, get, set } = Reflect.getOwnPropertyDescriptor(owner, key)!;
      if (name === undefined) continue;
      for (const held of [value, get, set]) {
        if (!isObject(held) || seen.has(held) || nameOfIntrinsic(held) !== undefined) continue;
        seen.add(held);
        if (closureOf(held) === undefined) found[name in found ? `${name}'` : name] = held;
        queue.push([name, held]);
      }
    }
    const prototype = Reflect.getPrototypeOf(owner);
    if (prototype !== null && !seen.has(prototype) && nameOfIntrinsic(prototype) === undefined) {
      seen.add(prototype);
      found[`${path}.__proto__`] = prototype;
      queue.push([`${path}.__proto__`, prototype]);
    }
  }
  return found;
}

const isObject = (value: unknown): value is object =>
  (typeof value === "object" && value !== null) || typeof value === "function";
