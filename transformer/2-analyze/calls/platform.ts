/** The tables of names that the call table knows: platform functions with a durable form, pure ones, modules. */

/** Globals with a durable form, and the module of `perdure` that exports it under the same name. */
export const DURABLE_GLOBALS: ReadonlyMap<string, DurableModule> = new Map([
  ...[
    "Promise",
    "setTimeout",
    "clearTimeout",
    "setInterval",
    "clearInterval",
    "setImmediate",
    "clearImmediate",
    "queueMicrotask",
    "AbortController",
    "AbortSignal",
  ].map((name) => [name, "perdure/emitted"] as const),
  ...["Blob", "File", "FormData", "Request", "Response", "TextDecoder"].map(
    (name) => [name, "perdure/platform"] as const,
  ),
]);

/** `perdure/platform` is imported only by modules that use it. */
export type DurableModule = "perdure/emitted" | "perdure/platform";

/** Names of the global object. */
export const GLOBAL_OBJECTS: ReadonlySet<string> = new Set(["globalThis", "global", "window", "self"]);

/** Modules with a durable form. */
export const DURABLE_MODULES: ReadonlyMap<string, string> = new Map([
  ["node:timers", "perdure/timers"],
  ["timers", "perdure/timers"],
  ["node:timers/promises", "perdure/timers-promises"],
  ["timers/promises", "perdure/timers-promises"],
]);

/** Durable platform functions that call their first argument back. */
export const CALLING_BACK: ReadonlySet<string> = new Set([
  "setTimeout",
  "setInterval",
  "setImmediate",
  "queueMicrotask",
  "nextTick",
]);

/** Of these and of the durable modules, those that make an operation: stacks and reports name the line of the call. */
export const TIMER_MAKING: ReadonlySet<string> = new Set(["setTimeout", "setInterval", "setImmediate"]);

/** Functions of `perdure` that make an operation. */
export const OPERATION_MAKING: ReadonlySet<string> = new Set([
  "sleep",
  "token",
  "receive",
  "start",
  "step",
  "transaction",
]);

/** Functions of `perdure` whose callbacks run inside a step. */
export const VOLATILE_CALLBACKS: ReadonlySet<string> = new Set(["step", "transaction", "resource"]);

/** The runtime and its subpaths, `perdure/patterns` among them. */
export const PERDURE = /^perdure(\/|$)/;

/** Its functions check their options: reports name the line of the call. */
export const PATTERNS = "perdure/patterns";

/** Functions of `perdure` that take a promise as their first argument. */
export const PROMISE_TAKING: ReadonlySet<string> = new Set(["timeout"]);

/** `Promise` functions whose argument is an iterable of promises. */
export const COMBINATORS: ReadonlySet<string> = new Set(["all", "allSettled", "race", "any"]);

/** All functions of `Promise`, which its subclasses inherit. */
export const PROMISE_FUNCTIONS: ReadonlySet<string> = new Set([
  ...COMBINATORS,
  "resolve",
  "reject",
  "try",
  "withResolvers",
]);

export const PROMISE_METHODS: ReadonlySet<string> = new Set(["then", "catch", "finally"]);

/** Array methods that give the callback's results in an array. */
export const MAPPING: ReadonlySet<string> = new Set(["map", "flatMap"]);

/** Array methods whose result has the receiver's elements. */
export const ELEMENT_PRESERVING: ReadonlySet<string> = new Set([
  "concat",
  "filter",
  "flat",
  "reverse",
  "slice",
  "toReversed",
  "values",
]);

/** Methods that put their arguments into a built-in collection. */
export const COLLECTING: ReadonlySet<string> = new Set(["push", "unshift"]);

/** The same of all collections: what is put there stays in the run. */
export const STORING: ReadonlySet<string> = new Set([...COLLECTING, "set", "add"]);

/** Those that look for it there, or take it out. */
export const FINDING: ReadonlySet<string> = new Set(["has", "delete", "includes", "indexOf", "lastIndexOf"]);

/**
 * Global functions and namespaces (all of whose members) that run inside the turn: ECMAScript built-ins and platform functions
 * that are pure, or only read the process. `crypto.subtle` and others that give promises are not among them: the
 * runtime knows those that may run again.
 */
