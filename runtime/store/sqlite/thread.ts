/** What a thread loads to renew a lease on the same file; see {@link Store.thread}. */
import type { Store } from "../store.ts";
import { type SqliteOptions, sqlite } from "./index.ts";

export function open({ path, ...options }: { path: string } & SqliteOptions): Pick<Store, "renew" | "close"> {
  return sqlite(path, options);
}
