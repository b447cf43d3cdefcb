/** Names of module bindings: `src/orders.ts:charge`. Values are read when they are asked for, so that live bindings stay live. */

type Getters = Readonly<Record<string, () => unknown>>;

const modules = new Map<string, Getters>();

/** Adds a module's bindings; a module that is evaluated again replaces its own. */
export const addReferences = (module: string, getters: Getters): void => {
  modules.set(module, Object.assign(Object.create(null), getters));
};

/** Every binding of every module: name and current value. Bindings in their dead zone are passed over. */
export function* moduleBindings(): Generator<readonly [name: string, value: unknown]> {
  for (const [module, getters] of modules) {
    for (const name of Object.keys(getters)) {
      const value = read(getters[name]!);
      if (value !== undefined) yield [`${module}:${name}`, value];
    }
  }
}

/** The value of one binding, or undefined. */
export function moduleBinding(name: string): unknown {
  const colon = name.lastIndexOf(":");
  const getter = modules.get(name.slice(0, colon))?.[name.slice(colon + 1)];
  return getter === undefined ? undefined : read(getter);
}

function read(getter: () => unknown): unknown {
  try {
    return getter();
  } catch (thrown) {
    if (thrown instanceof ReferenceError) return undefined;
    throw thrown;
  }
}
