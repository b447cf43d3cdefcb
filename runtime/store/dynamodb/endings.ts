/** Ends of runs that come from outside. */
import type { Ending, EndingOutcome } from "../store.ts";
import { ENDED } from "../store.ts";
import { LONG } from "./commit.ts";
import type { Context } from "./context.ts";
import { changeHead, type Decision } from "./heads.ts";
import type { Write } from "./items.ts";
import { ownerKey } from "./keys.ts";
import { outgoingWrites, pendingSeqs } from "./outgoing.ts";
import { type HeadRecord, marksWith } from "./record.ts";
import { fenceWrite, locate } from "./ring.ts";
import { store } from "./texts.ts";

/** The head says that the run has ended; at the slot after its last, whoever drove it finds that it may not write any more. */
export const end = (context: Context, ending: Ending): Promise<EndingOutcome> =>
  context.inTurn(ending.run, async () => {
    const { run, incarnation, commitId, position, status } = ending;
    // Read before the head, so that what this very end has sent, by an attempt that was not heard, is not among it.
    const pending = ending.outbox.length === 0 ? new Set<number>() : await pendingSeqs(context, run, incarnation);
    return changeHead<EndingOutcome>(context, "end", run, async (head): Promise<Decision<EndingOutcome>> => {
      if (head === undefined || head.record.incarnation !== incarnation) return { answer: "gone" };
      const { hot } = await locate(context, head);
      const before: HeadRecord = { ...head.record, ...hot };
      if (before.commit === commitId) return { answer: "ended" };
      if (ENDED.has(before.status)) return { answer: "gone" };
      if (before.position !== position) return { answer: "moved" };
      if (ending.outbox.some(({ seq }) => pending.has(seq))) return { answer: "moved" };

      const result =
        before.result ?? (ending.result && (await store(context.wire, run, incarnation, ending.result, LONG)));
      const outgoing = await outgoingWrites(context, run, incarnation, before.sent, ending.outbox);
      const beside: Write[] = [...outgoing];
      const next = position + 1;
      let { marks } = before;
      if (before.owner !== null) {
        marks = marksWith(before, next, context.layout.slots);
        beside.push(
          { type: "delete", key: ownerKey(before.owner, run) },
          fenceWrite(context, run, incarnation, next, before.epoch + 1),
        );
      }
      const over = { reason: null, wakeAt: null, owner: null, suspect: false, strikes: 0 };
      const record: HeadRecord = {
        ...before,
        ...over,
        status,
        result,
        marks,
        updatedAt: ending.now,
        commit: commitId,
        sent: before.sent + outgoing.length,
      };
      return { record, beside, done: () => "ended" };
    });
  });
