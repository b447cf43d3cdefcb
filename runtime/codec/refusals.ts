/** Why a value cannot be saved, and how to mend it: for values that no kind takes. */
import type { IsWhole } from "./classes/ordinary-class.ts";
import { classNameOf, type PathOf, type Refused, whyNotInstance, whyNotService } from "./instance-refusals.ts";

/** For what is read once, from a connection of this process. */
const WHOLLY_READ =
  "make it and read (or write) it to the end inside one step, and keep what was read: await step(async () => { const source = …; return … })";

const brands: readonly (readonly [RegExp, why: string, mend: string])[] = [
  [
    /^Promise$/,
    "it is a promise of the platform, which nothing can resume",
    "await it inside a step(), or make it in durable code",
  ],
  [/^Weak(Map|Set)$/, "what a weak collection holds cannot be listed", "use a Map or Set"],
  [/^FinalizationRegistry$/, "finalization ends with the process", "release the resource in a finally block"],
  [/^SharedArrayBuffer$/, "shared memory belongs to one process", "copy it into an ArrayBuffer"],
  [
    /^(Blob|File)$/,
    "it was made by ordinary code in the turn, and its bytes can only be read asynchronously",
    "make it in durable code, or let a step return it",
  ],
  [
    /^(Request|Response)$/,
    "it was made by ordinary code in the turn, and its body can only be read asynchronously",
    "make it in durable code, or let a step return it; of a response keep the status and the body (await response.json())",
  ],
  [
    /^TextDecoder$/,
    "it was made by ordinary code, and may be in the middle of a stream",
    "make it in durable code, or bind it at module level",
  ],
  [
    /^CryptoKey$/,
    "it is a key of the platform, whose material can only be read asynchronously, if at all",
    'import and use it inside one step(async () => …); keep what it was made of, or await crypto.subtle.exportKey("jwk", key)',
  ],
  [
    /^(Hash|Hmac|Cipheriv|Decipheriv|Sign|Verify)$/,
    "its state is in native code, and cannot be read",
    "keep the parts in an array, and make it where they are all there: createHash(name).update(parts.join(…)).digest(); or use it inside one step(async () => …)",
  ],
  [
    /^(ReadableStream(?:DefaultReader|BYOBReader)?|WritableStream(?:DefaultWriter)?|TransformStream|Readable|Writable|Duplex|Transform|PassThrough|IncomingMessage)$/,
    "it is a stream, whose position belongs to this process",
    WHOLLY_READ,
  ],
  [
    /Generator$/,
    "it is a generator of ordinary code, whose position cannot be read",
    "collect its values into an array",
  ],
  [
    /Iterator( Helper)?$/,
    "it is an iterator of the platform, whose position cannot be read",
    "iterate in durable code, or collect its values into an array",
  ],
];

/** What every value of the package `effect` that can be run has: up to its version 3, and from 4 on. */
const EFFECT = [Symbol.for("effect/Effect"), "~effect/Effect"];

const AT_MODULE_LEVEL = "bind it at module level, provide it (createEngine({ provide: { … } }))";

/** What Node's `promisify` makes has itself under this. */
const PROMISIFIED = Symbol.for("nodejs.util.promisify.custom");

/** Own properties that are functions: `get`, `post` … of what `axios.create()` gives. */
const methodsOf = (fn: Function): readonly string[] =>
  Object.keys(fn).filter(
    (key) => key !== "constructor" && typeof Reflect.getOwnPropertyDescriptor(fn, key)!.value === "function",
  );

