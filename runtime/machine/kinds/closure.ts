/**
 * Durable functions and nested classes: `[code id, fingerprint, [captured…], own?, class?]`, with their own properties where there are any. Those of the
 * module level are saved by name and do not come here.
 */
import type { Encoder, Json } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import { encodeProperties, fillProperties } from "../../codec/properties.ts";
import { hasDefinedParent, integrityOf, isMember, setIntegrity } from "../class-members.ts";
import { hasUsualParent } from "../function-parents.ts";
import { printCode } from "../places.ts";
import { markPrivateMethods } from "../private-methods.ts";
import { ofModules, privatesOf, staticPrivatesOf } from "../privates.ts";
import { naturalPrototypeOf } from "../prototypes.ts";
import type { Code } from "../registry.ts";
import { revive } from "../reviving.ts";
import { RUNTIME } from "../runtime-code.ts";
import { BOUND, type Closure, closureOf, stamp } from "../stamp.ts";
import { OF_THE_MODULE } from "./cell.ts";
import { type KindContext, listOf } from "./context.ts";
import {
  fillMembers,
  isDefinedPrototype,
  isPristinePrototype,
  parentOf,
  removed,
  setParent,
  trimmed,
} from "./prototype.ts";

type Key = string | symbol;

/** One that was made outside of runs and has a name does not come here; without one, each load would make another. */
function refuseTheModules(fn: Function, { run }: KindContext, encoder: Encoder): void {
  if (run !== undefined && closureOf(fn)!.isOfModule) encoder.refuse(...OF_THE_MODULE);
}

const encodeCaptured = (code: Code, captured: readonly unknown[], encoder: Encoder): Json =>
  captured.map((value, i) => encoder.value(value, code.captures?.[i] ?? " (captured)"));

/** What every function of the code has by itself. */
const inherent = (key: Key) => key === "length" || key === "name" || key === "prototype";

/** Has it another name than its code gives it: a computed key's, or one that the user defined? */
const isRenamed = (fn: object, { name, module }: Code): boolean =>
  Reflect.getOwnPropertyDescriptor(fn, "name")?.value !== name && module.name !== RUNTIME;

/** What comes with the code. */
const given =
  (fn: object, code: Code) =>
  (key: Key): boolean =>
    key === "name"
      ? !isRenamed(fn, code)
      : key === "prototype"
        ? code.kind === "class" || naturalPrototypeOf(fn) !== undefined
        : inherent(key);

/** Is it what a revived function has, or gets with its prototype? An arrow's or a bound function's is like any other property. */
const inherentTo =
  (fn: object) =>
  (key: Key): boolean =>
    inherent(key) && (key !== "prototype" || Reflect.getOwnPropertyDescriptor(fn, key)?.configurable === false);

/** Has the function nothing but what its code gives it? What a generator function gives its generators is always told, since they tell it too. */
function isPristine(fn: object, code: Code): boolean {
  if (isRenamed(fn, code) || (code.kind === "machine" && code.generator !== undefined)) return false;
  const prototype = naturalPrototypeOf(fn);
  if (Reflect.ownKeys(fn).length !== (prototype === undefined ? 2 : 3) || !Reflect.isExtensible(fn)) return false;
  if (!hasUsualParent(fn as Function, code)) return false;
  return prototype === undefined || isPristinePrototype(prototype, fn as Function);
}

export const functionKind = kindOf<Function, KindContext>({
  tag: "closure",
  test: (value): value is Function => typeof value === "function" && isFunctionCode(closureOf(value)),
  // The runtime's own (a bound function, a resolver) say nothing, nor does what only its holder can mend: what holds them does.
  label(fn) {
    const { code, isOfModule } = closureOf(fn)!;
    return isOfModule || code.module.name === RUNTIME ? undefined : printCode(code);
  },

  fields(fn) {
    const { code, captured } = closureOf(fn)!;
    this.of.codes.add(code.digest);
    for (const value of captured) this.of.needs(value);
    return isPristine(fn, code) ? [code.digest, code.owner, ...captured] : undefined;
  },

  encode(fn, encoder) {
    refuseTheModules(fn, this.of, encoder);
    const { code, captured } = closureOf(fn)!;
    const head: Json[] = [code.id, code.fingerprint, encodeCaptured(code, captured, encoder)];
    const owner = code.owner === undefined ? [] : [encoder.value(code.owner, " (class)")];
    if (isPristine(fn, code)) return owner.length === 0 ? head : [...head, null, ...owner];
    const prototype = naturalPrototypeOf(fn);
    return [
      ...head,
      {
        own: encodeProperties(fn, given(fn, code), encoder),
        ...(prototype === undefined || isPristinePrototype(prototype, fn)
          ? {}
          : { prototype: encoder.value(prototype, ".prototype") }),
        ...(hasUsualParent(fn, code) ? {} : { parent: parentOf(fn, encoder) }),
        ...(Reflect.isExtensible(fn) ? {} : { fixed: integrityOf(fn)! }),
      },
      ...owner,
    ];
  },

  create(payload, decoder) {
    const [id, fingerprint, captured, , owner] = listOf(payload, decoder, "a closure");
    const code = this.of.code(["function", "machine"], [id, fingerprint, owner], decoder);
    if (code.make === undefined) return decoder.corrupt(`${code.id} makes no closures`);
    // What a closure captured existed before it did, so this comes to an end.
    const values = listOf(captured, decoder, "a closure").map((value) => decoder.value(value));
    const fn = Reflect.apply(code.make, undefined, values) as Function;
    return stamp(fn, code, values);
  },

  fill(fn, payload, decoder) {
    const [, , , shape] = listOf(payload, decoder, "a closure");
    if (shape === undefined || shape === null) return;
    if (!isJsonObject(shape)) return decoder.corrupt("a closure has no known form");
    fillProperties(fn, shape.own, inherentTo(fn), decoder);
    if (shape.prototype !== undefined) Reflect.set(fn, "prototype", decoder.value(shape.prototype));
    setParent(fn, shape.parent, decoder);
    if (shape.fixed !== undefined && !setIntegrity(fn, shape.fixed)) decoder.corrupt("a closure has no known form");
  },
});

