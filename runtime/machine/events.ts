/** What events do to a run. One for an operation that is gone is passed over: it was cancelled, or nobody observed it any more. */
import type { Json } from "../codec/contract.ts";
import type { VatEvent } from "./contract.ts";
import { cancelOperations } from "./operations/cancel.ts";
import { CancelledError } from "./operations/cancelled.ts";
import { takeIn } from "./operations/settlement.ts";
import type { Run } from "./run.ts";
import { decodeOutcome } from "./values.ts";

/** The run is current. Jobs that follow are in its queue. */
export function applyEvent(run: Run, event: VatEvent): void {
  if (event.type === "cancel") {
    // A result that is fixed wins; and what a cancelled run begins in its `finally` blocks works.
    if (run.cancelled !== null || run.outcome !== null) return;
    run.cancelled = { reason: event.reason, swept: false };
    cancelOperations(run, event.reason);
    return;
  }
  if (event.type === "message") {
    run.mail.push([event.name, copyJson(event.value)]);
    return;
  }
  const operation = run.pending.get(event.operation)?.operation;
  if (operation === undefined || operation.type !== event.type) return;
  switch (event.type) {
    case "step":
      takeIn(run, event.operation, event.settlement);
      return;
    case "timer":
      // The value that the timers of node:timers/promises are given; undefined for all others.
      run.settle(event.operation, { status: "fulfilled", value: run.pending.get(event.operation)!.detail });
      return;
    case "token":
      if (operation.type !== "token" || operation.secret !== event.secret) return;
      run.settle(event.operation, { status: "fulfilled", value: copyJson(event.value) });
      return;
    case "child": {
      const outcome = decodeOutcome(event.outcome, run.host);
      // The cancel came too late for the child: it holds for this run all the same, or a loop that starts one child after the other would never hear of it.
      const late = operation.type === "child" && outcome.status === "fulfilled" ? operation.cancelling : undefined;
      if (late) run.settle(event.operation, { status: "rejected", value: new CancelledError(late.reason) });
      else
        run.settle(
          event.operation,
          outcome.status === "fulfilled" ? outcome : { status: "rejected", value: outcome.reason },
        );
    }
  }
}

/** The run's own copy. A `then` in it is data: it was sent as JSON, where no function can be. */
const copyJson = (value: Json): unknown => JSON.parse(JSON.stringify(value));
