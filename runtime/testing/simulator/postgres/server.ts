/** What the server makes of the texts that the store sends. One that it does not know is an error: the model would be of another store. */
import { SCHEMA_VERSION } from "../../../store/postgres/schema.ts";
import * as claiming from "./claiming.ts";
import * as committing from "./committing.ts";
import { Database, type Row, refusal, Statement, type Transaction } from "./database.ts";
import { end } from "./ending.ts";
import * as mailing from "./mailing.ts";
import type { Run } from "./rows.ts";

/** A server that is wrong on purpose. */
export interface ServerMutation {
  /** Whether a run that commits goes to sleep is judged by the inbox as the statement sees it, not by the counter in the row. */
  readonly parkBySubquery?: boolean;
  /** Neither owner nor epoch nor incarnation count. */
  readonly noFence?: boolean;
  /** What a claim has seen is taken, whatever it is by now and whoever has it. */
  readonly claimWhatWasSeen?: boolean;
  /** No fault: statements often take their time between what they see and what they lock. So rare meetings become frequent ones. */
  readonly slowToLock?: boolean;
  /** The id of the last commit is not looked at. */
  readonly forgetCommits?: boolean;
}

export interface Told {
  readonly claimed: (run: Run) => void;
  readonly committed: (commitId: string, position: number, inboxSeq: number) => void;
}

type Answer = (s: Statement) => Row[];

export class Server {
  readonly database = new Database();
  readonly #busy: () => boolean;
  readonly #mutation: ServerMutation;
  readonly #answers: readonly (readonly [text: RegExp, answer: Answer])[];
  readonly #known = new Map<string, Answer>();

  get slowToLock(): boolean {
    return this.#mutation.slowToLock === true;
  }

  constructor(told: Told, busy: () => boolean, mutation: ServerMutation) {
    this.#busy = busy;
    this.#mutation = mutation;
    const rules = {
      isFenced: mutation.noFence === true ? committing.isMisplaced : committing.isFenced,
      recognizes: mutation.forgetCommits !== true,
      mailWaits: mutation.parkBySubquery === true ? committing.bySubquery : committing.byCounter,
    };
    // By what only one statement has.
    this.#answers = [
      [/^SELECT to_regclass/, () => [["t", null, "UTF8"]]],
      [/^SELECT coalesce\(max\(version\)/, () => [[String(SCHEMA_VERSION)]]],
      [/INSERT INTO "\w+"\.codesets/, committing.intern],
      [/INSERT INTO "\w+"\.runs/, committing.create],
      [/^\s*WITH turn AS/, (s) => committing.turn(s, told.committed)],
      [/DELETE FROM "\w+"\.segments USING turn/, (s) => committing.turns(s, told.committed, true)],
      [/'delta', text FROM turn/, (s) => committing.turns(s, told.committed, false)],
      [/WITH given AS \(/, (s) => committing.group(s, told.committed, rules)],
      [/WHEN last_commit = \$3 THEN 'ended'/, (s) => end(s, told.committed)],
      [/UPDATE "\w+"\.segments SET kind = 'base'/, committing.compact],
      [/JOIN "\w+"\.runs ON runs\.run = asked\.run AND runs\.incarnation/, committing.load],
      [/\(VALUES \(1\)\) AS asked/, committing.inspect],
      [/^\s*SELECT asked\.n, json_build_array/, committing.read],
      [/SET status = 'blocked'/, claiming.setAside],
      [/INSERT INTO "\w+"\.workers/, claiming.renew],
      [/^UPDATE "\w+"\.workers SET ended = true WHERE id = \$1$/, claiming.endWorker],
      [/SET owner = NULL, wake_at = 0/, claiming.freeRuns],
      [/WITH dead AS/, (s) => claiming.claim(s, told.claimed)],
      [/^\s*SELECT json_build_array\(run, incarnation, epoch/, claiming.owned],
      [/SELECT min\(first\.due_at\)/, claiming.nextWake],
      [/AS unlinked \(codes\)/, claiming.unlinked],
      [/INSERT INTO "\w+"\.inbox/, mailing.deliver],
      [/^SELECT body FROM/, mailing.body],
      [/strikes = 0, updated_at = \$2/, mailing.revive],
      [/DELETE FROM "\w+"\.outbox/, mailing.acknowledge],
      [/ORDER BY outbox\.id LIMIT/, mailing.pending],
      [/inbox\.seq > greatest/, mailing.inbox],
      [/ORDER BY run LIMIT \$3/, () => []],
      [/, status, count\(\*\), count/, mailing.census],
      [/WITH old AS/, mailing.sweep],
      [/^SELECT id FROM "\w+"\.workers WHERE until/, mailing.idleWorkers],
      [/^DELETE FROM "\w+"\.workers/, mailing.forgetWorkers],
      [/^SELECT count\(\*\) FROM "\w+"\.codesets/, (s) => [[String(s.seen(s.tables.codesets).length)]]],
    ];
  }

  #answerOf(text: string): Answer {
    let answer = this.#known.get(text);
    if (answer !== undefined) return answer;
    const found = this.#answers.filter(([pattern]) => pattern.test(text));
    if (found.length !== 1) throw new Error(`the model of Postgres knows ${found.length} statements like ${text}`);
    answer = found[0]![1];
    if (/ORDER BY run LIMIT \$3/.test(text)) {
      const status = /WHERE status = '(\w+)'/.exec(text)?.[1];
      answer = (s) => mailing.list(s, status);
    }
    this.#known.set(text, answer);
    return answer;
  }

  /** At one instant, seeing what was there at `snapshot`. Throws {@link Blocked}, and what the server refuses. */
  execute(
    text: string,
    values: readonly unknown[],
    snapshot: number,
    transaction: Transaction | undefined,
    waits: boolean,
  ): Row[] {
    if (transaction?.failed === true) throw refusal("25P02", "current transaction is aborted");
    const statement = new Statement(this.database, snapshot, values, {
      transaction,
      busy: waits ? this.#busy : () => false,
      ignoreLocks: !waits,
      takeWhatWasSeen: this.#mutation.claimWhatWasSeen === true,
    });
    const rows = this.#answerOf(text)(statement);
    if (transaction === undefined) this.database.apply(statement.writes);
    else transaction.writes.push(...statement.writes);
    return rows;
  }
}
