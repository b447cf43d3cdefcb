/** What the store takes of its process, besides SQLite itself: a simulation has its own time and chance. */
import { lstatSync, statSync } from "node:fs";
import { dirname } from "node:path";
import { PATIENCE, type Patience } from "../patience.ts";

/** Device and inode. */
export interface Inode {
  readonly dev: bigint;
  readonly ino: bigint;
}

/** A folder, as it stands now. */
export interface Folder extends Inode {
  /** Ns since the epoch: when an entry was made, removed or renamed in it for the last time. */
  readonly ctimeNs: bigint;
  /** Any later change will show in `ctimeNs`: the last one was longer ago than timestamps are coarse. */
  readonly settled: boolean;
}

export interface Environment extends Patience {
  /** Ms since some instant; never set back. */
  readonly now: () => number;
  /** Until everything has been asked for that is asked for in this turn of the event loop. */
  readonly nextTick: () => Promise<void>;
  /** The file that stands at the path; null: none. */
  readonly identify: (path: string) => Inode | null;
  /** Gives a look at the folder whose entries say which files stand at the path and beside it. Null: the folder does not tell. */
  readonly folderOf: (path: string) => (() => Folder | null) | null;
}

/** The kernel's clock for files goes by ticks of at most 10 ms. */
const TICK = 20;
/** Of file systems that keep no fractions of a second, or of a millisecond; FAT keeps every second one. */
const COARSE = 5_000;

function lookAt(folder: string): Folder | null {
  const found = statSync(folder, { bigint: true, throwIfNoEntry: false });
  if (found === undefined) return null;
  const { dev, ino, ctimeNs } = found;
  const age = Date.now() - Number(ctimeNs / 1_000_000n);
  return { dev, ino, ctimeNs, settled: age > (ctimeNs % 1_000_000n === 0n ? COARSE : TICK) };
}

export const PROCESS: Environment = {
  ...PATIENCE,
  now: () => performance.now(),
  nextTick: () => new Promise((resolve) => setImmediate(resolve)),
  identify: (path) => statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null,
  folderOf(path) {
    // POSIX marks a folder's times with each change of its entries; Windows promises nothing. What a link leads to stands elsewhere.
    const isTelling = process.platform !== "win32" && lstatSync(path, { throwIfNoEntry: false })?.isFile() === true;
    const folder = dirname(path);
    return isTelling ? () => lookAt(folder) : null;
  },
};
