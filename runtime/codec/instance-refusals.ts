/** Why an instance of an ordinary class cannot be saved, and how to mend it: by what can be seen of it. */
import { type Hidden, hiddenStateOf, type IsWhole, unclearBaseOf } from "./classes/ordinary-class.ts";
import { ordinaryClassOf } from "./properties.ts";

/** `Symbol.toStringTag` or the class's name, whichever says more, without running accessors of the value. */
export function classNameOf(value: object): string {
  for (let at: object | null = value; at !== null; at = Reflect.getPrototypeOf(at)) {
    const tag: unknown = Reflect.getOwnPropertyDescriptor(at, Symbol.toStringTag)?.value;
    if (typeof tag === "string" && at !== value) return tag;
    const made: unknown = Reflect.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof made === "function" && made.name && at !== value) return made.name;
  }
  return "Object";
}

/** The class of an instance of an ordinary class, if it is one: its prototype, or the instance itself (`big.js`), says which. */
function classOf(value: object): Function | undefined {
  const prototype = Reflect.getPrototypeOf(value);
  if (prototype === null) return undefined;
  const made: unknown = Reflect.getOwnPropertyDescriptor(value, "constructor")?.value;
  const isItsClass = typeof made === "function" && made.prototype === prototype;
  return ordinaryClassOf(prototype) ?? (isItsClass ? made : undefined);
}

/** How durable code comes to a class or a prototype, `dayjs.prototype`; undefined: not at all. */
export type PathOf = (of: object) => string | undefined;

const HIDDEN: { readonly [hidden in Hidden]: string } = {
  private: "which has private fields or methods",
  "built-in": "which extends a built-in that keeps data of its own",
  unclear: "whose text does not show that its own properties are its whole state",
};

/** Well-known classes of values: by what their instances have, the codec to write. */
const codecs: readonly (readonly [mark: string, codec: string])[] = [
  ["$isDayjsObject", 'codec(dayjs, { tag: "dayjs" })'],
  [
    "isLuxonDateTime",
    'codec(DateTime, { tag: "DateTime", encode: (d) => ({ ms: d.toMillis(), zone: d.zoneName! }), decode: ({ ms, zone }) => DateTime.fromMillis(ms, { zone }) })',
  ],
  [
    "isLuxonDuration",
    'codec(Duration, { tag: "Duration", encode: (d) => d.toObject(), decode: (units) => Duration.fromObject(units) })',
  ],
  [
    "isLuxonInterval",
    'codec(Interval, { tag: "Interval", encode: (i) => ({ start: i.start!, end: i.end! }), decode: ({ start, end }) => Interval.fromDateTimes(start, end) })',
  ],
  [
    "_isAMomentObject",
    'codec(moment, { tag: "moment", encode: (m) => m.toISOString(true), decode: (text) => moment.parseZone(text) })',
  ],
];

/** Those that stand in for Temporal keep what they are in a WeakMap, and all of them are told by their text. */
const codecOfTemporal = (name: string): string | undefined =>
  /^Temporal\.\w+$/.test(name)
    ? `codec(${name}, { tag: "${name}", encode: String, decode: (text) => ${name}.from(text) })`
    : undefined;

/** Why, what to do, and whether that is said before all else, also of what a step gave: as a rule only its data is wanted. */
export type Refused = readonly [why: string, mend: string, isFirst?: boolean];

