/**
 * Wake-ups between processes, by LISTEN and NOTIFY. Hints alone: with all of them lost everything still happens, at the next poll.
 *
 * They are sent after the commit, in a statement of their own, many at once: inside the commit each would take a lock of the whole
 * database (it cost two thirds of the commits when it was tried). And they are sent only while another process listens, which it shows by a
 * shared advisory lock that goes with its connection.
 */
import { run as ask, type PgClient } from "./driver.ts";
import type { Session } from "./session.ts";

export type Wakeup = "due" | "known";
type Listener = (run: string) => void;
/** A run, and the worker that holds it. */
type Entry = readonly [run: string, owner: string | null];

/** Payloads of NOTIFY are shorter than 8,000 bytes, and a UTF-16 unit takes three at most (escapes in JSON six, for one). */
const PAYLOAD = 1_300;
/** After nobody was found listening. */
const SILENCE = 1_000;
/** How long a connection that nobody uses is kept, and how long a broken one is mourned. */
const LINGER = 5_000;
const MOURNING = 1_000;

/** Times and names: a simulation has its own. */
export interface Timers {
  /** Monotonic, ms. */
  readonly now: () => number;
  /** After what else happens in this turn of the event loop. */
  readonly soon: (run: () => void) => void;
  /** Returns what cancels it. Keeps no process up. */
  readonly after: (ms: number, run: () => void) => () => void;
  /** Unique. */
  readonly id: () => string;
}
const PLATFORM: Timers = {
  now: () => performance.now(),
  soon: (run) => void setImmediate(run),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    timer.unref();
    return () => clearTimeout(timer);
  },
  id: () => crypto.randomUUID(),
};

const CLASS = 0x50445552;
const NOTIFY = `
WITH quick AS MATERIALIZED (SELECT set_config('synchronous_commit', 'off', true)),
audience AS MATERIALIZED (
  SELECT FROM quick, pg_locks WHERE locktype = 'advisory' AND classid = ${CLASS} AND objsubid = 2
    AND objid::bigint = hashtext($1)::bigint & 4294967295 AND pid <> $3
    AND database = (SELECT oid FROM pg_database WHERE datname = current_database()) LIMIT 1
)
SELECT pg_notify($1, payload) FROM audience, unnest($2::text[]) AS payloads (payload)`;

export class Wakeups {
  readonly #session: Session;
  readonly #id: string;
  readonly #workers = new Set<string>();
  readonly #listeners: Readonly<Record<Wakeup, Set<Listener>>> = { due: new Set(), known: new Set() };
  readonly #waiting: Readonly<Record<Wakeup, Map<string, string | null>>> = { due: new Map(), known: new Map() };
  readonly #silentUntil: Record<Wakeup, number> = { due: 0, known: 0 };
  #telling = false;
  #client: PgClient | undefined;
  #pid = 0;
  readonly #heard = new Set<Wakeup>();
  #tuning: Promise<void> | undefined;
  #cancelLinger: (() => void) | undefined;
  readonly #timers: Timers;
  #closed = false;

  constructor(session: Session, timers: Timers = PLATFORM) {
    this.#session = session;
    this.#timers = timers;
    this.#id = timers.id();
  }

  /** A worker of this process: what concerns its runs needs no telling, and is for it alone when others tell. */
  mine(worker: string): void {
    this.#workers.add(worker);
  }

