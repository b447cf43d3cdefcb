/** Generator functions (ECMA-262 27.3, 27.4): what they look like, and what a call of one does. */
import type { Frame } from "../../abi/index.ts";
import { isObject } from "../../codec/objects.ts";
import { currentRun } from "../current-run.ts";
import { type GeneratorKind, giveParent } from "../function-parents.ts";
import { privateField } from "../private-field.ts";
import { constants } from "../references.ts";
import { isListed, type MachineCode } from "../registry.ts";
import { AsyncGeneratorDriver, asyncGeneratorObject } from "./async-generator.ts";
import { AsyncGeneratorPrototype } from "./async-prototype.ts";
import { GeneratorDriver, GeneratorPrototype, generatorObject } from "./generator.ts";
import { advance, taken } from "./suspended.ts";

export const intrinsicPrototype = { sync: GeneratorPrototype, async: AsyncGeneratorPrototype } as const;

/** On the `prototype` objects of generator functions, which no constructor leads to. */
const kinds = privateField<GeneratorKind>();

/** Of which kind of generator function is this object the `prototype`, as it was made? */
export const prototypeKindOf = kinds.of;

export function newPrototype(kind: GeneratorKind): object {
  const prototype = Object.create(intrinsicPrototype[kind]) as object;
  kinds.put(prototype, kind);
  return prototype;
}

const NAMES: Readonly<Record<GeneratorKind, string>> = { sync: "generator:", async: "async-generator:" };

/** Functions of the module level and methods have one `prototype` for each code, which is saved by name: `generator:src/pages.ts#pages`. */
function prototypeOfCode(id: string, kind: GeneratorKind): object {
  const name = NAMES[kind] + id;
  if (!constants.values.has(name)) constants.put(name, newPrototype(kind));
  return constants.values.get(name) as object;
}

/** The `prototype` of that name; undefined: it is no such name, or its function is not linked here. */
export function resolvePrototype(name: string): object | undefined {
  const kind = name.startsWith(NAMES.sync) ? "sync" : name.startsWith(NAMES.async) ? "async" : undefined;
  if (kind === undefined) return undefined;
  const id = name.slice(NAMES[kind].length);
  return isListed(id) ? prototypeOfCode(id, kind) : undefined;
}

/** Gives a function what generator functions have: their prototype object, and the `prototype` that their generators get. */
export function dressed<F extends Function>(fn: F, kind: GeneratorKind, id?: string): F {
  giveParent(fn, kind);
  const value = id === undefined ? newPrototype(kind) : prototypeOfCode(id, kind);
  // A hoisted declaration has one already, which cannot be defined anew; it can be assigned.
  Reflect.defineProperty(fn, "prototype", { value, writable: true });
  return fn;
}

/**
 * A call (EvaluateGeneratorBody, 15.5.2; EvaluateAsyncGeneratorBody, 15.6.2): binds the parameters, whose errors are thrown here, and gives the object.
 * `fn`: the function itself, where its code does not tell.
 */
export function enterGenerator(code: MachineCode, kind: GeneratorKind, frame: Frame, fn: unknown): object {
  const driver =
    kind === "sync"
      ? new GeneratorDriver(code, frame, currentRun())
      : new AsyncGeneratorDriver(code, frame, currentRun());
  advance(driver, undefined);
  taken(frame);
  const made = (fn ?? code.instance) as { readonly prototype?: unknown } | undefined;
  const own = made === undefined ? prototypeOfCode(code.id, kind) : made.prototype;
  const prototype = isObject(own) ? own : intrinsicPrototype[kind];
  return driver instanceof GeneratorDriver
    ? generatorObject(driver, prototype)
    : asyncGeneratorObject(driver, prototype);
}
