/** The client that the body of a transaction is given: what would end the transaction, or be done by halves, is refused, and what has undone it is kept. */
import type { Connection, Row, SqlValue } from "./driver.ts";
import { isOutage, sqliteError, translate } from "./messages.ts";

/** What the body of `transaction` is given on SQLite: synchronous, and good until the body has returned. */
export interface SqliteTransaction {
  /** Runs one statement; how many rows it changed. */
  run(sql: string, ...values: SqlValue[]): number;
  /** The rows of one query, by column name. */
  all(sql: string, ...values: SqlValue[]): Row[];
}

export interface Guarded extends SqliteTransaction {
  /** Why nothing may be committed, whatever the body has made of it: it did what it may not do, or the disk failed it. */
  failure(): Error | undefined;
  /** A statement failed and took all others with it (`INSERT OR ROLLBACK`, `RAISE(ROLLBACK)`); an error for a body that went on. */
  undone(): Error | undefined;
  end(): void;
}

const CONTROL = /^(begin|commit|end|rollback(?!\s+(transaction\s+)?to)|pragma|attach|detach|vacuum)\b/i;
/** Texts, quoted names and comments. */
const QUOTED = /'(?:[^']|'')*'|"[^"]*"|`[^`]*`|\[[^\]]*\]|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;
/** Its body holds statements. */
const TRIGGER = /^create\s+(temp(orary)?\s+)?trigger\b/i;
/** `libsql` leaves such a statement unfinished when it is asked for a number alone, and then cannot commit. */
const GIVES_ROWS = /^(select|values|explain)\b|\breturning\b/i;
const PARAMETER = /\?(\d*)|(?<![\w$])[:@$]\w+/g;

const bareOf = (sql: string): string => sql.replace(QUOTED, " ").replace(/^[\s;]+/, "");

/** Why the text may not be run. */
function refusal(sql: string, bare: string): string | undefined {
  if (CONTROL.test(bare)) return `the body may not run \`${sql.trim()}\``;
  // SQLite compiles the first alone, and its libraries forget the others.
  if (/;\s*[^\s;]/.test(bare) && !TRIGGER.test(bare))
    return `\`${sql.trim()}\` is several statements: run them one by one`;
  return undefined;
}

/** The number of values that a statement takes (https://www.sqlite.org/lang_expr.html#varparam). */
function parametersIn(bare: string): number {
  const names = new Set<string>();
  let largest = 0;
  for (const [text, number] of bare.matchAll(PARAMETER)) {
    if (number !== undefined && number !== "") largest = Math.max(largest, Number(number));
    else if (text === "?" || !names.has(text)) largest++;
    names.add(text);
  }
  return largest;
}

const isValue = (value: unknown): boolean =>
  value === null || ["string", "number", "bigint"].includes(typeof value) || value instanceof Uint8Array;

/** `libsql` binds null for a value that is missing, and ends the process for a boolean. */
function checkValues(sql: string, bare: string, values: readonly unknown[]): void {
  const wanted = parametersIn(bare);
  if (values.length !== wanted)
    throw new RangeError(`\`${sql.trim()}\` takes ${wanted} values, and was given ${values.length}`);
  for (const [i, value] of values.entries())
    if (!isValue(value)) {
      const given = typeof value === "object" ? "an object" : String(value);
      throw new TypeError(`value ${i + 1} of \`${sql.trim()}\` is ${given}: a text, a number, bytes or null is wanted`);
    }
}

export function guard(db: Connection, path: string): Guarded {
  let over = false;
  let failure: Error | undefined;
  let undone: Error | undefined;
  const refuse = (why: string): Error => (failure ??= sqliteError("PD3112", "refused", { path, why }));
  const use = <T>(sql: string, values: readonly SqlValue[], action: (bare: string) => T): T => {
    if (over) throw refuse("the client was used after the body had returned");
    if (failure !== undefined || undone !== undefined) throw failure ?? undone;
    const bare = bareOf(sql);
    const why = refusal(sql, bare);
    if (why !== undefined) throw refuse(why);
    checkValues(sql, bare, values);
    try {
      return action(bare);
    } catch (error) {
      if (isOutage(error)) failure = translate(error, path, "refused");
      else if (!db.inTransaction) {
        const because = `\`${sql.trim()}\` failed and rolled everything back (${(error as Error).message}), and the body went on`;
        undone = sqliteError("PD3112", "refused", { path, why: because }, error);
      }
      throw error;
    }
  };
  return {
    failure: () => failure,
    undone: () => undone,
    run: (sql, ...values) =>
      use(sql, values, (bare) => {
        if (!GIVES_ROWS.test(bare)) return db.run(sql, ...values);
        db.all(sql, ...values);
        return /^(select|values|explain)\b/i.test(bare) ? 0 : Number(db.value("SELECT changes()"));
      }),
    all: (sql, ...values) => use(sql, values, () => db.all(sql, ...values)),
    end() {
      over = true;
    },
  };
}