  /** Tells the others, soon. */
  tell(wakeup: Wakeup, run: string, owner: string | null = null): void {
    if (this.#closed || (owner !== null && this.#workers.has(owner))) return;
    if (this.#timers.now() < this.#silentUntil[wakeup]) return;
    this.#waiting[wakeup].set(run, owner);
    if (!this.#telling) void this.#tellAll();
  }

  async #tellAll(): Promise<void> {
    this.#telling = true;
    // What is told in the same turn of the event loop, or while a statement is under way, leaves together.
    await new Promise<void>((resolve) => this.#timers.soon(resolve));
    for (const wakeup of ["due", "known"] as const) {
      const waiting = this.#waiting[wakeup];
      while (waiting.size > 0 && !this.#closed) {
        const payloads = this.#payloads([...waiting]);
        waiting.clear();
        try {
          const heard = await this.#session.query("notify", NOTIFY, this.#channel(wakeup), payloads, this.#pid);
          if (heard.length === 0) this.#beSilent(wakeup);
        } catch {
          // Lost, as hints may be; whoever calls the store next hears of the trouble.
          this.#beSilent(wakeup);
        }
      }
    }
    this.#telling = false;
  }

  #beSilent(wakeup: Wakeup): void {
    this.#silentUntil[wakeup] = this.#timers.now() + SILENCE;
    this.#waiting[wakeup].clear();
  }

  #payloads(entries: readonly Entry[]): string[] {
    const payloads: string[] = [];
    let some: Entry[] = [];
    let size = 0;
    const finish = (): void => {
      if (some.length > 0) payloads.push(JSON.stringify([this.#id, ...some]));
      some = [];
      size = 0;
    };
    for (const entry of entries) {
      const length = entry[0].length + (entry[1]?.length ?? 0) + 10;
      if (size + length > PAYLOAD) finish();
      // An id that no payload can hold is found by the poll.
      if (length > PAYLOAD) continue;
      some.push(entry);
      size += length;
    }
    finish();
    return payloads;
  }

  #channel(wakeup: Wakeup): string {
    return `perdure_${wakeup}_${this.#session.schema}`;
  }

  /** Returns what ends it. */
  listen(wakeup: Wakeup, listener: Listener): () => void {
    const listeners = this.#listeners[wakeup];
    listeners.add(listener);
    this.#cancelLinger?.();
    if (!this.#heard.has(wakeup)) this.#tune();
    return () => {
      listeners.delete(listener);
      if (this.#listeners.due.size + this.#listeners.known.size > 0) return;
      this.#cancelLinger?.();
      this.#cancelLinger = this.#timers.after(LINGER, () => this.#hangUp());
    };
  }

  /** Brings what is listened to in line with who listens. */
  #tune(): void {
    this.#tuning ??= this.#connect()
      .catch(() => {
        this.#hangUp();
        this.#timers.after(MOURNING, () => this.#retune());
      })
      .finally(() => {
        this.#tuning = undefined;
        if (this.#client !== undefined) this.#retune();
      });
  }

  #retune(): void {
    const missing = (["due", "known"] as const).some((one) => this.#listeners[one].size > 0 && !this.#heard.has(one));
    if (missing && !this.#closed) this.#tune();
  }

  async #connect(): Promise<void> {
    if (this.#closed) return;
    const client = this.#client ?? (await this.#session.borrow("listen"));
    if (this.#client === undefined) {
      this.#client = client;
      // Waiting for hints is no reason to keep the process up.
      client.unref?.();
      client.on("error", this.#broken);
      client.on("notification", this.#notified);
      this.#pid = Number((await ask(client, undefined, "SELECT pg_backend_pid()", []))[0]![0]);
    }
    for (const wakeup of ["due", "known"] as const) {
      if (this.#listeners[wakeup].size === 0 || this.#heard.has(wakeup)) continue;
      const channel = this.#channel(wakeup);
      await ask(client, undefined, `LISTEN "${channel}"`, []);
      await ask(client, undefined, "SELECT pg_advisory_lock_shared($1, hashtext($2))", [CLASS, channel]);
      this.#heard.add(wakeup);
    }
  }

  readonly #broken = (): void => {
    this.#hangUp();
    this.#timers.after(MOURNING, () => this.#retune());
  };

  readonly #notified = ({ channel, payload = "[]" }: { channel: string; payload?: string }): void => {
    const [from, ...entries] = JSON.parse(payload) as [string, ...Entry[]];
    if (from === this.#id) return;
    for (const wakeup of ["due", "known"] as const) {
      if (channel !== this.#channel(wakeup)) continue;
      for (const [run, owner] of entries) {
        if (owner !== null && !this.#workers.has(owner)) continue;
        for (const listener of [...this.#listeners[wakeup]]) listener(run);
      }
    }
  };

  /** Gives the connection up, with the locks and channels that it had. */
  #hangUp(): void {
    const client = this.#client;
    this.#client = undefined;
    this.#pid = 0;
    this.#heard.clear();
    if (client === undefined) return;
    client.removeListener("notification", this.#notified);
    client.removeListener("error", this.#broken);
    client.on("error", () => {});
    client.release(true);
  }

  /** Stops telling and listening; what is under way finishes first. */
  async close(): Promise<void> {
    this.#closed = true;
    this.#cancelLinger?.();
    await this.#tuning;
    this.#hangUp();
  }
}
