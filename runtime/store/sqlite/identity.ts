/** Is the path still the file that was opened? */
import type { Environment, Folder, Inode } from "./environment.ts";
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
 *
 * A folder in which no entry has changed since the last look at the files answers for them. To ask about the WAL itself, before and after each commit, makes
 * each commit dearer by a third: on Linux from 6.13 on, times of a file that somebody has asked for are fine-grained from then on ("multigrain timestamps"), so the
 * next write changes its inode, and the fsync writes the file system's journal too.
 */
export function watchIdentity(
  path: string,
  file: Inode | null,
  { identify, folderOf }: Pick<Environment, "identify" | "folderOf">,
): Identity {
  const names = [path, `${path}-wal`];
  const opened = [file, identify(names[1]!)];
  const look = folderOf(path);
  /** When all was in its place; undefined: that does not tell it from a later change. */
  let quiet: Folder | undefined;
  const check: Identity["check"] = (outcome) => {
    const folder = look?.() ?? undefined;
    if (quiet !== undefined && folder?.ctimeNs === quiet.ctimeNs && isSame(folder, quiet)) return;
    for (let i = 0; i < names.length; i++) {
      const name = names[i]!;
      const now = identify(name);
      // SQLite may make the WAL a little later, but only once.
      const then = (opened[i] ??= now);
      if (isSame(now, then)) continue;
      const why = now === null ? `${name} is gone` : `${name} is another file`;
      throw sqliteError("PD3109", outcome, { path, why });
    }
    quiet = folder?.settled ? folder : undefined;
  };
  check("refused");
  return { file: opened[0]!, check };
}
