/** The ordinary code that simulated runs call: services that take their time and are outside the process. */
import type { History } from "./history.ts";
import type { SimulatedProcess } from "./process.ts";
import { PROGRAMS } from "./programs.ts";
import type { Random } from "./random.ts";
import { type ScriptedVats, scriptedVats } from "./scripted-vat.ts";
import type { Timeline } from "./timeline.ts";

export interface WorldParts {
  readonly process: SimulatedProcess;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly history: History;
  /** Told of every token that a run hands out, each time it does. */
  readonly announced: (token: string) => void;
}

export function worldOfScripts({ process, timeline, random, history, announced }: WorldParts): ScriptedVats {
  return scriptedVats({
    programs: PROGRAMS,
    call: ({ run, name, args, key }) =>
      new Promise((resolve) => {
        if (!process.alive) return;
        history.add({ type: "attempt", process: process.name, run, name, key, args });
        // The request reaches the service even if the process dies meanwhile; the answer does not.
        timeline.at(random.between(0, 30), null, () => {
          history.add({ type: "effect", run, name, key, args });
          if (name === "announce") announced(args as string);
          const duration = name === "slow" ? random.between(1_000, 6_000) : random.between(0, 200);
          timeline.at(duration, process, () => resolve(name === "announce" ? "announced" : { name, key, args }));
        });
      }),
  });
}
