/** What happens while one process is held up. */
import type { SimulatedProcess } from "perdure/internal/testing/simulator/process";
import { LEASE } from "./settings.ts";
import type { Stage } from "./stage.ts";

export interface Interruption {
  readonly name: string;
  /** Begins it; for how many ms `a` stands. */
  readonly begins: (stage: Stage) => number;
  /** A process that stands as a whole cannot do it. */
  readonly alive?: true;
  /** Tokens are resumed when it begins, not before. */
  readonly resumes?: true;
  /** The run is cancelled or terminated when it begins. */
  readonly ends?: "cancel" | "terminate";
  /**
   * Runs are forgotten, so that some who ask are told that there is none. A tombstone is kept for longer than anything that may make its run is under way:
   * that is held up by the others.
   */
  readonly forgets?: true;
}

/** Long enough for another to see that the lease has run out, and to drive each of the programs to its end. */
const LONG = 6 * LEASE;

/** `a` is taken for dead: its heart is not heard, and another works. */
function takenOver(stage: Stage): SimulatedProcess {
  stage.unheard = true;
  return stage.work("b");
}

/** The process dies with the first call of that method that it makes after so many; another comes. */
function dying(stage: Stage, doomed: SimulatedProcess, method: string, after = 0): void {
  let made = 0;
  stage.asking = (process, called) => {
    if (process !== doomed || called !== method || made++ < after) return;
    stage.history.note(`DIES      ${process.name} at ${method}`);
    stage.crash(process);
    stage.plan(LEASE / 2, () => stage.work("c"));
  };
}

export const INTERRUPTIONS: readonly Interruption[] = [
  { name: "nothing", begins: () => LEASE / 2 },
  {
    name: "another works beside it",
    begins: (stage) => {
      stage.work("b");
      return LEASE / 2;
    },
  },
  {
    name: "another takes over",
    begins: (stage) => {
      takenOver(stage);
      return LONG;
    },
  },
  {
    name: "another takes over, and has just begun",
    begins: (stage) => {
      takenOver(stage);
      return 1.5 * LEASE;
    },
  },
  {
    name: "another takes over, and hands back",
    begins: (stage) => {
      const other = takenOver(stage);
      stage.plan(1.8 * LEASE, () => void other.engine.stop());
      return LONG / 2;
    },
  },
  ...(["claim", "load", "commit", "renew"] as const).map(
    (method): Interruption => ({
      name: `another takes over, and dies at its ${method === "claim" ? "second claim" : method === "renew" ? "heartbeat" : `first ${method}`}`,
      begins: (stage) => {
        dying(stage, takenOver(stage), method, method === "claim" ? 6 : method === "renew" ? 6 : 0);
        return LONG / 2;
      },
    }),
  ),
  {
    name: "its lease is ended",
    begins: (stage) => {
      stage.end();
      return LONG / 2;
    },
  },
  {
    name: "its lease is ended, and another works",
    begins: (stage) => {
      stage.end();
      stage.work("b");
      return LONG / 2;
    },
  },
  {
    name: "it is stopped, and another works",
    alive: true,
    begins: (stage) => {
      void stage.first.engine.stop();
      stage.work("b");
      return LEASE / 2;
    },
  },
  {
    name: "it is stopped for long, and another works",
    alive: true,
    begins: (stage) => {
      void stage.first.engine.stop();
      stage.work("b");
      return LONG;
    },
  },
  {
    name: "it dies, and another works",
    begins: (stage) => {
      stage.crash(stage.first);
      stage.clients.start(stage.client);
      stage.work("b");
      return LEASE / 2;
    },
  },
  {
    name: "tokens are resumed",
    resumes: true,
    begins: (stage) => {
      stage.clients.resume();
      return LEASE / 2;
    },
  },
  {
    name: "another takes over, and tokens are resumed",
    resumes: true,
    begins: (stage) => {
      takenOver(stage);
      stage.plan(1.4 * LEASE, () => stage.clients.resume());
      return LONG / 2;
    },
  },
  ...(["cancel", "terminate"] as const).flatMap((ends): Interruption[] => {
    const done = ends === "cancel" ? "cancelled" : "terminated";
    return [
      {
        name: done,
        ends,
        begins: (stage) => {
          stage.clients[ends]();
          return LEASE / 2;
        },
      },
      {
        name: `${done}, and another takes over`,
        ends,
        begins: (stage) => {
          takenOver(stage);
          stage.clients[ends]();
          return LONG / 2;
        },
      },
      {
        name: `another takes over, and the run is ${done}`,
        ends,
        begins: (stage) => {
          takenOver(stage);
          stage.plan(1.4 * LEASE, () => stage.clients[ends]());
          return LONG / 2;
        },
      },
    ];
  }),
  {
    name: "the run is started again, retried and looked at",
    begins: (stage) => {
      stage.clients.start(stage.client);
      const run = stage.client.engine.run("run");
      run.retry().catch(() => {});
      run.stack().catch(() => {});
      return LEASE / 2;
    },
  },
  {
    name: "the store is out",
    begins: (stage) => {
      stage.outage = true;
      return LEASE / 2;
    },
  },
  {
    name: "the store is out for long, and another works",
    begins: (stage) => {
      stage.outage = true;
      stage.work("b");
      return LONG / 2;
    },
  },
  {
    name: "another takes over, and the run is forgotten",
    forgets: true,
    begins: (stage) => {
      takenOver(stage);
      stage.plan(LONG - 100, () => void stage.store.sweep(stage.timeline.now + 1, 100));
      return LONG;
    },
  },
];
