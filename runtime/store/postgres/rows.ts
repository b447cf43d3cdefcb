/** Between rows of `runs` and the heads of the contract. */
import { checkedHead, Damaged, isCount, parsed, readCodes, salvaged } from "../saved.ts";
import type { Commit, CommitOutcome, RunHead, StoredStatus } from "../store.ts";
import { damage } from "./messages.ts";

const COLUMNS = [
  ...["run", "incarnation", "fn", "status", "reason", "created_at", "updated_at", "args_digest", "position"],
  ...["inbox_seq", "consumed", "wake_at", "owner", "epoch", "suspect", "strikes", "result", "parent"],
];

/**
 * A run's head as one JSON value: one column to send, and one native call to read it. The codes are text in it: were they made JSON by the server,
 * a set that is none would fail the statement, and all other runs with it.
 */
export const HEAD = `json_build_array(${COLUMNS.map((column) => `runs.${column}`).join()},
  (SELECT codesets.codes FROM perdure.codesets WHERE codesets.id = runs.codes))`;

function headIn(json: string, codesOf: (text: unknown) => string[]): RunHead {
  const values = parsed(json, "a run") as unknown[];
  let column = 0;
  const next = <T>(): T => values[column++] as T;
  // In the order of COLUMNS.
  return {
    run: next<string>(),
    incarnation: next<string>(),
    fn: next<string>(),
    status: next<StoredStatus>(),
    reason: next<string | null>(),
    createdAt: next<number>(),
    updatedAt: next<number>(),
    argsDigest: next<string>(),
    position: next<number>(),
    inboxSeq: next<number>(),
    consumed: next<number>(),
    wakeAt: next<number | null>(),
    owner: next<string | null>(),
    epoch: next<number>(),
    suspect: next<boolean>(),
    strikes: next<number>(),
    result: next<string | null>(),
    parent: next<string | null>(),
    codes: codesOf(next()),
  };
}

export const readHead = (json: string): RunHead => checkedHead(headIn(json, readCodes));

/**
 * Of a commit that is saved, whatever somebody else has made of the row's numbers since: the position follows from the commit, and of the messages it
 * consumed those at least were delivered.
 */
export function applied({ position, segment, consumed }: Commit, inboxSeq: string | null | undefined): CommitOutcome {
  const delivered = Number(inboxSeq);
  const next = position + (segment === null ? 0 : 1);
  return { type: "ok", position: next, inboxSeq: isCount(delivered) ? delivered : consumed };
}

/** For what is shown or claimed together with others: of a damaged one, what is left and why. */
export function readHeadOrRest(json: string): { head: RunHead; damaged: boolean } {
  try {
    return { head: readHead(json), damaged: false };
  } catch (error) {
    if (!(error instanceof Damaged)) throw error;
    const codesIn = (text: unknown): string[] => {
      try {
        return readCodes(text);
      } catch {
        return [];
      }
    };
    return { head: salvaged(headIn(json, codesIn), damage(error)), damaged: true };
  }
}

export const ENDED_SQL = "('done', 'failed', 'cancelled')";
export const DORMANT_SQL = "('stuck', 'blocked', 'quarantined')";
