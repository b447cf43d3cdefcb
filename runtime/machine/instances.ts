/** Instances of durable classes: what they are instances of, and how one is made without user code. How they are saved stands in `kinds/instance.ts`. */
import { nameOfIntrinsic } from "../codec/intrinsics.ts";
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
  const heritage = Reflect.getPrototypeOf(classes.at(-1)!);
  const base = closureOf(heritage)?.code.kind === "function" ? (heritage as Function) : undefined;
  for (; at !== Object.prototype && at !== null; at = Reflect.getPrototypeOf(at)) {
    if (nameOfIntrinsic(at) !== undefined) return { classes, base, builtIn: at };
    if (base === undefined || classOf(at) !== undefined) return undefined;
  }
  return { classes, base, builtIn: undefined };
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
