/** Between rows of `runs` and the heads of the contract. */
import { checkedHead, parsed } from "../saved.ts";
import type { RunHead, StoredStatus } from "../store.ts";

const COLUMNS = [
  ...["run", "incarnation", "fn", "status", "reason", "created_at", "updated_at", "args_digest", "position"],
  ...["inbox_seq", "consumed", "wake_at", "owner", "epoch", "suspect", "strikes", "result", "parent"],
];

/** A run's head as one JSON value: one column to send, and one native call to read it. */
export const HEAD = `json_build_array(${COLUMNS.map((column) => `runs.${column}`).join()},
  (SELECT codesets.codes::json FROM perdure.codesets WHERE codesets.id = runs.codes))`;

export function readHead(json: string): RunHead {
  const values = parsed(json, "a run") as unknown[];
  let column = 0;
  const next = <T>(): T => values[column++] as T;
  // In the order of COLUMNS.
  return checkedHead({
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
    codes: next<string[]>(),
  });
}

export const ENDED_SQL = "('done', 'failed', 'cancelled')";
export const DORMANT_SQL = "('stuck', 'blocked', 'quarantined')";
