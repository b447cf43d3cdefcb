/**
 * The pool of a store that was given a connection string. Beside `pg`'s own it saves what a statement costs this process around its bytes, which was half: three
 * timers, an event emitter, a description of columns that are known, and conversions of values that are texts.
 */
import { ASK, type OwnClient, type OwnPool, PATIENCE, type PgClient, type PgPool, type Row } from "./driver.ts";
import { postgresError } from "./messages.ts";

/** What `pg` has a query do, and lets it do (as `pg-cursor` and `pg-query-stream` do). */
interface Wire {
  readonly stream: { cork?(): void; uncork?(): void };
  readonly parsedStatements: Readonly<Record<string, string>>;
  readonly submittedNamedStatements?: Record<string, string>;
  parse(statement: { name: string; text: string }): void;
  bind(bound: { portal: string; statement: string; values: readonly unknown[] }): void;
  execute(what: object): void;
  sync(): void;
}

/**
 * A connection that the server ends in the same packet in which it greets it says so before whoever asked for it has heard that it is there: nobody listens then,
 * and Node ends the process. The first statement on it fails anyway.
 */
export function survive(pool: PgPool): void {
  // Several stores may share a pool.
  if (pool.listeners?.("connect").includes(listenToErrors) !== true) pool.on("connect", listenToErrors);
}
const listenToErrors = (client: PgClient): void => void client.on("error", () => {});

/** A connection that is not used for so long goes back to the pool of `pg`, which closes it in time. */
const KEPT = 1_000;

/** A prepared statement. Values are texts, bytes or null, and so are the columns of its rows; nothing of them is asked for. */
class Statement {
  readonly name: string;
  readonly text: string;
  readonly #values: readonly unknown[];
  readonly #rows: Row[] = [];
  readonly #done: (error: unknown, rows: readonly Row[]) => void;

  constructor(
    name: string,
    text: string,
    values: readonly unknown[],
    done: (error: unknown, rows: readonly Row[]) => void,
  ) {
    this.name = name;
    this.text = text;
    this.#values = values;
    this.#done = done;
  }