export function whyNotInstance(value: object, pathOf: PathOf, isWhole: IsWhole): Refused {
  const of = classOf(value);
  const found = of && (pathOf(of) ?? pathOf(of.prototype)?.replace(/\.prototype$/, ""));
  // `client.constructor`: how its class is found is no name for it.
  const path = found?.endsWith(".constructor") ? undefined : found;
  const name = path ?? (of?.name || classNameOf(value));
  const hidden = of && hiddenStateOf(of, isWhole);
  const instance = `it is an instance of the ordinary class ${name}`;
  const short = name.replace(/^.*[.\]]/, "") || "Value";
  const host = short.replace(/^_*([A-Z])/, (_, first: string) => first.toLowerCase());
  const kept = `bind it at module level, provide it (createEngine({ provide: { ${host} } })), or make and use it inside one step(async () => …)`;
  const unclear = hidden === "unclear" ? unclearBaseOf(of!) : undefined;
  const base = unclear === undefined || isWhole(unclear) ? undefined : unclear.name;
  const whose = base
    ? `whose base class ${base} does not show in its text that own properties are the whole state`
    : undefined;
  const why = `${instance}, ${hidden === undefined ? "to which no import of durable code leads" : (whose ?? HIDDEN[hidden])}`;
  const known =
    codecs.find(([mark]) => mark in value)?.[1] ??
    codecOfTemporal(classNameOf(value)) ??
    (isKnownByClass(value) ? `codec(${name})` : undefined);
  if (known) return [why, `createEngine({ store, codecs: [${known}] })`, true];
  const held = ofProcessBelow(value, pathOf);
  if (held !== undefined) return [`${instance}, and it holds what belongs to this process, at ${held}`, kept];
  if (isEnded(value)) return [`${instance}, which is ended by a call of its own`, ENDED, true];
  const durable = 'put "use durable" at the top of the file that declares the class';
  const written = `codec(${name}, { tag: "${short}", encode: (it) => …, decode: (data) => … })`;
  const needsData = hidden === "private" || hidden === "built-in";
  const register = needsData
    ? written
    : base
      ? `codec(${base}) if own properties are all that it and what extends it have, else ${written}`
      : `codec(${name}) if its own properties are all of it, else ${written}`;
  const asValue =
    hidden === undefined
      ? "import the class in durable code, or export it from a module of your own that durable code imports from"
      : `${durable}, or, for a class of a package, createEngine({ store, codecs: [${register}] })`;
  const data = isMethod(value, "toObject") ? "keep its data, which toObject() gives; or " : "";
  if (!needsData && isFlat(value)) return [why, `${data}${asValue}`, path !== undefined];
  return [why, `${data}if it is a value: ${asValue}; if it is a client, a service or a logger: ${kept}`];
}

/** `bson` and `decimal.js`, and what is made of that (Prisma's `Decimal`): all that an instance has stands in its properties. */
const isKnownByClass = (value: object): boolean =>
  "_bsontype" in value || /^(?:\[object )?Decimal\]?$/.test(String(Reflect.get(value, Symbol.toStringTag)));

/** Own data properties; which class it is of says nothing of what an instance is. */
const dataIn = (value: object): [key: string, held: unknown][] =>
  Object.entries(Object.getOwnPropertyDescriptors(value)).flatMap(([key, property]) =>
    key === "constructor" || !("value" in property) ? [] : [[key, property.value]],
  );

const isPlain = (value: object): boolean =>
  Array.isArray(value) || [Object.prototype, null].includes(Reflect.getPrototypeOf(value));

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null;

/** It has nothing but primitives, and lists and records of them: certainly a value. */
function isFlat(value: object, depth = 3): boolean {
  const data = dataIn(value);
  return (
    data.length > 0 &&
    data.every(([, held]) =>
      isObject(held)
        ? depth > 0 && isPlain(held) && (dataIn(held).length === 0 || isFlat(held, depth - 1))
        : typeof held !== "function",
    )
  );
}

/** As deep as this below an instance it is looked at what it holds, and at as many objects. */
const HELD_DEPTH = 3;
const MAX_HELD = 300;

