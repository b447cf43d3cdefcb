import { callback, numberFrom, oneOf, type Wanted } from "../../options/check.ts";
import type { DriverName } from "./choose-driver.ts";
import type { Driver } from "./driver.ts";

/** Names of the points at which {@link SqliteOptions.failpoint} is called, in the order of one transaction. */
export const SQLITE_FAILPOINTS = [
  /** Before the write lock is asked for; again at each retry. */
  "sqlite:before-begin",
  /** The lock is held, nothing is written. */
  "sqlite:after-begin",
  /** Everything is written inside the transaction. A process that dies here leaves no trace. */
  "sqlite:before-commit",
  /** The transaction is durable, nobody has been told: a lost acknowledgement. */
  "sqlite:after-commit",
] as const;

export type SqliteFailpoint = (typeof SQLITE_FAILPOINTS)[number];

export interface SqliteOptions {
  /**
   * `full` (default): a commit that was acknowledged survives a power cut. `normal`: it survives the death of the process,
   * not that of the machine; some ten times the commits.
   */
  readonly synchronous?: "full" | "normal";
  /** How long to wait for the write lock, in ms, before a call is refused with PD3107. Default 10,000. */
  readonly lockTimeout?: number;
  /** The file does not grow beyond this; then calls that write are refused with PD3108. Default: no limit. */
  readonly maxBytes?: number;
  /**
   * The SQLite library, loaded when first needed: `"node"` is `node:sqlite` (Node 22.13 and later), `"libsql"` the package. Default: Node's own from
   * Node 24 on; before, `libsql` if it is installed, else Node's own. Do not open the file with another copy of SQLite in the same process.
   */
  readonly driver?: DriverName | (() => Promise<Driver>);
  /**
   * For crash tests: called synchronously at each of {@link SQLITE_FAILPOINTS}. It may kill the process. If it throws, that
   * is as if the disk had failed there: before the commit the calls are refused, after it their outcome is unknown.
   */
  readonly failpoint?: (name: SqliteFailpoint) => void;
}

const DRIVERS = oneOf("node", "libsql");
export const SQLITE_OPTIONS: { readonly [option in keyof SqliteOptions]-?: Wanted } = {
  synchronous: oneOf("full", "normal"),
  lockTimeout: numberFrom(0),
  maxBytes: numberFrom(1),
  driver: {
    wanted: `${DRIVERS.wanted}, or a function that loads a library`,
    fits: (value) => DRIVERS.fits(value) || callback.fits(value),
  },
  failpoint: callback,
};