const isFunctionCode = (closure: Closure | undefined): boolean =>
  closure?.code.kind === "function" || closure?.code.kind === "machine";

/**
 * While a class is made again, bound functions that it may extend have a prototype (ECMA-262 15.7.14, step 8): theirs is a property that may not be there yet, or a
 * getter. What the class's own prototype inherits from is told.
 */
function withBases<T>(captured: readonly unknown[], make: () => T): T {
  const bases = captured.filter((value): value is Function => closureOf(value)?.code.id === BOUND);
  const found = bases.map((base) => Reflect.getOwnPropertyDescriptor(base, "prototype"));
  for (const base of bases) Reflect.defineProperty(base, "prototype", { value: null, configurable: true });
  try {
    return make();
  } finally {
    bases.forEach((base, i) => {
      Reflect.deleteProperty(base, "prototype");
      if (found[i] !== undefined) Reflect.defineProperty(base, "prototype", found[i]);
    });
  }
}

/**
 * Classes nested in functions: `[code id, fingerprint, [captured…], own, private statics?, class?, prototype?, integrity?, parent?]`. Their static fields and
 * blocks are skipped while reviving: their values are saved.
 */
export const classKind = kindOf<Function, KindContext>({
  tag: "class",
  test: (value): value is Function => typeof value === "function" && closureOf(value)?.code.kind === "class",
  label: (fn) => printCode(closureOf(fn)!.code),

  encode(fn, encoder) {
    refuseTheModules(fn, this.of, encoder);
    const { code, captured } = closureOf(fn)!;
    const { owner } = code;
    const statics = staticPrivatesOf(fn);
    const isGiven = given(fn, code);
    this.of.codes.add(code.digest);
    return [
      code.id,
      code.fingerprint,
      encodeCaptured(code, captured, encoder),
      [...encodeProperties(fn, (key) => isGiven(key) || isMember(fn, fn, key), encoder), ...removed(fn, encoder)],
      ...trimmed([
        statics ? statics.get().map((value, i) => encoder.value(value, `.#${i}`)) : null,
        owner ? encoder.value(owner, " (class)") : null,
        isDefinedPrototype(fn) ? null : encoder.value(fn.prototype, ".prototype"),
        integrityOf(fn) ?? null,
        hasDefinedParent(fn) ? null : parentOf(fn, encoder),
      ]),
    ];
  },

  create(payload, decoder) {
    const [id, fingerprint, captured, , , owner] = listOf(payload, decoder, "a class");
    const code = this.of.code(["class"], [id, fingerprint, owner ?? undefined], decoder);
    const { make } = code;
    if (make === undefined) return decoder.corrupt(`${code.id} stands at module level`);
    const values = listOf(captured, decoder, "a class").map((value) => decoder.value(value));
    const made = stamp(
      withBases(values, () => revive(() => Reflect.apply(make, undefined, values) as Function)),
      code,
      values,
    );
    if (privatesOf(made) !== undefined) (this.of.run?.namingClasses ?? ofModules).add(made);
    markPrivateMethods(made);
    return made;
  },

  fill(fn, payload, decoder) {
    const [, , , own, statics, , prototype, level, parent] = listOf(payload, decoder, "a class");
    // What was done to it is its own; it is told by the class, since nothing else may lead to it.
    if (prototype !== undefined && prototype !== null && decoder.value(prototype) !== fn.prototype)
      decoder.corrupt("a class has the prototype of another");
    fillMembers(fn, fn, own, inherent, decoder);
    if (statics !== undefined && statics !== null) {
      const values = listOf(statics, decoder, "private static fields");
      staticPrivatesOf(fn)?.set(values.map((value) => decoder.value(value)));
    }
    setParent(fn, parent, decoder);
    if (level !== undefined && level !== null && !setIntegrity(fn, level)) decoder.corrupt("a class has no known form");
  },
});
