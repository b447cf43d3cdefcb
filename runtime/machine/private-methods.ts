/**
 * Private methods as values: `const m = this.#m`. Nothing outside of the class leads to one, so a class whose text reads them so hands them out; they are
 * the same for all instances (ECMA-262 7.3.27), and saved as class and name.
 */
import { constructInstance } from "./instances.ts";
import type { ClassCode, MethodCode } from "./registry.ts";
import { closureOf, stamp } from "./stamp.ts";

type Named = readonly (readonly [name: string, method: Function])[];

/** As a class registers them. */
export interface PrivateMethods {
  /** Those of instances, read from one. */
  readonly own?: (instance: object) => Named;
  readonly statics?: () => Named;
}

const registered = new WeakMap<Function, PrivateMethods>();
const byClass = new WeakMap<Function, ReadonlyMap<string, Function>>();

export const registerPrivateMethods = (constructor: Function, methods: PrivateMethods): void =>
  void registered.set(constructor, methods);

/** The private method of that name which the class has handed out. */
export const privateMethodOf = (constructor: unknown, name: unknown): Function | undefined =>
  typeof constructor === "function" && typeof name === "string" ? byClass.get(constructor)?.get(name) : undefined;

/** Marks the private methods of a class that is complete. Those of a class over ordinary code are left alone: an instance would run that. */
export function markPrivateMethods(constructor: Function): void {
  const methods = registered.get(constructor);
  const code = closureOf(constructor)?.code;
  if (methods === undefined || code?.kind !== "class") return;
  const found = new Map<string, Function>();
  const mark = (list: Named, onClass: boolean): void => {
    list.forEach(([key, fn]) => {
      found.set(key, fn);
      if (closureOf(fn) === undefined) stamp(fn, methodCode(constructor, code, key, onClass), []);
    });
  };
  if (methods.statics) mark(methods.statics(), true);
  const instance = methods.own && constructInstance(constructor);
  if (instance !== undefined) mark(methods.own!(instance), false);
  byClass.set(constructor, found);
}

function methodCode(home: Function, of: ClassCode, key: string, onClass: boolean): MethodCode {
  const { id, fingerprint, digest, module, at } = of;
  return {
    kind: "method",
    id,
    fingerprint,
    digest,
    module,
    at,
    name: `${of.name}.${key}`,
    home,
    onClass,
    key,
    part: PRIVATE,
  };
}

/** The part of a {@link MethodCode} that is none of a property. */
export const PRIVATE = "private";