export const PURE_GLOBALS: ReadonlySet<string> = new Set([
  "Array",
  "ArrayBuffer",
  "Atomics",
  "BigInt",
  "Boolean",
  "Buffer",
  "DataView",
  "Date",
  "Intl",
  "Iterator",
  "JSON",
  "Map",
  "Math",
  "Number",
  "Object",
  "Proxy",
  "Reflect",
  "RegExp",
  "Set",
  "String",
  "Symbol",
  "Temporal",
  "WeakMap",
  "WeakRef",
  "WeakSet",
  "Error",
  "AggregateError",
  "EvalError",
  "RangeError",
  "ReferenceError",
  "SyntaxError",
  "TypeError",
  "URIError",
  "SuppressedError",
  "DOMException",
  "Int8Array",
  "Uint8Array",
  "Uint8ClampedArray",
  "Int16Array",
  "Uint16Array",
  "Int32Array",
  "Uint32Array",
  "Float16Array",
  "Float32Array",
  "Float64Array",
  "BigInt64Array",
  "BigUint64Array",
  "URL",
  "URLSearchParams",
  "Headers",
  "Request",
  "Response",
  "FormData",
  "Blob",
  "File",
  "TextEncoder",
  "TextDecoder",
  "Event",
  "EventTarget",
  "atob",
  "btoa",
  "console",
  "decodeURI",
  "decodeURIComponent",
  "encodeURI",
  "encodeURIComponent",
  "escape",
  "isFinite",
  "isNaN",
  "parseFloat",
  "parseInt",
  "performance",
  "structuredClone",
  "unescape",
]);

/** Members of pure namespaces and modules that yield promises all the same. */
export const YIELDING_MEMBERS: ReadonlySet<string> = new Set([
  "Array.fromAsync",
  "Atomics.waitAsync",
  "aborted",
  "doesNotReject",
  "rejects",
]);

/** Members of other global namespaces that are pure. */
export const PURE_MEMBERS: ReadonlyMap<string, ReadonlySet<string>> = new Map([
  ["crypto", new Set(["randomUUID", "getRandomValues"])],
  ["process", new Set(["cwd", "hrtime", "memoryUsage", "uptime", "cpuUsage", "emitWarning"])],
]);

/** Built-in functions that call an argument, and which. */
export const CALLBACK_ARGUMENT: ReadonlyMap<string, number> = new Map([
  ["Array.from", 1],
  ["Array.fromAsync", 1],
  ["JSON.parse", 1],
  ["JSON.stringify", 1],
  ["Map.groupBy", 1],
  ["Object.groupBy", 1],
]);

/** Methods of built-in instances that call an argument, and which. All others only read or store what they are given. */
export const CALLBACK_METHOD: ReadonlyMap<string, number> = new Map([
  ...[
    "every",
    "filter",
    "find",
    "findIndex",
    "findLast",
    "findLastIndex",
    "flatMap",
    "forEach",
    "map",
    "reduce",
    "reduceRight",
    "some",
    "sort",
    "toSorted",
  ].map((name) => [name, 0] as const),
  ["getOrInsertComputed", 1],
  ["replace", 1],
  ["replaceAll", 1],
]);

/** Modules all of whose functions are synchronous and call nothing back later. */
export const PURE_MODULES: ReadonlySet<string> = new Set(
  [
    "assert",
    "assert/strict",
    "os",
    "path",
    "path/posix",
    "path/win32",
    "punycode",
    "querystring",
    "url",
    "util",
  ].flatMap((name) => [name, `node:${name}`]),
);

/** Functions of other modules that are pure. */
export const PURE_IMPORTS: ReadonlyMap<string, ReadonlySet<string>> = new Map(
  [
    [
      "crypto",
      new Set(["randomUUID", "createHash", "createHmac", "timingSafeEqual", "getRandomValues", "hash"]),
    ] as const,
    ["buffer", new Set(["Buffer", "Blob", "File", "atob", "btoa"])] as const,
    ["process", new Set(["cwd", "hrtime", "memoryUsage", "uptime", "cpuUsage", "emitWarning"])] as const,
  ].flatMap(([name, members]) => [
    [name, members],
    [`node:${name}`, members],
  ]),
);

/**
 * Subclasses of `Promise` that start their work when they are made, by the name of their type: a call of such a type
 * is a step at the call, as with `Promise` itself. Every other subclass is taken to be lazy.
 */
export const EAGER_PROMISES: ReadonlyMap<string, string> = new Map([
  ["APIPromise", "OpenAI, Anthropic and other Stainless SDKs"],
  ["AxiosPromise", "axios"],
  ["Bluebird", "bluebird"],
  ["CancelableRequest", "got"],
  ["PCancelable", "p-cancelable"],
  ["ProcessPromise", "zx"],
  ["PromiseWithChild", "promisified child_process functions"],
  ["RequestPromise", "request-promise"],
  ["ResponsePromise", "ky"],
  ["ResultPromise", "execa"],
]);

/** Types of packages whose values belong to a connection or descriptor of this process, streams and answers apart, which are known by their members. */
export const LIVE_TYPES: ReadonlyMap<string, string> = new Map([
  ["FileHandle", "node:fs/promises"],
  ["PoolClient", "pg"],
  ["PoolConnection", "mysql2"],
]);

/** The method by which a client that is made first is connected: until it is ended, it is one connection of this process. */
export const CONNECTING = "connect";

/** By which such a client is ended, and others that connect by themselves. */
export const ENDING: readonly string[] = ["$disconnect", "close", "disconnect", "end", "quit"];