function whyNotFunction(fn: Function): readonly [why: string, mend: string] {
  const { name } = fn;
  const [first, second] = methodsOf(fn);
  if (second !== undefined)
    return [
      `it is a function with methods (${first}, ${second} …) that ordinary code made: a client, as a rule`,
      `${AT_MODULE_LEVEL}, or make and use it inside one step(async () => …)`,
    ];
  const text = Function.prototype.toString.call(fn);
  // What promisify and other wrappers make of a bound function has its name, and is none.
  if (name.startsWith("bound ") && /\[native code\]\s*\}$/.test(text))
    return [
      `${name} is a bound function that ordinary code made, which hides what it is bound to`,
      "bind it in durable code or at module level, or use an arrow function",
    ];
  if (Reflect.getOwnPropertyDescriptor(fn, PROMISIFIED)?.value === fn)
    return [
      `it is what promisify made of ${name || "a function"}, which no module binding or provided host leads to`,
      "make it at module level: const f = promisify(…)",
    ];
  if (/^[gs]et ./.test(name))
    return [
      `it is an accessor (${name}) of ordinary code, which no module binding or provided host leads to`,
      `keep what it gives at once: const { ${name.slice(4)} } = …`,
    ];
  if (
    name &&
    text
      .replace(/^async\s+/, "")
      .replace(/^\*\s*/, "")
      .startsWith(`${name}(`)
  )
    return [
      `function ${name} is a method of ordinary code, which no module binding or provided host leads to without its object`,
      `call it on its object, object.${name}(…), or use an arrow function that does; where the object itself is kept: a client, a store or a service is bound at module level, or provided; of your own code, put "use durable" at the top of the file that makes it; of what a library gave, keep only the data`,
    ];
  return [
    `${name ? `function ${name}` : "a function"} is ordinary code that no module binding or provided host leads to`,
    'import it (with a static import), make it, or the client or service that it is part of, at module level (const f = promisify(…)), or put "use durable" at the top of its file; if a package made it (a limiter, a queue), compile that package too, perdure({ include: ["node_modules/its-name/**"] }), or take one of perdure/patterns; of an object that a library gave, keep only the data',
  ];
}

/** Private names that a base class's `return` has put on an object, or of which a new prototype does not tell (ECMA-262 10.2.2, 7.3.28). */
export const whyStrange = (of: string): readonly [why: string, mend: string] => [
  `it has private names of the class ${of}, of which it is no instance`,
  "keep them in an instance of that class, which refers to the object",
];

const whyNotThenable = (name: string): Refused => [
  `it is a thenable of ordinary code (${name}), and nobody knows what it has begun`,
  "await it in the expression that makes it; or make it, and await it or what it is given to, in one step: await step(() => …)",
];

/** Of a proxy; its handler may throw whatever it likes. */
function isThenable(proxy: object): boolean {
  try {
    return typeof Reflect.get(proxy, "then") === "function";
  } catch {
    return false;
  }
}

/** `isDisguised`: with internal slots, but told to be something else by its prototype. */
export function whyNot(
  value: object,
  isProxy: boolean,
  isDisguised: boolean,
  pathOf: PathOf,
  isWhole: IsWhole,
): Refused {
  if (isProxy)
    return isThenable(value)
      ? whyNotThenable("Proxy")
      : [
          "it is a Proxy, whose handler cannot be saved",
          "keep its target, and make the proxy again where it is used; of what a library gave, keep the data, or make and use it inside one step(async () => …)",
        ];
  if (typeof value === "function") return whyNotFunction(value);
  if (isDisguised)
    return [
      "it is an object of a built-in class whose prototype was exchanged",
      "let it have the prototype of its class, or of a subclass",
    ];
  if (Reflect.getPrototypeOf(value) === null && Reflect.get(value, Symbol.toStringTag) === "Module")
    return [
      "it is the namespace of a module to which no string given to import() in durable code leads",
      "give import() a string, use a static import, or call import() inside step()",
    ];
  if (Symbol.asyncIterator in value && "next" in value)
    return ["it is an async iterator of ordinary code, whose position cannot be read", WHOLLY_READ];
  const name = classNameOf(value);
  const brand = brands.find(([pattern]) => pattern.test(name));
  if (brand) return [brand[1], brand[2]];
  if (EFFECT.some((key) => key in value))
    return [
      "it is an Effect, a description of work that is made of ordinary closures",
      "make and run it inside one step: await step(() => Effect.runPromise(…)); or make it in an ordinary module, and run it where it is written: await Effect.runPromise(program(…))",
    ];
  if ("then" in value) return whyNotThenable(name);
  const served = whyNotService(value);
  if (served !== undefined) return served;
  if (Symbol.asyncIterator in value)
    return [`it is an async iterable of ordinary code (${name}), which is read in this process`, WHOLLY_READ];
  return whyNotInstance(value, pathOf, isWhole);
}
