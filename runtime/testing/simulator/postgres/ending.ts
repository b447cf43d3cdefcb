/** What the statement does that ends a run from outside. */
import { ENDED, type Ending } from "../../../store/store.ts";
import type { Row, Statement } from "./database.ts";
import { outgoingKey, segmentKey } from "./rows.ts";

/** `committed` is told of what is applied, once it is. */
export function end(s: Statement, committed: (commitId: string, position: number, inboxSeq: number) => void): Row[] {
  const [name, incarnation, commitId, position, status, result, now, json] = s.values as [
    ...[string, string, string, number, Ending["status"], string | null, number, string],
  ];
  const { runs, segments, outbox } = s.tables;
  const entries = JSON.parse(json) as { seq: number; entry: string }[];
  const run = s.lock(runs, name, () => true);
  if (run === undefined) return [];
  if (run.incarnation !== incarnation) return [["gone"]];
  if (run.lastCommit === commitId) return [["ended"]];
  if (ENDED.has(run.status)) return [["gone"]];
  const isPending = ({ seq }: { seq: number }) => outbox.at(s.snapshot, outgoingKey(run.id, seq)) !== undefined;
  if (run.position !== position || entries.some(isPending)) return [["moved"]];
  for (const old of s.seen(segments, (row) => row.run === run.id))
    s.put(segments, segmentKey(run.id, old.position), undefined);
  for (const { seq, entry } of entries)
    s.put(outbox, outgoingKey(run.id, seq), { id: s.next("outbox"), run: run.id, seq, entry });
  const over = { reason: null, wakeAt: null, owner: null, suspect: false, strikes: 0 };
  s.put(runs, name, { ...run, ...over, status, result: run.result ?? result, updatedAt: now, lastCommit: commitId });
  s.then(() => committed(commitId, position, run.inboxSeq));
  return [["applied"]];
}
