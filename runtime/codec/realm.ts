/** What the standard says a realm has, as lists of names; {@link file://./intrinsics.ts} finds the values. */

const words = (text: string): readonly string[] => text.trim().split(/\s+/);

/** ECMA-262 clause 19 with annex B, and ECMA-402. Absent ones are passed over. */
export const ecmaScriptGlobals = words(`
  Object Function Array String Number Boolean Symbol BigInt Math JSON Reflect Proxy Date RegExp Map Set WeakMap WeakSet WeakRef
  FinalizationRegistry Promise Iterator ArrayBuffer SharedArrayBuffer DataView Atomics Int8Array Uint8Array Uint8ClampedArray
  Int16Array Uint16Array Int32Array Uint32Array BigInt64Array BigUint64Array Float16Array Float32Array Float64Array
  Error AggregateError EvalError RangeError ReferenceError SuppressedError SyntaxError TypeError URIError
  DisposableStack AsyncDisposableStack Temporal Intl
  eval isFinite isNaN parseFloat parseInt decodeURI decodeURIComponent encodeURI encodeURIComponent escape unescape`);

/** Globals that are accessors and may be read without loading anything or printing a warning. */
export const accessorGlobals: ReadonlySet<string> = new Set(["process", "Buffer", "performance"]);

/** Accessors whose first read takes milliseconds: read when something is looked for that only they can be. */
export const lateGlobals: ReadonlySet<string> = new Set(["crypto"]);

/** Values that only an accessor of such a global's class leads to: named by the path that people write. */
export const accessorValues: readonly (readonly [global: string, key: string])[] = [["crypto", "subtle"]];

/** Functions of the platform that only compute: a call of one stays inside the turn. */
export const pureFunctions = {
  names: words("structuredClone atob btoa crypto.randomUUID crypto.getRandomValues performance.now"),
  /** All functions of these and of their prototypes. */
  classes: words("URL URLSearchParams TextEncoder TextDecoder Headers DOMException Buffer"),
  /** `name` of those that only {@link lateGlobals} lead to. */
  late: new Set(words("randomUUID getRandomValues")) as ReadonlySet<string>,
} as const;

/** Intrinsics that no global leads to (ECMA-262 table 6), found through syntax and through their instances. */
export function hiddenIntrinsics(): (readonly [string, object])[] {
  const prototypeOf = (value: object) => Reflect.getPrototypeOf(value)!;
  const arrayIterator = prototypeOf([].values());
  const strictArguments = (function () {
    // biome-ignore lint/suspicious/noRedundantUseStrict: bundles in CommonJS format (esbuild, tsx) run modules in sloppy mode
    "use strict";
    // biome-ignore lint/complexity/noArguments: only an arguments object leads to %ThrowTypeError%
    return arguments;
  })();
  const found: [string, object][] = [
    ["%TypedArray%", prototypeOf(Uint8Array)],
    ["%IteratorPrototype%", prototypeOf(arrayIterator)],
    ["%ArrayIteratorPrototype%", arrayIterator],
    ["%MapIteratorPrototype%", prototypeOf(new Map().entries())],
    ["%SetIteratorPrototype%", prototypeOf(new Set().entries())],
    ["%StringIteratorPrototype%", prototypeOf(""[Symbol.iterator]())],
    ["%RegExpStringIteratorPrototype%", prototypeOf("".matchAll(/(?:)/g))],
    ["%AsyncFunction.prototype%", prototypeOf(async () => {})],
    ["%GeneratorFunction.prototype%", prototypeOf(function* () {})],
    ["%AsyncGeneratorFunction.prototype%", prototypeOf(async function* () {})],
    ["%ThrowTypeError%", Reflect.getOwnPropertyDescriptor(strictArguments, "callee")!.get!],
  ];
  const asyncIterator = prototypeOf(prototypeOf(async function* () {}.prototype as object));
  found.push(["%AsyncIteratorPrototype%", asyncIterator]);
  const iterator = (globalThis as { Iterator?: { from?(of: object): object } }).Iterator;
  if (iterator?.from) {
    const wrapped = iterator.from({ next: () => ({ done: true, value: undefined }) });
    found.push(["%WrapForValidIteratorPrototype%", prototypeOf(wrapped)]);
    const mapped = (wrapped as { map?(f: (x: unknown) => unknown): object }).map?.((x) => x);
    if (mapped) found.push(["%IteratorHelperPrototype%", prototypeOf(mapped)]);
  }
  return found;
}
