/**
 * What modules make by calling durable functions: `const pay = withRetry(charge)`, `class Order extends Stamped(Base)`. There is one of each, of the module and not of a
 * run, and so are the variables that it captured: they get names, as the module's own variables have. Found below what a module binds.
 */
import { type Cell, type DeadCell, isCell, isInitialized, isOfModule } from "./cells.ts";
import { heldBy, isNamable } from "./held.ts";
import { privatesOf } from "./privates.ts";
import { classOf } from "./prototypes.ts";
import { type Closure, closureOf } from "./stamp.ts";

type Named = readonly [name: string, value: object | symbol];
type Variable = readonly [cell: Cell | DeadCell, value: unknown];

/** What was found, and what the variables held by then. */
export interface Made {
  readonly named: readonly Named[];
  readonly variables: readonly Variable[];
}

export const NOTHING_MADE: Made = { named: [], variables: [] };

/** How far below a binding functions are looked for: `handlers.orders.paid`. */
const DEPTH = 4;
/** Objects looked at below one binding. */
const MAX_LOOKED_AT = 2_000;

const { forEach: forEachEntry } = Map.prototype;
const { forEach: forEachElement } = Set.prototype;

/** Was it made outside of runs, and may a name lead to it? */
export const isMadeByModule = (value: object | symbol): boolean =>
  isCell(value) ? isOfModule(value) : closureOf(value)?.isOfModule === true;

/** Has a variable got another value since? */
export const isOutdated = ({ variables }: Made): boolean => variables.some(([cell, value]) => valueOf(cell) !== value);

const valueOf = (cell: Cell | DeadCell): unknown => (isInitialized(cell) ? cell.v : undefined);

/** Names of what was made outside of runs, and of what it captured, with the values of these variables and their own properties. */
export function madeBelow(name: string, root: unknown): Made {
  const found: Named[] = [];
  const variables: Variable[] = [];
  const seen = new Set<unknown>();
  const look = (path: string, value: unknown, depth: number): void => {
    if (!isNamable(value) || typeof value === "symbol" || seen.has(value) || seen.size > MAX_LOOKED_AT) return;
    seen.add(value);
    const closure = closureOf(value);
    if (closure?.isOfModule) {
      found.push([path, value]);
      lookAtCaptured(path, closure, depth);
    }
    if (typeof value === "function") look(`${path}(extends)`, Reflect.getPrototypeOf(value), depth);
    if (depth === 0) return;
    for (const [below, held] of privateBelow(path, value)) {
      found.push([below, held]);
      look(below, held, depth - 1);
    }
    for (const [below, held] of partsOf(path, value, depth === DEPTH)) look(below, held, depth - 1);
  };
  const lookAtCaptured = (path: string, { code, captured }: Closure, depth: number): void => {
    const names = new Set<string>();
    captured.forEach((one, i) => {
      const variable = code.captures?.[i] ?? String(i);
      const below = `${path}(${names.has(variable) ? `${variable} ${i}` : variable})`;
      names.add(variable);
      const value = isCell(one) ? valueOf(one) : one;
      const under = `${below}.value`;
      if (isCell(one) && isOfModule(one)) {
        found.push([below, one]);
        variables.push([one, value]);
        if (isNamable(value) && closureOf(value) === undefined) found.push([under, value], ...heldIn(under, value));
      }
      look(under, value, Math.max(depth - 1, 1));
    });
  };
  look(name, root, DEPTH);
  return { named: found, variables };
}

const heldIn = (path: string, value: object | symbol): Named[] =>
  typeof value === "symbol" ? [] : heldBy(path, value);

/** What stands in private fields of an instance that has a name: nothing else could name it. */
function privateBelow(path: string, value: object): Named[] {
  const found: Named[] = [];
  if (typeof value !== "object") return found;
  for (let at = Reflect.getPrototypeOf(value), level = 0; at !== null; at = Reflect.getPrototypeOf(at), level++) {
    const constructor = classOf(at);
    const privates = constructor && privatesOf(constructor);
    if (!privates?.has(value)) continue;
    privates.get(value).forEach((field, i) => {
      if (isNamable(field)) found.push([`${path}.#${level}.${i}`, field]);
    });
  }
  return found;
}

/** Own properties; below the first level those of plain containers only, since what belongs to others is large. */
function partsOf(path: string, value: object, isFirst: boolean): Named[] {
  const prototype = Reflect.getPrototypeOf(value);
  const isPlain = prototype === null || prototype === Object.prototype || prototype === Array.prototype;
  return [...(isFirst || isPlain ? heldBy(path, value) : []), ...entriesOf(path, value)];
}

/** What stands in a Map under names, or in a Set, whose order is that in which it was filled. */
function entriesOf(path: string, value: object): Named[] {
  const found: Named[] = [];
  const prototype = Reflect.getPrototypeOf(value);
  let index = 0;
  try {
    if (prototype === Map.prototype)
      Reflect.apply(forEachEntry, value, [
        (held: unknown, key: unknown) => {
          if (isNamable(held) && (typeof key === "string" || typeof key === "number"))
            found.push([`${path}.get(${JSON.stringify(key)})`, held]);
        },
      ]);
    else if (prototype === Set.prototype)
      Reflect.apply(forEachElement, value, [
        (held: unknown) => {
          if (isNamable(held)) found.push([`[...${path}][${index}]`, held]);
          index++;
        },
      ]);
  } catch {
    // It only inherits from the prototype.
  }
  return found;
}
