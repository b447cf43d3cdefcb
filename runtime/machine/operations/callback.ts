/** Ordinary functions given to built-ins: each of their calls is a call of the site, a step when its promise is wanted. */
import { isPure, resolveIntrinsic } from "../../codec/intrinsics.ts";
import { withPlatformBuiltIns } from "../pristine.ts";
import { isDurable } from "../stamp.ts";

const words = (text: string): readonly string[] => text.trim().split(/\s+/);
const methods = (owner: string, names: string): readonly string[] =>
  words(names).map((name) => `${owner}.prototype.${name}`);

/** Built-ins that call what they are given, and the arguments that they call. Others keep or compare functions: those must stay what they are. */
const CALLING: readonly (readonly [position: number, names: readonly string[]])[] = [
  [
    0,
    [
      ...methods(
        "Array",
        "every filter find findIndex findLast findLastIndex flatMap forEach map reduce reduceRight some sort toSorted",
      ),
      ...words(
        "every filter find findIndex findLast findLastIndex forEach map reduce reduceRight some sort toSorted",
      ).map((name) => `%TypedArray%.prototype.${name}`),
      ...methods("Iterator", "every filter find flatMap forEach map reduce some"),
      ...methods("Map", "forEach getOrInsertComputed"),
      ...methods("Set", "forEach"),
      ...methods("URLSearchParams", "forEach"),
      ...methods("Headers", "forEach"),
    ],
  ],
  [
    1,
    [
      "Array.from",
      "%TypedArray%.from",
      "Map.groupBy",
      "Object.groupBy",
      "JSON.parse",
      "JSON.stringify",
      ...methods("String", "replace replaceAll"),
    ],
  ],
];

/** Those of promises, whose callbacks' results are adopted: in promise position by themselves. */
const ADOPTING = words("then catch finally");

export interface CallingBuiltin {
  readonly positions: readonly number[];
  readonly promised: boolean;
}

const EVERY: CallingBuiltin = { positions: [0, 1], promised: true };
const FIRST: CallingBuiltin = { positions: [0], promised: true };

function makeTable(durablePromise: Function): Map<Function, CallingBuiltin> {
  const found = new Map<Function, CallingBuiltin>();
  for (const [position, names] of CALLING) {
    for (const name of names) {
      const fn = resolveIntrinsic(name);
      if (typeof fn === "function") found.set(fn, { positions: [position], promised: false });
    }
  }
  const fromAsync = resolveIntrinsic("Array.fromAsync");
  if (typeof fromAsync === "function") found.set(fromAsync, { positions: [1], promised: true });
  for (const promise of [Promise, durablePromise]) {
    const prototype = promise.prototype as Record<string, unknown>;
    for (const name of ADOPTING) if (typeof prototype[name] === "function") found.set(prototype[name], EVERY);
    const attempt = (promise as { try?: unknown }).try;
    if (typeof attempt === "function") found.set(attempt, FIRST);
  }
  return found;
}

/** Made on first use, when the realm is complete; by the run's `Promise`, whose methods belong to it. */
const tables = new WeakMap<Function, Map<Function, CallingBuiltin>>();

/** How a built-in calls its arguments; undefined: it calls none of them. */
export const callingBuiltin = (fn: Function, durablePromise: Function): CallingBuiltin | undefined => {
  if (!tables.has(durablePromise))
    tables.set(
      durablePromise,
      withPlatformBuiltIns(() => makeTable(durablePromise)),
    );
  return tables.get(durablePromise)!.get(fn);
};

/** Only ordinary functions are wrapped: durable and pure ones mean the same wherever they are called from. */
export const isOrdinary = (value: unknown): value is Function =>
  typeof value === "function" && !isDurable(value) && !isPure(value);

/** Methods of the run's promise, which are the language's own there. */
export const isPromiseMethod = (fn: Function, durablePromise: Function): boolean => {
  if (!methodsOf.has(durablePromise))
    methodsOf.set(
      durablePromise,
      withPlatformBuiltIns(() => promiseMethods(durablePromise)),
    );
  return methodsOf.get(durablePromise)!.has(fn);
};

const methodsOf = new WeakMap<Function, ReadonlySet<unknown>>();

function promiseMethods(promise: Function): ReadonlySet<unknown> {
  const found = new Set<unknown>([promise]);
  for (const owner of [promise, promise.prototype as object]) {
    for (const key of Reflect.ownKeys(owner)) found.add(Reflect.getOwnPropertyDescriptor(owner, key)?.value);
  }
  return found;
}
