/** The bundle of `fixtures/end-to-end`, and what tests of it have in common. */
import { join } from "node:path";
import type { Commit, Engine, WorkOptions } from "perdure";
import { type Product, product, QUICK, until } from "../product.ts";

export type App = typeof import("../../fixtures/end-to-end/app.ts");

export const endToEnd = (): Promise<Product<App>> => product<App>("end-to-end", "app");

let files = 0;
/** A fresh store file beside the bundle. */
export const storeFile = ({ folder }: Pick<Product<unknown>, "folder">): string => join(folder, `runs-${++files}.db`);

type Options = Omit<Parameters<App["createEngine"]>[0], "store"> & {
  seen?: (commit: Commit) => void;
  work?: WorkOptions;
};

/** An engine at work on a store file. `seen` is shown every commit before the store is. */
export function working(app: App, path: string, { seen, work, ...options }: Options = {}): Engine {
  const file = app.sqlite(path);
  const store: typeof file = new Proxy(file, {
    get(target, name) {
      if (name === "commit" && seen !== undefined) {
        return (group: readonly Commit[]) => {
          for (const one of group) seen(one);
          return target.commit(group);
        };
      }
      const value: unknown = Reflect.get(target, name);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  const engine = app.createEngine({ observe: () => {}, ...options, store });
  void engine.work({ ...QUICK, ...work });
  return engine as Engine;
}

/** Lets a step that waits in `gate(name)` go on. */
export async function open(app: App, name: string): Promise<void> {
  await until(() => app.gates.has(name));
  app.gates.get(name)!();
  app.gates.delete(name);
}

export const statusOf = async (engine: Engine, id: string): Promise<string> => (await engine.run(id).status()).status;
