/**
 * The Postgres store itself, one object for each process, over a model of the server. Every statement takes its way there and back, during
 * which its connection may break: before it arrives, or after it was done; the server may undo it for a conflict, and others may write between what it
 * sees and what it locks.
 */
import type { PgClient, PgPool, PgQuery } from "../../../store/postgres/driver.ts";
import { open } from "../../../store/postgres/index.ts";
import { Authors } from "../authors.ts";
import type { History } from "../history.ts";
import type { Installation } from "../installation.ts";
import type { Network } from "../network.ts";
import type { SimulatedProcess } from "../process.ts";
import type { Random } from "../random.ts";
import type { Timeline } from "../timeline.ts";
import { Blocked, type Row, refusal, Transaction } from "./database.ts";
import { Server, type ServerMutation } from "./server.ts";

export interface PostgresWorld {
  readonly timeline: Timeline;
  readonly random: Random;
  readonly history: History;
  readonly mutation: ServerMutation;
  /** What becomes of a notification, and how often. */
  readonly notified: () => number;
}

/** How often the server looks whether those whose transactions are open are still there, ms. */
const KEEPALIVE = 2_000;

export function simulatedPostgres({ timeline, random, history, mutation, notified }: PostgresWorld): Installation {
  const authors = new Authors();
  const server = new Server(
    {
      claimed: ({ run, incarnation, epoch, owner }) =>
        history.add({ type: "claim", run, incarnation, epoch, worker: owner!, process: authors.process(owner!) }),
      committed: (id, position, inboxSeq) => history.applied(authors.applied(id, position, inboxSeq)),
    },
    () => random.chance(0.05),
    mutation,
  );

  const clients = new Set<DistantClient>();
  return {
    tells: true,
    store: open(new DirectPool(server), { notify: false }, { pause: async () => {}, random: () => 0 }),
    open(process, network) {
      const pause = (ms: number): Promise<void> => new Promise((resolve) => void process.later(ms, resolve));
      const board = { clients, notified };
      const pool = new DistantPool(server, board, process, network, timeline);
      const timers = {
        now: () => timeline.now,
        soon: (run: () => void) => void process.later(0, run),
        after: (ms: number, run: () => void) => process.later(ms, run),
        id: () => `listener ${network.random.between(0, 2 ** 40)}`,
      };
      const store = open(pool, {}, { pause, random: () => network.random.next() }, timers);
      return authors.noting(store, process);
    },
  };
}

