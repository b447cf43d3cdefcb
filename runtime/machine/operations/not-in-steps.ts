/** What only a run can do, asked for in a step: whoever writes that takes the ordinary code around it for durable. */
import { error } from "./messages.ts";
import { currentStep } from "./step-context.ts";

const REASONS = {
  sleep: {
    why: "it is a plain timer: it is lost with the process, and the step begins again",
    instead: "for a pause within the step, use setTimeout of node:timers/promises",
  },
  start: {
    why: "no run is started: the function would only be called",
    instead: "call the function, or start a run of its own with engine.start(…)",
  },
  receive: {
    why: "what is sent is for the run, and no run would wait for it",
    instead: "receive it in the durable function, and hand it to the step",
  },
  token: {
    why: "no run would be found by its id: it is lost with the process",
    instead: "make it in the durable function, and hand its id to the step",
  },
} as const;

/** Throws PD2222 in a step. `shown`: the call, for the message. */
export function notInSteps(what: keyof typeof REASONS, shown = `${what}()`): void {
  if (currentStep() !== undefined) throw error("PD2222", { what: shown, ...REASONS[what] });
}
