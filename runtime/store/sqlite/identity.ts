/** Is the path still the file that was opened? */
import { statSync } from "node:fs";
import { sqliteError } from "./messages.ts";

const identify = (path: string): string | null => {
  const stat = statSync(path, { bigint: true, throwIfNoEntry: false });
  return stat === undefined ? null : `${stat.dev}:${stat.ino}`;
};

/**
 * Notes which file (device and inode) stands at the path and at its `-wal`, and gives the check that they still do. While
 * a connection is open SQLite itself never replaces either.
 */
export function watchIdentity(path: string): (outcome: "refused" | "unknown") => void {
  const names = [path, `${path}-wal`];
  const opened = names.map(identify);
  return (outcome) => {
    names.forEach((name, index) => {
      const now = identify(name);
      // SQLite may make the WAL a little later, but only once.
      opened[index] ??= now;
      if (now === opened[index]) return;
      const why = now === null ? `${name} is gone` : `${name} is another file`;
      throw sqliteError("PD3109", outcome, { path, why });
    });
  };
}
