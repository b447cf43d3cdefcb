/** Why a value cannot be saved, and how to mend it: for values that no kind takes. */

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
    /^URLSearchParams$/,
    "it may be a part of a URL that would no longer follow it",
    "keep the URL, or the text of the parameters",
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

/** `Symbol.toStringTag` or the class's name, whichever says more, without running accessors of the value. */
function classNameOf(value: object): string {
  for (let at: object | null = value; at !== null; at = Reflect.getPrototypeOf(at)) {
    const tag: unknown = Reflect.getOwnPropertyDescriptor(at, Symbol.toStringTag)?.value;
    if (typeof tag === "string" && at !== value) return tag;
    const made: unknown = Reflect.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof made === "function" && made.name && at !== value) return made.name;
  }
  return "Object";
}

function whyNotFunction(fn: Function): readonly [why: string, mend: string] {
  const { name } = fn;
  if (name.startsWith("bound "))
    return [`${name} is a bound function, which hides what it is bound to`, "use an arrow function"];
  return [
    `${name ? `function ${name}` : "a function"} is ordinary code that no module binding or provided host leads to`,
    "import it (with a static import), declare it at module level, or make its file durable",
  ];
}

export function whyNot(value: object, isProxy: boolean): readonly [why: string, mend: string] {
  if (isProxy)
    return [
      "it is a Proxy, whose handler cannot be saved",
      "keep its target, and make the proxy again where it is used",
    ];
  if (typeof value === "function") return whyNotFunction(value);
  if (Reflect.getPrototypeOf(value) === null && Reflect.get(value, Symbol.toStringTag) === "Module")
    return [
      "it is the namespace of a module that import() has loaded, which has no name that another process knows",
      "use a static import, or call import() inside step()",
    ];
  const name = classNameOf(value);
  const brand = brands.find(([pattern]) => pattern.test(name));
  if (brand) return [brand[1], brand[2]];
  return [
    `it is an instance of the ordinary class ${name}`,
    `register codec(${name}, { tag, encode, decode }), provide it to the engine, or make it again where it is used`,
  ];
}
