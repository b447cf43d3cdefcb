/** Kinds that depend on whose objects they are of. */
import type { Kind } from "../contract.ts";

/**
 * A kind whose methods ask for that: `this.of`. They are made once for all heaps. As closures they would be made again for each, of twenty kinds: a third of what a
 * short run allocates, and of what the garbage collector copies while it lasts.
 */
export function kindOf<T extends object, C>(
  kind: Kind<T> & ThisType<Kind<T> & { readonly of: C }>,
): (of: C) => Kind<T> {
  return (of) => {
    const made = Object.create(kind) as Kind<T> & { of: C };
    made.of = of;
    return made;
  };
}
