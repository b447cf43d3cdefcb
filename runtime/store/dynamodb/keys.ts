/** Names of items. `docs/dynamodb.md` has them as a table. */
import { createHash } from "node:crypto";
import type { Incarnation, RunId, WorkerId } from "../store.ts";
import type { Key } from "./items.ts";
import { dynamodbError } from "./messages.ts";

export const TABLE: Key = { pk: "meta", sk: "table" };
export const EPOCH: Key = { pk: "meta", sk: "epoch" };
/** After every text that begins with the prefix, and before everything else. */
export const END = "\u{10ffff}";

const digest = (text: string): string => createHash("sha256").update(text).digest("base64url");

export const shardOf = (run: RunId, shards: number): number =>
  createHash("sha256").update(run).digest().readUInt16BE() % shards;

export const codesKey = (id: string): Key => ({ pk: "codes", sk: id });
export const codesId = (codes: readonly string[]): string => digest(JSON.stringify(codes)).slice(0, 22);
export const workerKey = (worker: WorkerId): Key => ({ pk: "workers", sk: worker });
export const ownerKey = (worker: WorkerId, run: RunId): Key => ({ pk: `owner/${worker}`, sk: run });
export const headKey = (run: RunId, shards: number): Key => ({ pk: `heads/${shardOf(run, shards)}`, sk: run });
export const runPk = (run: RunId): string => `run/${run}`;

const of = (run: RunId, incarnation: Incarnation, rest: string): Key => ({
  pk: runPk(run),
  sk: `${encodeURIComponent(incarnation)}/${rest}`,
});
export const slotKey = (run: RunId, incarnation: Incarnation, slot: number): Key =>
  of(run, incarnation, `s/${String(slot).padStart(6, "0")}`);
export const partKey = (run: RunId, incarnation: Incarnation, id: string, part: number): Key =>
  of(run, incarnation, `b/${id}/${String(part).padStart(3, "0")}`);
export const messageKey = (run: RunId, incarnation: Incarnation, seq: number): Key =>
  of(run, incarnation, `m/${String(seq).padStart(16, "0")}`);
export const dedupKey = (run: RunId, incarnation: Incarnation, key: string): Key =>
  of(run, incarnation, `k/${bytes(key) > 500 ? `#${digest(key)}` : `=${key}`}`);
export const outgoingKey = (run: RunId, incarnation: Incarnation, number: number): Key =>
  of(run, incarnation, `o/${String(number).padStart(16, "0")}`);
/** Everything of one incarnation. */
export const wholeRun = (run: RunId, incarnation: Incarnation): { pk: string; from: string; to: string } => {
  const { pk, sk } = of(run, incarnation, "");
  return { pk, from: sk, to: sk + END };
};

/** `dk` of what the index lists. */
export const DUE_SUSPECTS = "x";
export const due = (shard: number): string => `d/${shard}`;
/** All lists of runs that wait, for time or mail. */
export const dueLists = (shards: number): string[] => [
  DUE_SUSPECTS,
  ...Array.from({ length: shards }, (_, shard) => due(shard)),
];
export const ended = (shard: number): string => `e/${shard}`;
export const dormant = (status: string): string => `z/${status}`;
export const outgoing = (shard: number): string => `out/${shard}`;

/** A time as text that sorts. Fractions and the far ends are cut: the head has the exact one. */
export const timeText = (time: number): string =>
  String(Math.floor(Math.min(Math.max(time, 0), 9e15))).padStart(16, "0");

export const bytes = (text: string): number => Buffer.byteLength(text);

/** Keys of DynamoDB have at most 1,024 bytes. */
export function checkLength(what: string, text: string, limit: number): void {
  const size = bytes(text);
  if (size > limit) throw dynamodbError("PD3306", "refused", { what, bytes: String(size), limit: String(limit) });
}
export const checkRunId = (run: RunId): void => checkLength(`the run id ${run.slice(0, 40)}…`, run, 1000);
export const checkWorkerId = (worker: WorkerId): void => checkLength("the worker id", worker, 1000);
export const checkIncarnation = (incarnation: Incarnation): void =>
  checkLength("the incarnation", encodeURIComponent(incarnation), 400);
export const checkMessageKey = (key: string): void => checkLength("the key of a message", key, 100_000);
export const checkCommitId = (id: string): void => checkLength("a commit id", id, 1000);
