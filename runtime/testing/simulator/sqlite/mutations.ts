/** The SQLite store, wrong on purpose. */
import type { SqlValue } from "../../../store/sqlite/driver.ts";
import type { SqliteMutation } from "./installation.ts";

/** `text` must be part of it: a mutation that finds nothing to change would be seen by nobody. */
const without =
  (text: string) =>
  (sql: string, values: readonly SqlValue[]): readonly [string, readonly SqlValue[]] => [sql.replace(text, ""), values];

/** Whether there is mail is asked before the transaction: as if what came since were not there. */
function parkBlindly(sql: string, values: readonly SqlValue[]): readonly [string, readonly SqlValue[]] {
  if (!sql.startsWith("UPDATE runs SET") || !sql.includes("last_commit = ?") || !sql.includes("due_at = ?"))
    return [sql, values];
  const columns = sql.slice("UPDATE runs SET ".length, sql.indexOf(" WHERE")).split(",");
  return [sql, values.map((value, n) => (columns[n] === "due_at = ?" && value === 0 ? null : value))];
}

/** The last column of a run's own. */
const LAST_COMMIT = 23;
/** The row does not say which commit was its last. */
function forgetCommit(sql: string, value: SqlValue | undefined): SqlValue | undefined {
  if (!/^SELECT CAST\(json_array\(id,run,.* FROM runs WHERE run = \?$/s.test(sql) || value === undefined) return value;
  const row = JSON.parse(new TextDecoder().decode(value as unknown as Uint8Array)) as SqlValue[];
  row[LAST_COMMIT] = null;
  return new TextEncoder().encode(JSON.stringify(row)) as unknown as SqlValue;
}

export const FILE_MUTATIONS = {
  "commits without a fence": { statement: without(" AND epoch = ?3 AND owner = ?4") },
  "claims of what was seen": { claimsWhatWasSeen: true },
  "statements without a transaction": { noTransactions: true },
  "parking outside the transaction": { statement: parkBlindly },
  "commits that are not recognized": { value: forgetCommit },
  "told before the commit": { toldBeforeCommit: true },
  "half a call with its neighbours": { failsAsRefusal: true },
  "a lock taken for a refusal": { nothingWhileBusy: true },
  "a file that nobody looks at": { identify: () => null },
} as const satisfies Record<string, SqliteMutation>;
export type FileMutationName = keyof typeof FILE_MUTATIONS;