  submit(wire: Wire): Error | null {
    const { name, text } = this;
    // One packet.
    wire.stream.cork?.();
    try {
      if (wire.parsedStatements[name] === undefined) {
        wire.parse({ name, text });
        if (wire.submittedNamedStatements !== undefined) wire.submittedNamedStatements[name] = text;
      }
      wire.bind({ portal: "", statement: name, values: this.#values });
      wire.execute({});
      wire.sync();
    } finally {
      wire.stream.uncork?.();
    }
    return null;
  }

  handleDataRow({ fields }: { fields: Row }): void {
    this.#rows.push(fields);
  }
  handleError(error: unknown): void {
    this.#done(error, []);
  }
  handleReadyForQuery(): void {
    this.#done(null, this.#rows);
  }
  handleCommandComplete(): void {}
  handleRowDescription(): void {}
  handlePortalSuspended(): void {}
  handleEmptyQuery(): void {}
  handleCopyInResponse(): void {}
  handleCopyData(): void {}
}

type ClientClass = new (...args: never[]) => OwnClient;

const own = (Client: ClientClass): ClientClass =>
  class extends Client {
    #waits: ((error: unknown) => void) | null = null;
    #since = 0;
    #watched = false;

    override [ASK](name: string, text: string, values: readonly unknown[]): Promise<readonly Row[]> {
      return new Promise((resolve, reject) => {
        this.#since = performance.now();
        this.#waits = reject;
        if (!this.#watched) this.#watch(PATIENCE);
        const done = (error: unknown, rows: readonly Row[]): void => {
          this.#waits = null;
          if (error === null) resolve(rows);
          else reject(error);
        };
        // Given a query of this form, `pg` returns that. It would make a timer for each.
        const parameters = this.connectionParameters;
        const before = parameters?.query_timeout;
        if (parameters !== undefined) parameters.query_timeout = false;
        void this.query(new Statement(name, text, values, done));
        if (parameters !== undefined && before !== undefined) parameters.query_timeout = before;
      });
    }

    /** One timer for many statements: it looks whether one has been under way for too long. */
    #watch(ms: number): void {
      this.#watched = true;
      const timer = setTimeout(() => {
        this.#watched = false;
        if (this.#waits === null) return;
        const left = this.#since + PATIENCE - performance.now();
        if (left > 0) {
          this.#watch(left);
          return;
        }
        this.#waits(new Error(`no answer for ${PATIENCE / 1000} s`));
        this.#waits = null;
      }, ms);
      timer.unref();
    }
  };

/** Connections that have been used a moment ago are lent again at once, without a word to the pool beneath. */
class KeepingPool implements OwnPool {
  readonly #pool: PgPool;
  readonly #kept: OwnClient[] = [];
  readonly #clients = new Map<OwnClient, { readonly giveBack: (destroy: boolean) => void; broken: boolean }>();
  #waiting = 0;
  #used = false;
  #timer: NodeJS.Timeout | null = null;
  #ended = false;

  constructor(pool: PgPool) {
    this.#pool = pool;
  }

  take(): PgClient | undefined {
    this.#used = true;
    const kept = this.#kept.pop();
    kept?.ref?.();
    return kept;
  }

  async connect(): Promise<PgClient> {
    const kept = this.take();
    if (kept !== undefined) return kept;
    this.#waiting++;
    let client: OwnClient;
    try {
      client = (await this.#pool.connect()) as OwnClient;
    } finally {
      this.#waiting--;
    }
    const release = client.release.bind(client);
    const state = {
      broken: false,
      giveBack: (destroy: boolean) => {
        this.#clients.delete(client);
        client.removeListener("error", broken);
        release(destroy || state.broken);
      },
    };
    const broken = (): void => {
      state.broken = true;
      this.#drop(client);
    };
    client.on("error", broken);
    this.#clients.set(client, state);
    client.release = (destroy) => this.#release(client, destroy === true);
    return client;
  }

  #release(client: OwnClient, destroy: boolean): void {
    const state = this.#clients.get(client)!;
    // Whoever waits, waits at the pool beneath.
    if (destroy || state.broken || this.#waiting > 0 || this.#ended) {
      state.giveBack(destroy);
      return;
    }
    client.unref?.();
    this.#kept.push(client);
    this.#timer ??= setInterval(() => this.#look(), KEPT).unref();
  }

  /** Nothing was lent for a while: all go back. */
  #look(): void {
    if (this.#used) this.#used = false;
    else this.#dropAll();
  }

  #dropAll(): void {
    if (this.#timer !== null) clearInterval(this.#timer);
    this.#timer = null;
    for (const client of [...this.#kept]) this.#drop(client);
  }

  /** One that is lent is left to whom it was lent to. */
  #drop(client: OwnClient): void {
    const at = this.#kept.indexOf(client);
    if (at < 0) return;
    this.#kept.splice(at, 1);
    this.#clients.get(client)!.giveBack(false);
  }

  end(): Promise<void> {
    this.#ended = true;
    this.#dropAll();
    return this.#pool.end();
  }
  on(event: "error" | "connect", listener: (of: any) => void): unknown {
    return this.#pool.on(event as "error", listener);
  }
}

/** Loads `pg` when it is first needed, so that `perdure/postgres` can be imported where it is not installed. */
export async function makePool(connectionString: string, connections: number): Promise<OwnPool> {
  let Pool: new (options: object) => PgPool;
  let Client: ClientClass;
  try {
    const { default: pg } = await import("pg");
    Pool = pg.Pool as unknown as typeof Pool;
    Client = pg.Client as unknown as ClientClass;
  } catch (cause) {
    throw postgresError("PD3201", "refused", {}, cause);
  }
  const pool = new Pool({
    connectionString,
    Client: own(Client),
    max: connections,
    connectionTimeoutMillis: 10_000,
    query_timeout: PATIENCE,
    keepAlive: true,
    allowExitOnIdle: true,
  });
  // The pool drops an idle connection that breaks, and the next call makes another.
  pool.on("error", () => {});
  survive(pool);
  return new KeepingPool(pool);
}