abstract class ModelClient implements PgClient {
  readonly #listeners = new Map<string, Set<(of: any) => void>>();
  abstract query(query: PgQuery): Promise<{ rows: unknown[] }>;
  abstract release(destroy?: boolean): void;
  on(event: string, listener: (of: any) => void): void {
    const listeners = this.#listeners.get(event) ?? new Set();
    this.#listeners.set(event, listeners.add(listener));
  }
  removeListener(event: string, listener: (of: any) => void): void {
    this.#listeners.get(event)?.delete(listener);
  }
  protected emit(event: string, of: unknown): void {
    for (const listener of [...(this.#listeners.get(event) ?? [])]) listener(of);
  }
}

/** Who listens, and what becomes of what they are told. */
interface Board {
  readonly clients: Set<DistantClient>;
  readonly notified: () => number;
}

/** For the simulation, and for those who compare the model with a server: no distance, no faults. */
export class DirectPool implements PgPool {
  readonly #server: Server;
  constructor(server: Server) {
    this.#server = server;
  }
  async connect(): Promise<PgClient> {
    return new DirectClient(this.#server);
  }
  async end(): Promise<void> {}
  on(): void {}
}

class DirectClient extends ModelClient {
  readonly #server: Server;
  #transaction: Transaction | undefined;
  constructor(server: Server) {
    super();
    this.#server = server;
  }
  async query({ text, values }: PgQuery): Promise<{ rows: unknown[] }> {
    const { database } = this.#server;
    if (text.startsWith("BEGIN")) this.#transaction = new Transaction();
    else if (text === "COMMIT" || text === "ROLLBACK") {
      if (text === "COMMIT") database.commit(this.#transaction!);
      else this.release();
      this.#transaction = undefined;
    } else {
      const snapshot = database.begin();
      try {
        return { rows: this.#server.execute(text, values, snapshot.at, this.#transaction, false) };
      } finally {
        database.end(snapshot);
      }
    }
    return { rows: [] };
  }
  release(): void {
    if (this.#transaction !== undefined) this.#server.database.release(this.#transaction);
    this.#transaction = undefined;
  }
}

class DistantPool implements PgPool {
  readonly #parts: readonly [Server, Board, SimulatedProcess, Network, Timeline];
  constructor(...parts: readonly [Server, Board, SimulatedProcess, Network, Timeline]) {
    this.#parts = parts;
  }
  async connect(): Promise<PgClient> {
    return new DistantClient(...this.#parts);
  }
  async end(): Promise<void> {}
  on(): void {}
}

const IS_HINT = /^LISTEN |^SELECT pg_backend_pid|^SELECT pg_advisory_lock_shared|pg_notify/;

/** The driver's error for a connection that is gone: no word of the server's. */
const gone = (): Error => new Error("Connection terminated unexpectedly");
const FATAL = [
  ["57P01", "terminating connection due to administrator command"],
  ["57P03", "the database system is starting up"],
  ["53300", "sorry, too many clients already"],
] as const;

class DistantClient extends ModelClient {
  readonly #server: Server;
  readonly #board: Board;
  readonly #process: SimulatedProcess;
  readonly #network: Network;
  readonly #timeline: Timeline;
  #transaction: Transaction | undefined;
  #broken = false;
  readonly #channels = new Set<string>();
  readonly #pid: number;

  constructor(server: Server, board: Board, process: SimulatedProcess, network: Network, timeline: Timeline) {
    super();
    this.#server = server;
    this.#board = board;
    this.#pid = server.database.next("pids");
    this.#process = process;
    this.#network = network;
    this.#timeline = timeline;
  }

  query({ text, values }: PgQuery): Promise<{ rows: unknown[] }> {
    const timeline = this.#timeline;
    const { random } = this.#network;
    const latency = (): number => (random.chance(0.05) ? random.between(20, 200) : random.between(1, 4));
    return new Promise((resolve, reject) => {
      if (!this.#process.alive) return;
      this.#network.calling(this.#process, text);
      const answer = (settle: () => void): void => void timeline.at(latency(), this.#process, settle);
      timeline.at(latency(), null, () => {
        // Hints are lost by themselves: the faults are for what matters.
        const fate = this.#broken
          ? "request-lost"
          : IS_HINT.test(text)
            ? "answered"
            : this.#network.fate(this.#process, text.trim().slice(0, 40));
        if (fate === "refused") {
          for (const one of [...this.#board.clients]) if (one.#process === this.#process) one.#break();
          const [code, message] = random.pick(FATAL);
          this.#break();
          return answer(() => reject(Object.assign(refusal(code, message), { severity: "FATAL" })));
        }
        if (fate === "request-lost") {
          this.#break();
          return answer(() => reject(gone()));
        }
        // Nothing on the way sends a statement twice; the server may want it twice.
        if (fate === "repeated") {
          if (this.#transaction !== undefined) this.#transaction.failed = true;
          const code = random.pick(["40001", "40P01"]);
          return answer(() => reject(refusal(code, "could not serialize access due to concurrent update")));
        }
        this.#perform(text, values, (error, rows) => {
          if (fate !== "answer-lost") return answer(() => (error === undefined ? resolve({ rows }) : reject(error)));
          this.#break();
          answer(() => reject(gone()));
        });
      });
    });
  }

  #perform(text: string, values: readonly unknown[], done: (error: unknown, rows: Row[]) => void): void {
    const { database } = this.#server;
    const { random } = this.#network;
    if (text.startsWith("BEGIN")) {
      this.#transaction = new Transaction();
      this.#watch(this.#transaction);
      return done(undefined, []);
    }
    const hint = this.#hints(text, values);
    if (hint !== undefined) return done(undefined, hint);
    const transaction = this.#transaction;
    if (text === "COMMIT" || text === "ROLLBACK") {
      this.#transaction = undefined;
      if (text === "COMMIT" && transaction !== undefined) database.commit(transaction);
      else if (transaction !== undefined) database.release(transaction);
      return done(undefined, []);
    }
    const snapshot = database.begin();
    const attempt = (): void => {
      // Its connection broke while it waited.
      if (transaction !== undefined && transaction !== this.#transaction) return database.end(snapshot);
      let rows: Row[] = [];
      let failure: unknown;
      try {
        rows = this.#server.execute(text, values, snapshot.at, transaction, true);
      } catch (error) {
        if (error instanceof Blocked) return void error.by.waiting.push(() => this.#timeline.at(0, null, attempt));
        if (transaction !== undefined) transaction.failed = true;
        failure = error;
      }
      database.end(snapshot);
      done(failure, rows);
    };
    const [often, longest] = this.#server.slowToLock ? [0.7, 400] : [0.3, 30];
    this.#timeline.at(random.chance(often) ? random.between(1, longest) : 0, null, attempt);
  }

  /** LISTEN, NOTIFY and what belongs to them; undefined: it is another statement. */
  #hints(text: string, values: readonly unknown[]): Row[] | undefined {
    const [, channel] = /^LISTEN "(\w+)"$/.exec(text) ?? [];
    if (channel !== undefined) {
      this.#channels.add(channel);
      this.#board.clients.add(this);
      return [];
    }
    if (text === "SELECT pg_backend_pid()") return [[String(this.#pid)]];
    if (text.startsWith("SELECT pg_advisory_lock_shared")) return [[""]];
    if (!text.includes("pg_notify($1, payload)")) return undefined;
    const [name, payloads, own] = values as [string, string[], number];
    const others = [...this.#board.clients].filter((one) => one.#pid !== own && one.#channels.has(name));
    if (others.length === 0) return [];
    for (const other of others) for (const payload of payloads) other.#tell(name, payload);
    return payloads.map(() => [""]);
  }

  #tell(channel: string, payload: string): void {
    for (let times = this.#board.notified(); times > 0; times--) {
      this.#timeline.at(this.#network.random.between(1, 20), this.#process, () => {
        if (!this.#broken) this.emit("notification", { channel, payload });
      });
    }
  }

  /** The server hears in the end that nobody is there any more. */
  #watch(transaction: Transaction): void {
    this.#timeline.at(KEEPALIVE, null, () => {
      if (this.#transaction !== transaction) return;
      if (this.#process.alive) this.#watch(transaction);
      else this.#break();
    });
  }

  #break(): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#board.clients.delete(this);
    this.#timeline.at(1, this.#process, () => this.emit("error", gone()));
    const open = this.#transaction;
    this.#transaction = undefined;
    if (open !== undefined) this.#server.database.release(open);
  }

  release(destroy = false): void {
    if (destroy) this.#break();
  }
}
