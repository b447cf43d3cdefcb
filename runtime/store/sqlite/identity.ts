/** Is the path still the file that was opened? */
import type { Environment, Inode } from "./environment.ts";
import { sqliteError } from "./messages.ts";

const isSame = (a: Inode | null, b: Inode | null): boolean =>
  a === null || b === null ? a === b : a.ino === b.ino && a.dev === b.dev;

export interface Identity {
  readonly file: Inode | null;
  check(outcome: "refused" | "unknown"): void;
}

/**
 * Notes which file (device and inode) stands at the path and at its `-wal`, and gives the check that they still do. While
 * a connection is open SQLite itself never replaces either. A store that connects anew hands over what it had: then only
 * the WAL may be another.
 */
export function watchIdentity(path: string, before: Identity | undefined, identify: Environment["identify"]): Identity {
  const names = [path, `${path}-wal`];
  const opened = names.map(identify);
  if (before !== undefined) opened[0] = before.file;
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
