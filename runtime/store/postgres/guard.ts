/** The client that the body of a transaction is given: what would end the transaction is refused, whatever the body has made of that. */
import { ASK, type OwnClient, type PgClient } from "./driver.ts";
import { postgresError, stateOf } from "./messages.ts";

export interface Guarded {
  readonly client: unknown;
  /** The conflict that a statement met, or what the body did that it may not do: whatever the body has made of that error. */
  failure(): unknown;
  /** Has the body taken another role for the rest of the transaction, or for the session? */
  hasRole(): boolean;
  end(): void;
}

const CONTROL =
  /^\s*(begin|start\s+transaction|commit|end|abort|prepare\s+transaction|rollback(?!\s+(work\s+|transaction\s+)?to))\b/i;
/** Texts, also between dollars, quoted names and comments. */
const QUOTED = /'(?:[^']|'')*'|"[^"]*"|\$(\w*)\$[\s\S]*?\$\1\$|--[^\n]*|\/\*[\s\S]*?(?:\*\/|$)/g;
const ROLE = /\bset\s+((session|local)\s+)?role\b|\bset_config\s*\(\s*'role'/i;

/** Good until the body has settled, without the statements that would end the transaction. */
export function guard(client: PgClient, schema: string): Guarded {
  let failure: unknown;
  let over = false;
  let hasRole = false;
  const giveBackTime = takeTime(client);
  const note = (error: unknown): void => {
    if (/^(40001|40P01)$/.test(stateOf(error) ?? "")) failure ??= error;
  };
  const refuse = (why: string): never => {
    throw (failure ??= postgresError("PD3212", "refused", { schema, why }));
  };
  const query = (...args: unknown[]): unknown => {
    if (over) refuse("the client was used after the body had settled");
    const [first] = args;
    const text = typeof first === "string" ? first : (first as { text?: unknown } | null)?.text;
    if (typeof text === "string") {
      for (const statement of text.replace(QUOTED, " ").split(";"))
        if (CONTROL.test(statement)) refuse(`the body may not run \`${text.trim()}\``);
      hasRole ||= ROLE.test(text);
    }
    const last = args.at(-1);
    if (typeof last === "function")
      args[args.length - 1] = (error: unknown, ...rest: unknown[]) => {
        if (error) note(error);
        (last as Function)(error, ...rest);
      };
    const answer: unknown = Reflect.apply(client.query as Function, client, args);
    if (answer instanceof Promise) answer.catch(note);
    return answer;
  };
  const proxy = new Proxy(client, {
    get(target, property) {
      if (property === "query") return query;
      if (property === "release" || property === "end")
        return () => refuse(`the body may not call ${String(property)}()`);
      const value: unknown = Reflect.get(target, property);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
  return {
    client: proxy,
    failure: () => failure,
    hasRole: () => hasRole,
    end() {
      over = true;
      giveBackTime();
    },
  };
}

/** How long the store's own statements may take is no bound for the body's. */
function takeTime(client: PgClient): () => void {
  const { connectionParameters, [ASK]: isOwn } = client as Partial<OwnClient>;
  if (isOwn === undefined || connectionParameters === undefined) return () => {};
  const before = connectionParameters.query_timeout;
  connectionParameters.query_timeout = false;
  return () => {
    if (before !== undefined) connectionParameters.query_timeout = before;
  };
}
