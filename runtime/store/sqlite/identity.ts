/** Is the path still the file that was opened? */
import { statSync } from "node:fs";
import { sqliteError } from "./messages.ts";

const identify = (path: string): string | null => {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
};

export interface Identity {
  readonly file: string | null;
  check(outcome: "refused" | "unknown"): void;
}

/**
 * Notes which file (device and inode) stands at the path and at its `-wal`, and gives the check that they still do. While
 * a connection is open SQLite itself never replaces either. A store that connects anew hands over what it had: then only
 * the WAL may be another.
 */
export function watchIdentity(path: string, before: Identity | undefined): Identity {
  const names = [path, `${path}-wal`];
  const opened = names.map(identify);
  if (before !== undefined) opened[0] = before.file;
  const check: Identity["check"] = (outcome) => {
    names.forEach((name, index) => {
      const now = identify(name);
      // SQLite may make the WAL a little later, but only once.
      opened[index] ??= now;
      if (now === opened[index]) return;
      const why = now === null ? `${name} is gone` : `${name} is another file`;
      throw sqliteError("PD3109", outcome, { path, why });
    });
  };
  check("refused");
  return { file: opened[0]!, check };
}
