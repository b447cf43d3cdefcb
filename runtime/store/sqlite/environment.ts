/** What the store takes of its process, besides SQLite itself: a simulation has its own time and chance. */
import { statSync } from "node:fs";
import { PATIENCE, type Patience } from "../patience.ts";

/** Device and inode. */
export interface Inode {
  readonly dev: bigint;
  readonly ino: bigint;
}

export interface Environment extends Patience {
  /** Ms since some instant; never set back. */
  readonly now: () => number;
  /** Until everything has been asked for that is asked for in this turn of the event loop. */
  readonly nextTick: () => Promise<void>;
  /** The file that stands at the path; null: none. */
  readonly identify: (path: string) => Inode | null;
}

export const PROCESS: Environment = {
  ...PATIENCE,
  now: () => performance.now(),
  nextTick: () => new Promise((resolve) => setImmediate(resolve)),
  identify: (path) => statSync(path, { bigint: true, throwIfNoEntry: false }) ?? null,
};
