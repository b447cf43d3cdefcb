/** What the runtime's own loops need of the language, while a program has replaced it. */

const iterators: object = Object.getPrototypeOf([][Symbol.iterator]()) as object;

const parts = [
  { owner: Array.prototype as object, key: Symbol.iterator, value: Array.prototype[Symbol.iterator] as Function },
  { owner: iterators, key: "next", value: (iterators as IterableIterator<unknown>).next as Function },
] as const;

/**
 * Runs `body`, which is code of the runtime alone, with the iterators of arrays as the platform made them. A save or load must not depend on what a
 * program did to them, and what it did stands again when this returns.
 */
export function withPlatformIterators<T>(body: () => T): T {
  let isPristine = true;
  for (let i = 0; i < parts.length; i++) {
    const { owner, key, value } = parts[i]!;
    if (Reflect.getOwnPropertyDescriptor(owner, key)?.value !== value) isPristine = false;
  }
  if (isPristine) return body();
  const found: (PropertyDescriptor | undefined)[] = [];
  for (let i = 0; i < parts.length; i++) {
    const { owner, key, value } = parts[i]!;
    found[i] = Reflect.getOwnPropertyDescriptor(owner, key);
    Reflect.defineProperty(owner, key, { value, writable: true, enumerable: false, configurable: true });
  }
  try {
    return body();
  } finally {
    for (let i = 0; i < parts.length; i++) {
      const { owner, key } = parts[i]!;
      if (found[i] === undefined) Reflect.deleteProperty(owner, key);
      else Reflect.defineProperty(owner, key, found[i]!);
    }
  }
}