/** A client, an emitter, a function in its properties to which no name leads, with the path to it: `.queue (an event emitter)`. */
function ofProcessBelow(value: object, pathOf: PathOf): string | undefined {
  const seen = new Set<object>([value]);
  let level: [path: string, at: object][] = [["", value]];
  for (let depth = 0; depth < HELD_DEPTH; depth++) {
    const next: [string, object][] = [];
    for (const [path, at] of level)
      for (const [key, held] of dataIn(at)) {
        const isFunction = typeof held === "function";
        if (!(isObject(held) || isFunction) || seen.has(held) || seen.size > MAX_HELD) continue;
        seen.add(held);
        if (pathOf(held) !== undefined) continue;
        const step = Array.isArray(at) ? `[${key}]` : `.${key}`;
        if (isFunction) return `${path}${step} (a function)`;
        const why = whyNotService(held)?.[0];
        if (why !== undefined) return `${path}${step} (${why.replace(/^it is /, "").replace(/,.*$/s, "")})`;
        next.push([path + step, held]);
      }
    level = next;
  }
  return undefined;
}

/** What every schema of a library that keeps to Standard Schema has: zod, valibot, arktype. */
const isSchema = (value: object): boolean => "~standard" in value;

const SCHEMA: readonly [why: string, mend: string] = [
  "it is a schema of a library, which is made of ordinary functions",
  "declare it at module level, or make it where it is used",
];

const CONNECTION =
  "make, connect, use and end it inside one step: await step(async () => { … }); bind one that all runs may share, a pool as a rule, at module level; or make one for each run with resource(make, dispose)";

const ENDED =
  "make, use and end it inside one step: await step(async () => { … }); bind one that all runs may share at module level; or make one for each run with resource(make, dispose)";

const isEnded = (value: object): boolean =>
  ["close", "disconnect", "end", "quit"].some((name) => isMethod(value, name));

/** A client of a database, a queue, a mail server. */
const isConnection = (value: object): boolean => isMethod(value, "connect") && isEnded(value);

const LOGGER: readonly [why: string, mend: string] = [
  "it is a logger, whose destination belongs to this process",
  "bind it at module level, or make it where it is used (log.child(…).info(…))",
];

const EMITTER: readonly [why: string, mend: string] = [
  "it is an event emitter, whose listeners are functions of this process",
  "keep the listeners in an array of your own, make and use it inside one step(async () => …), or bind it at module level",
];

const responds = (value: object, names: readonly string[]): boolean => names.every((name) => isMethod(value, name));

/** What is told by what it can do, whatever its class. */
export function whyNotService(value: object): Refused | undefined {
  if (isSchema(value)) return SCHEMA;
  if (responds(value, ["info", "warn", "error", "debug"])) return LOGGER;
  if (isConnection(value))
    return [`it is a client (${classNameOf(value)}) that is connected and ended by calls of its own`, CONNECTION, true];
  // What has data to give is more than that.
  const isEmitter = responds(value, ["on", "emit", "removeListener"]) && !isMethod(value, "toObject");
  if (!isEmitter) return undefined;
  return isEnded(value)
    ? [`it is a ${classNameOf(value)} of this process, which is ended by a call of its own`, ENDED, true]
    : EMITTER;
}

/** Asks no accessor. */
function isMethod(value: object, name: string): boolean {
  for (let at: object | null = value; at !== null; at = Reflect.getPrototypeOf(at)) {
    const property = Reflect.getOwnPropertyDescriptor(at, name);
    if (property !== undefined) return typeof property.value === "function";
  }
  return false;
}

/**
 * For a function that ordinary code has put into something larger: who keeps that is told of it. `holders` are the objects around the function, the nearest first;
 * undefined: they are the program's own.
 */
export function whyNotHeld(
  holders: readonly object[],
  pathOf: PathOf,
): readonly [why: string, mend: string] | undefined {
  if (holders.some(isSchema)) return SCHEMA;
  const holder = holders.find((one) => classOf(one) !== undefined);
  if (holder === undefined) return undefined;
  return [
    `it is a function of ordinary code, in an instance of the ordinary class ${pathOf(classOf(holder)!) ?? classNameOf(holder)}`,
    "make that object at module level, or where it is used; or make and use it inside one step(async () => …)",
  ];
}
