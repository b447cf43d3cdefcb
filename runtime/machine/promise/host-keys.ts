/**
 * Keys under which the platform keeps its own data on promises: Node marks each for its async hooks (until version 24, once
 * an `AsyncLocalStorage` is in use) with ids and with the store of whoever made it. They belong to the process, not to the run.
 */
import { NativePromise } from "../current-run.ts";

const descriptions: ReadonlySet<string | undefined> = new Set([
  "async_id_symbol",
  "trigger_async_id_symbol",
  "kResourceStore",
]);

/** Has the platform put the property there? What it puts on every promise, it puts on a new one of its own too. */
export const isHostKey = (key: string | symbol): boolean =>
  typeof key === "symbol" &&
  (descriptions.has(key.description) || Reflect.ownKeys(NativePromise.resolve()).includes(key));
