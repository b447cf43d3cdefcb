/** Methods and accessors as a class defines them: they come with its code. What was put beside, in place of or out of them is part of the run. */
import { closureOf } from "./stamp.ts";

type Key = string | symbol;

/** Keys of methods and accessors, by the object that the class defined them on: the class itself, or its prototype. */
const defined = new WeakMap<object, readonly Key[]>();

export const registerMembers = (home: object, keys: readonly Key[]): void => void defined.set(home, keys);

/** Is the property what the class `owner` defined on this object? */
export function isMember(owner: Function, home: object, key: Key): boolean {
  const { value, get, set, enumerable } = Reflect.getOwnPropertyDescriptor(home, key)!;
  const isOwn = (fn: unknown, part: string): boolean => {
    const code = closureOf(fn)?.code;
    return (
      code?.kind === "method" &&
      code.home === owner &&
      code.onClass === (home === owner) &&
      code.key === key &&
      code.part === part
    );
  };
  if (enumerable) return false;
  if (value !== undefined) return isOwn(value, "value");
  return (get !== undefined || set !== undefined) && (!get || isOwn(get, "get")) && (!set || isOwn(set, "set"));
}

/** Members that are gone. */
export const removedMembers = (home: object): Key[] =>
  (defined.get(home) ?? []).filter((key) => !Object.hasOwn(home, key));
