/** Methods and accessors as a class defines them: they come with its code. What was put beside, in place of or out of them is part of the run. */
import { hasUsualParent } from "./function-parents.ts";
import { classOf, ownerOf, registerPrototype } from "./prototypes.ts";
import type { MethodCode } from "./registry.ts";
import { closureOf } from "./stamp.ts";

type Key = string | symbol;

/** Methods and accessors, by the object that the class defined them on: the class itself, or its prototype. */
const defined = new WeakMap<object, ReadonlyMap<Key, PropertyDescriptor>>();

/** What it inherits from as its definition made it: of a class its heritage, of a class's prototype that one's. */
const heritages = new WeakMap<object, object | null>();

export function registerMembers(owner: Function, home: object, keys: readonly Key[]): void {
  heritages.set(home, Reflect.getPrototypeOf(home));
  if (home !== owner) registerPrototype(home, owner);
  const members = new Map<Key, PropertyDescriptor>();
  // Without iterators: a program may have replaced that of arrays.
  keys.forEach((key) => {
    members.set(key, Reflect.getOwnPropertyDescriptor(home, key)!);
  });
  defined.set(home, members);
}

/** Does it inherit from what its class definition gave it (ECMA-262 15.7.14), and gives it again when the class is revived? */
export function hasDefinedParent(home: object): boolean {
  const parent = Reflect.getPrototypeOf(home);
  if (parent !== heritages.get(home)) return false;
  const owner = classOf(home);
  const heritage = owner === undefined ? undefined : heritages.get(owner);
  const code = closureOf(heritage)?.code;
  // Functions revive with the prototype that they were made with, and get another one later.
  return code?.kind !== "function" || code.instance === heritage || (parent !== null && ownerOf(parent) === heritage);
}

/** The member as the class has defined it, whatever was put in its place since. */
export const memberOf = (home: object, key: Key): PropertyDescriptor | undefined => defined.get(home)?.get(key);

/** What every method has. */
export const inherentToMethod = (key: Key): boolean => key === "length" || key === "name";

/**
 * Has a method what its class gives it, and nothing else? What was done to methods of the module's classes is state of the module. The generators of a
 * generator method in a nested class lead to its `prototype`, so that is always told.
 */
export function isPristineMethod(fn: Function, code: MethodCode): boolean {
  const owner = closureOf(code.home)?.code;
  if (owner?.kind !== "class" || owner.make === undefined) return true;
  return Reflect.ownKeys(fn).every(inherentToMethod) && Reflect.isExtensible(fn) && hasUsualParent(fn, code);
}

/** Is the property what the class `owner` defined on this object? */
export function isMember(owner: Function, home: object, key: Key): boolean {
  const { value, get, set, enumerable, configurable, writable } = Reflect.getOwnPropertyDescriptor(home, key)!;
  const isOwn = (fn: unknown, part: string): boolean => {
    const code = closureOf(fn)?.code;
    return (
      code?.kind === "method" &&
      code.home === owner &&
      code.onClass === (home === owner) &&
      code.key === key &&
      code.part === part &&
      isPristineMethod(fn as Function, code)
    );
  };
  if (enumerable || !configurable || writable === false) return false;
  if (value !== undefined) return isOwn(value, "value");
  return (get !== undefined || set !== undefined) && (!get || isOwn(get, "get")) && (!set || isOwn(set, "set"));
}

/** Members that are gone. */
export const removedMembers = (home: object): Key[] =>
  [...(classOf(home) ? ["constructor"] : []), ...(defined.get(home)?.keys() ?? [])].filter(
    (key) => !Object.hasOwn(home, key),
  );

/** Its integrity level (ECMA-262 7.3.16), by the name of what sets it; undefined: it is extensible. */
export const integrityOf = (home: object): "freeze" | "seal" | "preventExtensions" | undefined =>
  Reflect.isExtensible(home)
    ? undefined
    : Object.isFrozen(home)
      ? "freeze"
      : Object.isSealed(home)
        ? "seal"
        : "preventExtensions";

/** The same from a saved run; false when that is no level. */
export function setIntegrity(home: object, level: unknown): boolean {
  if (level !== "freeze" && level !== "seal" && level !== "preventExtensions") return false;
  const set: (object: object) => unknown = Object[level];
  set(home);
  return true;
}
