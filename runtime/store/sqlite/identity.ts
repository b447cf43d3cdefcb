/** Is the path still the file that was opened? */
import type { Environment, Inode } from "./environment.ts";
import { sqliteError } from "./messages.ts";

export const isSame = (a: Inode | null, b: Inode | null): boolean =>
  a === null || b === null ? a === b : a.ino === b.ino && a.dev === b.dev;

export interface Identity {
  readonly file: Inode | null;
  check(outcome: "refused" | "unknown"): void;
}

/**
 * Gives the check that this file (device and inode) still stands at the path, and at `-wal` the one that stands there now. While a connection is open SQLite
 * itself never replaces either.
 */
export function watchIdentity(path: string, file: Inode | null, identify: Environment["identify"]): Identity {
  const names = [path, `${path}-wal`];
  const opened = [file, identify(names[1]!)];
  const check: Identity["check"] = (outcome) => {
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      const now = identify(name);
      // SQLite may make the WAL a little later, but only once.
      const then = (opened[i] ??= now);
      if (isSame(now, then)) continue;
      const why = now === null ? `${name} is gone` : `${name} is another file`;
      throw sqliteError("PD3109", outcome, { path, why });
    }
  };
  check("refused");
  return { file: opened[0]!, check };
}
