/**
 * The SQLite store itself, one object for each process, over SQLite itself and one file on a real disk. Its transactions and locks are SQLite's; what
 * a process, the disk or somebody with a shell may do to them at every statement and every commit is the simulation's.
 */
import type { Connection, Driver } from "../../../store/sqlite/driver.ts";
import { type Environment, PROCESS } from "../../../store/sqlite/environment.ts";
import { open } from "../../../store/sqlite/index.ts";
import type { Store } from "../../../store/store.ts";
import { Authors } from "../authors.ts";
import { STORMY } from "../faults.ts";
import type { History } from "../history.ts";
import type { Installation } from "../installation.ts";
import type { SimulatedProcess } from "../process.ts";
import type { Random } from "../random.ts";
import type { Timeline } from "../timeline.ts";
import { type DriverMutation, SimulatedConnection, sqliteFailure } from "./connection.ts";
import { Disk } from "./disk.ts";
import { SharedFile } from "./shared-file.ts";

/** A store that is wrong on purpose, by what its driver or its environment does. */
export interface SqliteMutation extends DriverMutation {
  readonly identify?: Environment["identify"];
}

export interface SqliteWorld {
  readonly library: Driver;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly history: History;
  readonly mutation: SqliteMutation;
}

export function simulatedSqlite({ library, timeline, random, history, mutation }: SqliteWorld): Installation {
  const authors = new Authors();
  const file = new SharedFile(library, {
    claimed: ({ run, incarnation, epoch, owner }) =>
      history.add({ type: "claim", run, incarnation, epoch, worker: owner, process: authors.process(owner) }),
    committed: ({ commit, position, inboxSeq }) => history.applied(authors.applied(commit, position, inboxSeq)),
  });
  const disk = new Disk(random, () => timeline.now);
  const lockTimeout = random.pick([300, 2_000, 10_000]);
  const environment: Environment = {
    ...PROCESS,
    now: () => timeline.now,
    identify: mutation.identify ?? ((path) => PROCESS.identify(file.at(path))),
    folderOf: (path) => PROCESS.folderOf(file.at(path)),
  };

  // Somebody puts a copy in the place of the file under everybody; those who notice open it anew.
  const replaced = (how: string, replace: () => void): void =>
    void timeline.at(random.between(0, STORMY), null, () => {
      history.note(`FAULT     the file is replaced ${how}`);
      file.reap();
      file.settle();
      replace();
    });
  if (random.chance(0.2)) replaced("at once", () => file.replace());
  if (random.chance(0.2)) replaced("within the next commit", () => disk.replaceAtCommit());

  const direct = (): Store =>
    open(file.path, { driver: async () => atOnce(library, file) }, { ...environment, pause: async () => {} });
  let [own, times] = [direct(), file.replaced];
  return {
    // Nobody hears of other processes: they look.
    tells: true,
    get store() {
      if (times !== file.replaced) [own, times] = [direct(), file.replaced];
      return own;
    },
    open(process, network) {
      const driver = {
        open: (path: string) => {
          if (network.fate(process, "open") !== "answered") throw sqliteFailure("SQLITE_CANTOPEN");
          return new SimulatedConnection(library.open(file.at(path)), { file, process, network, disk, mutation });
        },
      };
      const later = (ms: number): Promise<void> => new Promise((resolve) => void process.later(ms, resolve));
      const patience = { pause: later, random: () => network.random.next(), nextTick: () => later(0) };
      const options = { driver: async () => driver, lockTimeout };
      const make = (): Store => open(file.path, options, { ...environment, ...patience });
      const settled = mutation.toldBeforeCommit === true ? () => undefined : () => file.committing(process);
      return authors.noting(answering(make, process, network.random, settled), process);
    },
    close: () => file.close(),
  };
}

/** Answers come when the commit is over and a little later. A store whose file is another one is opened anew. */
function answering(
  make: () => Store,
  process: SimulatedProcess,
  random: Random,
  settled: () => Promise<void> | undefined,
): Store {
  let current = make();
  const call = (method: keyof Store, args: readonly unknown[]): Promise<unknown> =>
    new Promise((resolve, reject) => {
      if (!process.alive) return;
      const store = current;
      const answer = async (settle: () => void): Promise<void> => {
        await settled();
        process.later(random.between(0, 3), settle);
      };
      (store[method] as (...args: unknown[]) => Promise<unknown>)(...args).then(
        (value) => answer(() => resolve(value)),
        (error: unknown) => {
          if ((error as { code?: unknown }).code === "PD3109" && current === store) current = make();
          return answer(() => reject(error));
        },
      );
    });
  return new Proxy(current, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property);
      if (typeof value !== "function") return value;
      return (...args: readonly unknown[]) => call(property as keyof Store, args);
    },
  });
}

/** For the simulation itself: nothing is in its way. */
const atOnce = (library: Driver, file: SharedFile): Driver => ({
  open(path) {
    const db = library.open(file.at(path));
    const first = <A extends readonly unknown[], T>(action: (...args: A) => T) => {
      return (...args: A): T => {
        file.reap();
        file.settle();
        return action(...args);
      };
    };
    const { exec, run, value, all } = db;
    const hurried = { exec: first(exec), run: first(run), value: first(value), all: first(all) };
    return Object.assign(Object.create(db) as Connection, hurried);
  },
});
