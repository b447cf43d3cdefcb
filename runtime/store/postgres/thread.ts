/** What a thread loads to renew a lease on the same database; see {@link Store.thread}. */
import type { Store } from "../store.ts";
import { type PostgresOptions, postgres } from "./index.ts";

export function open({
  connection,
  ...options
}: { connection: string } & PostgresOptions): Pick<Store, "renew" | "close"> {
  return postgres(connection, { ...options, connections: 1 });
}
