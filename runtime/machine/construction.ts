/**
 * `this` of a constructor with arrows that were made before `super(…)`. The platform binds it before the fields of the class are initialized (ECMA-262
 * 13.3.7.1), and their initializers may call such an arrow; the statement after the `super(…)` comes too late.
 */
import type { DeadCell } from "./cells.ts";

/** The cells of the constructors whose `super(…)` is under way. Calls of constructors nest, so the last is the innermost. */
const pending: DeadCell[] = [];

/** `construct` calls `super(…)`. */
export function constructing(self: DeadCell, construct: () => void): void {
  pending.push(self);
  try {
    construct();
  } finally {
    pending.pop();
  }
}

/** In the first initializer of the class that may call something: its base has made the object. */
export function constructed(instance: object): void {
  pending[pending.length - 1]!.init = instance;
}
