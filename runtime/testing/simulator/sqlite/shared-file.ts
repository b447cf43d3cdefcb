/** The file that all processes of a simulation share, on a real disk, and what has happened in it. */
import { copyFileSync, existsSync, mkdtempSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Connection, Driver, Row } from "../../../store/sqlite/driver.ts";
import type { SimulatedProcess } from "../process.ts";

/** A connection of a process that may die while it holds the file's lock. */
export interface Member {
  readonly process: SimulatedProcess;
  /** Resolves when the commit that is under way has been done; undefined: there is none. */
  readonly committing: Promise<void> | undefined;
  /** The commit that is under way is done. */
  settle(): void;
  /** The process is dead: its lock is free. */
  end(): void;
}

/** What others can see of a run after a transaction. */
export interface Seen {
  readonly run: string;
  readonly incarnation: string;
  readonly owner: string | null;
  readonly epoch: number;
  readonly commit: string | null;
  readonly position: number;
  readonly inboxSeq: number;
}

export interface Told {
  readonly claimed: (seen: Seen & { readonly owner: string }) => void;
  readonly committed: (seen: Seen & { readonly commit: string }) => void;
}

const SEEN = "SELECT run, incarnation, owner, epoch, last_commit, position, inbox_seq FROM runs ORDER BY id";

const seenIn = (row: Row): Seen => ({
  run: row["run"] as string,
  incarnation: row["incarnation"] as string,
  owner: row["owner"] as string | null,
  epoch: row["epoch"] as number,
  commit: row["last_commit"] as string | null,
  position: row["position"] as number,
  inboxSeq: row["inbox_seq"] as number,
});

export class SharedFile {
  /** As the processes know it: the same text whenever a seed is played. */
  readonly path = "/runs.db";
  readonly members = new Set<Member>();
  readonly #directory = mkdtempSync(join(tmpdir(), "perdure-simulation-"));
  readonly #library: Driver;
  readonly #told: Told;
  #observer: Connection | undefined;
  #known = new Map<string, Seen>();
  /** How often it was. */
  replaced = 0;

  constructor(library: Driver, told: Told) {
    this.#library = library;
    this.#told = told;
  }

  /** Where a file of the processes is on this disk. */
  at(path: string): string {
    return join(this.#directory, path);
  }

  /** What the dead held is free. */
  reap(): void {
    for (const member of [...this.members]) if (!member.process.alive) member.end();
  }

  /** All commits that are under way are done. */
  settle(): void {
    for (const member of [...this.members]) member.settle();
  }

  committing(process: SimulatedProcess): Promise<void> | undefined {
    for (const member of this.members)
      if (member.process === process && member.committing !== undefined) return member.committing;
    return undefined;
  }

  /** Tells what has changed since it was last called: after each transaction. */
  observe(): void {
    this.#observer ??= this.#library.open(this.at(this.path));
    if (this.#observer.value("SELECT 1 FROM sqlite_master WHERE name = 'runs'") === undefined) return;
    const known = this.#known;
    this.#known = new Map();
    for (const row of this.#observer.all(SEEN)) {
      const seen = seenIn(row);
      const before = known.get(seen.incarnation);
      this.#known.set(seen.incarnation, seen);
      // Within a transaction a claim is the last of a run: whoever has claimed it hears of it only afterwards.
      if (seen.commit !== null && seen.commit !== before?.commit)
        this.#told.committed({ ...seen, commit: seen.commit });
      if (seen.owner !== null && seen.epoch !== before?.epoch) this.#told.claimed({ ...seen, owner: seen.owner });
    }
  }

  /** Another file with what was committed stands at the path. Connections go on with the one that they have. */
  replace(): void {
    const path = this.at(this.path);
    if (!existsSync(path)) return;
    this.replaced++;
    const copied = ["", "-wal"].filter((name) => existsSync(path + name));
    for (const name of copied) copyFileSync(path + name, `${path}.new${name}`);
    for (const name of ["", "-wal", "-shm"])
      if (existsSync(path + name)) renameSync(path + name, `${path}.${this.replaced}${name}`);
    for (const name of copied) renameSync(`${path}.new${name}`, path + name);
    this.#observer?.close();
    this.#observer = undefined;
  }

  close(): void {
    for (const member of [...this.members]) member.end();
    this.#observer?.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
