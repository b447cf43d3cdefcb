/** What objects hold in their own properties, with the paths of these. No getter is run. */
import { propertyPath } from "../codec/paths.ts";

export const isNamable = (value: unknown): value is object | symbol =>
  (typeof value === "object" && value !== null) || typeof value === "function" || typeof value === "symbol";

/** Own data properties that hold what can have a name. */
export function heldBy(name: string, owner: object): [path: string, held: object | symbol][] {
  return Reflect.ownKeys(owner).flatMap((key): [string, object | symbol][] => {
    const path = propertyPath(name, key);
    const held = path === undefined ? undefined : dataOf(owner, key);
    return path !== undefined && isNamable(held) ? [[path, held]] : [];
  });
}

/** What a data property holds; undefined for accessors and bindings in their dead zone. */
export function dataOf(owner: object, key: string | symbol): unknown {
  try {
    return Reflect.getOwnPropertyDescriptor(owner, key)?.value;
  } catch (thrown) {
    if (thrown instanceof ReferenceError) return undefined;
    throw thrown;
  }
}
