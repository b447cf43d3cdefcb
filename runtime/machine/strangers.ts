/** Objects that have private names of a class of which they are no instances: no save shows these, so such an object is refused. */
import { mayReturn } from "../codec/classes/ordinary-class.ts";
import { currentRun } from "./current-run.ts";
import { type NamingClasses, ofModules, privatesOf } from "./privates.ts";
import { classOf } from "./prototypes.ts";
import type { Run } from "./run.ts";

function mayStamp(constructor: Function): boolean {
  for (let base = Reflect.getPrototypeOf(constructor); typeof base === "function"; base = Reflect.getPrototypeOf(base))
    if (mayReturn(base)) return true;
  return false;
}

function sort({ unsorted, all, stamping }: NamingClasses): void {
  for (const reference of unsorted) {
    const constructor = reference.deref();
    if (constructor === undefined) continue;
    all.add(reference);
    if (mayStamp(constructor)) stamping.add(reference);
  }
  unsorted.clear();
}

const isInstance = (value: object, constructor: Function): boolean => {
  for (let at = Reflect.getPrototypeOf(value); at !== null; at = Reflect.getPrototypeOf(at))
    if (classOf(at) === constructor) return true;
  return false;
};

/** The first of the classes that an object is strange to. One that has been saved as none of them can only have been given names since. */
function strangeTo(naming: NamingClasses, value: object, seen: boolean): string | undefined {
  if (naming.unsorted.size > 0) sort(naming);
  const classes = seen ? naming.stamping : naming.all;
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

/**
 * Of the values of a run (undefined: of the current one, if any): the class whose private names an object has, although it is none of its instances. `seen`: it
 * was no such object at an earlier save. Classes of another run have never met it.
 */
export const strangeToRun =
  (run: Run | undefined) =>
  (value: object, seen: boolean): string | undefined => {
    const found = strangeTo(ofModules, value, seen);
    const own = found === undefined ? (run ?? currentRun()) : undefined;
    return own ? strangeTo(own.namingClasses, value, seen) : found;
  };
