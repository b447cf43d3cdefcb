/** Instances of durable classes: what they are instances of, and how one is made without user code. How they are saved stands in `kinds/instance.ts`. */
import { nameOfIntrinsic } from "../codec/intrinsics.ts";
import { ownPrototypeOf } from "../codec/properties.ts";
import { hasDefinedParent } from "./class-members.ts";
import { classOf } from "./prototypes.ts";
import { revive } from "./reviving.ts";
import { closureOf } from "./stamp.ts";

/** What an instance is an instance of. */
export interface InstanceChain {
  /** Durable classes, derived first. */
  readonly classes: readonly Function[];
  /** The durable function that they extend, from before there were classes: `function EventEmitter() { … }`. All it gives an instance is properties. */
  readonly base: Function | undefined;
  /** The prototype of the built-in that they extend. */
  readonly builtIn: object | undefined;
}

/** What a prototype's chain is made of; undefined when it has no durable class, or leaves durable code for an ordinary one. */
export function chainOf(prototype: object | null): InstanceChain | undefined {
  const classes: Function[] = [];
  let at = prototype;
  for (; at !== null; at = Reflect.getPrototypeOf(at)) {
    const constructor = classOf(at);
    if (constructor === undefined) break;
    classes.push(constructor);
  }
  if (classes.length === 0) return undefined;
  // What a function makes of an instance is properties, whatever its prototype is: that may have been exchanged.
  const base = functionUnder(classes.at(-1)!);
  for (; at !== Object.prototype && at !== null; at = Reflect.getPrototypeOf(at)) {
    if (nameOfIntrinsic(at) !== undefined) return { classes, base, builtIn: at };
    if (base === undefined || classOf(at) !== undefined) return undefined;
  }
  return { classes, base, builtIn: undefined };
}

function functionUnder(constructor: Function): Function | undefined {
  const heritage = Reflect.getPrototypeOf(constructor);
  return closureOf(heritage)?.code.kind === "function" ? (heritage as Function) : undefined;
}

/** The class and those that it extends, as they were defined; undefined: the program has changed what one of them extends, or they go back to ordinary code. */
export function constructorsOf(constructor: Function): InstanceChain | undefined {
  const classes: Function[] = [];
  let at: unknown = constructor;
  for (; closureOf(at)?.code.kind === "class"; at = Reflect.getPrototypeOf(at as Function)) {
    if (!hasDefinedParent(at as Function)) return undefined;
    classes.push(at as Function);
  }
  if (classes.length === 0) return undefined;
  const base = functionUnder(classes.at(-1)!);
  if (base !== undefined || at === Function.prototype) return { classes, base, builtIn: undefined };
  const builtIn = typeof at === "function" && nameOfIntrinsic(at) !== undefined ? ownPrototypeOf(at) : undefined;
  return typeof builtIn === "object" && builtIn !== null ? { classes, base, builtIn } : undefined;
}

/** What constructed an object between whose prototypes others have been put: its classes are not found by them alone. */
export interface Displaced {
  readonly constructor: Function;
  readonly chain: InstanceChain;
}

/**
 * The same of an object that has private names although its prototypes are not those of its classes one after the other. Undefined: it has none; null: no class here
 * makes an object with just these.
 */
export function displaced(
  value: object,
  hasNames: (constructor: Function) => boolean | undefined,
): Displaced | null | undefined {
  const found: Function[] = [];
  for (let at = Reflect.getPrototypeOf(value); at !== null; at = Reflect.getPrototypeOf(at)) {
    const constructor = classOf(at);
    if (constructor !== undefined) found.push(constructor);
  }
  const named = found.filter((one) => hasNames(one) === true);
  if (named.length === 0) return undefined;
  for (const constructor of found) {
    const chain = constructorsOf(constructor);
    if (chain?.classes.every((one) => hasNames(one) !== false) && named.every((one) => chain.classes.includes(one)))
      return { constructor, chain };
  }
  return null;
}

/** In place of a function that classes extend: its own text would run. */
function Nothing(): void {}

/** Makes an instance with its private names, and runs no user code. */
export function construct({ classes, base }: InstanceChain): object {
  const make = () => revive(() => Reflect.construct(classes[0]!, []) as object);
  if (base === undefined) return make();
  const last = classes.at(-1)!;
  Object.setPrototypeOf(last, Nothing);
  try {
    return make();
  } finally {
    Object.setPrototypeOf(last, base);
  }
}

/** An instance with its private names, made without user code; undefined: the class is over ordinary code. */
export function constructInstance(constructor: Function): object | undefined {
  const chain = chainOf(constructor.prototype as object);
  return chain && construct(chain);
}
