/**
 * Decorators on durable classes: those of the proposal (https://tc39.es/proposal-decorators/), whose second argument is a context, and TypeScript's older ones,
 * that are given the class or prototype, the key and the descriptor. They may take note of what they stand on. One that changes it is refused: frames,
 * closures and instances name the code of the source, and a method of another kind in its place would be a step where it is called.
 */
import { reviving } from "./reviving.ts";

interface Context {
  readonly kind: string;
  readonly name?: PropertyKey;
  addInitializer(body: (this: unknown) => void): void;
}

/** Decorates as `decorator` does, and calls `changed` when it has put something else in the place of what it stands on. */
export const watched = (decorator: Function, changed: (member: string) => never): Function =>
  function (this: unknown, ...given: unknown[]): unknown {
    const context = given[1] as Context | undefined;
    if (typeof context !== "object" || typeof context.kind !== "string") return older(this, decorator, given, changed);
    const { kind, name } = context;
    const result: unknown = Reflect.apply(decorator, this, [given[0], whileNew(context)]);
    return result === undefined || result === given[0] ? result : changed(kind === "class" ? "" : String(name));
  };

/** An instance that is revived has its properties from the save. */
const whileNew = (context: Context): Context =>
  Object.create(context, {
    addInitializer: {
      value: (body: (this: unknown) => void): void =>
        context.addInitializer(function (this: unknown) {
          if (!reviving()) Reflect.apply(body, this, []);
        }),
    },
  }) as Context;

function older(self: unknown, decorator: Function, given: readonly unknown[], changed: (member: string) => never) {
  const [target, key, descriptor] = given as [object, PropertyKey | undefined, PropertyDescriptor | undefined];
  const owner = typeof target === "function" ? target : (target.constructor as Function);
  const before = functionsOf(owner);
  const result: unknown = Reflect.apply(decorator, self, given);
  const now = functionsOf(owner);
  const next = result || descriptor;
  if (key === undefined) {
    if (result && result !== target) changed("");
  } else if (next) now.get(target)!.set(key, functionsIn(next as PropertyDescriptor));
  for (const [home, members] of now)
    for (const name of new Set([...members.keys(), ...before.get(home)!.keys()]))
      if (!isKept(before.get(home)!.get(name), members.get(name))) changed(String(name));
  return result;
}

/** A value, a getter and a setter, where they are functions. */
type Functions = readonly [value: unknown, get: unknown, set: unknown];

const functionsIn = ({ value, get, set }: PropertyDescriptor): Functions => [
  typeof value === "function" ? value : undefined,
  get,
  set,
];

const functionsOf = (owner: Function): Map<object, Map<PropertyKey, Functions>> =>
  new Map(
    [owner, owner.prototype as object].map((home) => [
      home,
      new Map(
        Reflect.ownKeys(home).map((key) => [key, functionsIn(Reflect.getOwnPropertyDescriptor(home, key)!)] as const),
      ),
    ]),
  );

/** A new method is ordinary code like any other; a new accessor would have values that no save sees. */
const isKept = (before: Functions | undefined, now: Functions | undefined): boolean =>
  before === undefined
    ? now?.[1] === undefined && now?.[2] === undefined
    : before.every((fn, part) => fn === now?.[part]);
