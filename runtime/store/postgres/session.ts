/**
 * The pool, the statements and their errors. A call of the store is one statement, which Postgres commits by itself: one
 * round trip. Whether it happened is therefore known from its answer alone; when there is none, nobody knows.
 *
 * Statements are written for READ COMMITTED: one that waited for a row's lock goes on with the row as it then is. They also hold
 * under stricter levels that an account may have set, where they fail on such a row and are run again.
 */
import { createHash } from "node:crypto";
import { storeError } from "../messages.ts";
import { PATIENCE, type Patience } from "../patience.ts";
import { makePool, survive } from "./connections.ts";
import { type OwnPool, type PgClient, type PgPool, type Row, run, type SqlValue } from "./driver.ts";
import { isConflict, postgresError, stateOf, translate } from "./messages.ts";
import { isSchemaName, type PostgresOptions } from "./options.ts";
import { Reserve, sizeOf } from "./reserve.ts";
import { inSchema, prepareSchema } from "./schema.ts";

/** Asks something of the connection it was made for. */
export type Query = (text: string, ...values: SqlValue[]) => Promise<readonly Row[]>;

export interface Session {
  readonly schema: string;
  /** One statement, committed by itself. In its text `perdure.` stands for the schema. */
  query(method: string, text: string, ...values: SqlValue[]): Promise<readonly Row[]>;
  /** Admits a call of the store: `body` counts as under way from now on. */
  admit<T>(method: string, body: () => Promise<T>): Promise<T>;
  /** As `query`, for calls that have been admitted. */
  ask(method: string, text: string, ...values: SqlValue[]): Promise<readonly Row[]>;
  /** Several statements in one transaction. `work` may be run again, after a conflict. `rollBack` undoes everything; then `work` only returns. */
  transaction<T>(
    method: string,
    work: (query: Query, client: PgClient, rollBack: () => Promise<unknown>) => Promise<T>,
    begin?: string,
  ): Promise<T>;
  /** Admits transactions of the user's. */
  readonly reserve: Reserve;
  /** Connections of the pool. */
  readonly size: number;
  /** A connection to keep; give it back with `release`. */
  borrow(method: string): Promise<PgClient>;
  /** Resolves once the calls under way have finished; later ones are refused. Then `last` runs, and the store's own pool ends. */
  close(last: () => Promise<void>): Promise<void>;
}

/** Attempts at a statement that meets conflicts, before the caller is told. */
const ATTEMPTS = 10;

/** Calls that look through many rows now and then: planned each time, for the tables as they are. */
const RARE: ReadonlySet<string> = new Set(["census", "list", "sweep"]);

const ignore = (): void => {};

