/** Objects that have private names of a class of which they are no instances: no save shows these, so such an object is refused. */
import { mayReturn } from "../codec/classes/ordinary-class.ts";
import { privatesOf, unseen } from "./privates.ts";
import { classOf } from "./prototypes.ts";

/**
 * Classes with private names of instances, as long as they live. Each save asks of all objects whether they have names of the `stamping`: a constructor
 * above one of these may return any object, which then gets the names (ECMA-262 10.2.2, 7.3.28). Of the others an object can only lose the prototype.
 */
const living: { readonly all: Set<WeakRef<Function>>; readonly stamping: Set<WeakRef<Function>> } = {
  all: new Set(),
  stamping: new Set(),
};

function mayStamp(constructor: Function): boolean {
  for (let base = Reflect.getPrototypeOf(constructor); typeof base === "function"; base = Reflect.getPrototypeOf(base))
    if (mayReturn(base)) return true;
  return false;
}

function lookAtUnseen(): void {
  for (const reference of unseen) {
    const constructor = reference.deref();
    if (constructor === undefined) continue;
    living.all.add(reference);
    if (mayStamp(constructor)) living.stamping.add(reference);
  }
  unseen.clear();
}

const isInstance = (value: object, constructor: Function): boolean => {
  for (let at = Reflect.getPrototypeOf(value); at !== null; at = Reflect.getPrototypeOf(at))
    if (classOf(at) === constructor) return true;
  return false;
};

/** The class whose private names an object has, although it is none of its instances. `seen`: it was no such object at an earlier save. */
export function strangeTo(value: object, seen: boolean): string | undefined {
  if (unseen.size > 0) lookAtUnseen();
  const classes = seen ? living.stamping : living.all;
  for (const reference of classes) {
    const constructor = reference.deref();
    if (constructor === undefined) {
      classes.delete(reference);
      continue;
    }
    if (privatesOf(constructor)?.has(value) && !isInstance(value, constructor))
      return constructor.name || "(anonymous)";
  }
  return undefined;
}
