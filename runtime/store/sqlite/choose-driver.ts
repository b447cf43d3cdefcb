/** Which SQLite library a store uses. */
import type { Driver } from "./driver.ts";
import { libsql } from "./libsql-driver.ts";
import { nodeSqlite } from "./node-driver.ts";

export type DriverName = "node" | "libsql";

/**
 * Node's own SQLite from Node 24 on, where it is no experiment any more; before, `libsql` if it is installed, and else Node's own where
 * there is one. Never both on one file: two copies of SQLite in one process undo each other's locks
 * (https://www.sqlite.org/howtocorrupt.html, 2.2.1), so all threads must choose alike.
 */
export async function chooseDriver(name?: DriverName): Promise<Driver> {
  if (name === "libsql") return libsql();
  if (name === "node") return nodeSqlite();
  const major = Number(process.versions.node.split(".")[0]);
  const [first, second] = major >= 24 ? [nodeSqlite, libsql] : [libsql, nodeSqlite];
  return first().catch((missing: unknown) => second().catch(() => Promise.reject(missing)));
}
