/** Classes of the platform, found through their instances: to ask for the global could load it for nothing. */
import { isNamed } from "../platform-class.ts";

/** The prototype of the global class of that name, when it is among those of the value. */
export function prototypeNamed(value: object, name: string): object | undefined {
  for (let at = Reflect.getPrototypeOf(value); at !== null; at = Reflect.getPrototypeOf(at)) {
    const made: unknown = Reflect.getOwnPropertyDescriptor(at, "constructor")?.value;
    if (typeof made === "function" && made.name === name) return isNamed(made, name) ? at : undefined;
  }
  return undefined;
}

/** Is it an instance of exactly that class, and of no class that extends it? */
export const isExactly = (value: object, name: string): boolean => {
  const prototype = Reflect.getPrototypeOf(value);
  return prototype !== null && prototype === prototypeNamed(value, name);
};