export function openSession(
  connection: string | PgPool,
  options: PostgresOptions,
  { pause, random }: Patience = PATIENCE,
): Session {
  const { schema = "perdure", connections = 4, migrate = true, prepare = true } = options;
  if (!isSchemaName(schema)) {
    const why = `${JSON.stringify(schema)} is no name of 1 to 40 letters, digits and underscores`;
    throw postgresError("PD3205", "refused", { schema, why });
  }
  const statements = new Map<string, { name: string | undefined; text: string }>();
  const under = new Set<Promise<unknown>>();
  let pool: Promise<PgPool & Partial<OwnPool>> | undefined;
  /** The same, once it is there. */
  let lender: (PgPool & Partial<OwnPool>) | undefined;
  let opening: Promise<void> | undefined;
  let isPrepared = false;
  const size = typeof connection === "string" ? connections : sizeOf(connection);
  if (typeof connection !== "string") survive(connection);
  let closing: Promise<void> | undefined;

  function statement(method: string, text: string): { name: string | undefined; text: string } {
    let known = statements.get(text);
    if (known === undefined) {
      const full = inSchema(schema, text);
      const name =
        prepare && !RARE.has(method)
          ? `perdure_${createHash("sha256").update(full).digest("hex").slice(0, 24)}`
          : undefined;
      statements.set(text, (known = { name, text: full }));
    }
    return known;
  }

  /** Lends a connection to `use`, which sends the call (`sent`) or only prepares for it. One whose state is not known afterwards is not used again. */
  async function lend<T>(use: (client: PgClient) => Promise<T>, sent: boolean): Promise<T> {
    let client: PgClient;
    try {
      pool ??= typeof connection === "string" ? makePool(connection, connections) : Promise.resolve(connection);
      lender ??= await pool;
      client = lender.take?.() ?? (await lender.connect());
    } catch (error) {
      throw translate(error, schema, false);
    }
    // A connection that breaks between two statements says so by an event; the next statement fails anyway.
    client.on("error", ignore);
    let intact = false;
    try {
      const value = await use(client);
      intact = true;
      return value;
    } catch (error) {
      intact = translate(error, schema, true).outcome === "refused";
      throw isConflict(error) ? error : translate(error, schema, sent);
    } finally {
      client.removeListener("error", ignore);
      client.release(!intact);
    }
  }

  /** Conflicts were rolled back: they are nobody's business until there are too many. */
  async function persist<T>(use: (client: PgClient) => Promise<T>, sent = true): Promise<T> {
    for (let attempt = 1; ; attempt++) {
      try {
        return await lend(use, sent);
      } catch (error) {
        if (!isConflict(error) || attempt >= ATTEMPTS) throw translate(error, schema, false);
      }
      await pause(random() * 2 ** attempt);
    }
  }

  function opened(): Promise<void> {
    opening ??= persist((client) => prepareSchema(client, schema, migrate), false).then(
      () => {
        isPrepared = true;
      },
      (error: unknown) => {
        // After a failure the next call tries again.
        opening = undefined;
        throw error;
      },
    );
    return opening;
  }

  function call<T>(method: string, body: () => Promise<T>): Promise<T> {
    if (closing !== undefined) return Promise.reject(storeError("PD3002", "refused", { method, store: "postgres" }));
    // Each promise has its price, and a turn waits for this call.
    const done = isPrepared ? body() : opened().then(body);
    under.add(done);
    const over = (): void => void under.delete(done);
    done.then(over, over);
    return done;
  }

  /** A deferred constraint has refused it, for good: that is for whoever wrote the statements. */
  function refuseCommit(error: unknown): never {
    if (!/^23/.test(stateOf(error) ?? "")) throw error;
    const why = `its COMMIT was refused: ${(error as Error).message}`;
    throw Object.assign(postgresError("PD3212", "refused", { schema, why }, error), { thrown: error });
  }

  const queryOf =
    (method: string, client: PgClient): Query =>
    (text, ...values) => {
      const { name, text: full } = statement(method, text);
      return run(client, name, full, values);
    };

  const ask: Session["ask"] = (method, text, ...values) =>
    persist((client) => queryOf(method, client)(text, ...values));

  return {
    schema,
    ask,
    admit: call,
    query: (method, text, ...values) => call(method, () => ask(method, text, ...values)),
    reserve: new Reserve(size),
    size,
    transaction: (method, work, begin = "BEGIN") =>
      call(method, () =>
        persist(async (client) => {
          const plain = (text: string) => run(client, undefined, text, []);
          let isOpen = true;
          const rollBack = (): Promise<unknown> => {
            isOpen = false;
            return plain("ROLLBACK");
          };
          await plain(begin);
          let value: Awaited<ReturnType<typeof work>>;
          try {
            value = await work(queryOf(method, client), client, rollBack);
          } catch (error) {
            await rollBack().catch(ignore);
            // Before COMMIT is sent nothing can have happened.
            throw isConflict(error) ? error : translate(error, schema, false);
          }
          if (isOpen) await plain("COMMIT").catch(refuseCommit);
          return value;
        }),
      ),
    borrow: (method) =>
      call(method, async () => {
        try {
          return await (await pool!).connect();
        } catch (error) {
          throw translate(error, schema, false);
        }
      }),
    close(last) {
      closing ??= (async () => {
        await Promise.allSettled([...under]);
        await last();
        if (typeof connection === "string") await (await pool?.catch(() => undefined))?.end();
      })();
      return closing;
    },
  };
}
