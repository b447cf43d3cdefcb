/** One play: the run is started, `a` is held up once while something else happens, and everything ends. What was seen, and what was wrong with it. */
import type { WorkMetrics } from "perdure/internal/engine/meter";
import { ENDED, type RunHead } from "perdure/internal/store/store";
import { judge } from "perdure/internal/testing/simulator/oracle";
import type { SimulatedProcess } from "perdure/internal/testing/simulator/process";
import { LEASE } from "./settings.ts";
import { type Install, nextLoop, type Parts, Stage } from "./stage.ts";

/** Longest time after `a` goes on within which everything ends. The programs themselves take two leases. */
const PATIENCE = 12 * LEASE;
/** Longest time until all are stopped, and all is quiet after that. */
const CLOSING = 3 * LEASE;
const MOST = 20_000;

/** What clients and services saw. */
export interface Seen {
  readonly told: readonly string[];
  readonly ended: readonly string[];
  /** For each run the services that it called, in the order of first attempts. */
  readonly called: readonly string[];
  /** The operations that some turn of the run left pending. */
  readonly waitedFor: string;
}

export interface Play {
  /** {@link Seen}, as text that can be compared. */
  readonly seen: string;
  readonly wrong: readonly string[];
  /** The calls of `a`. */
  readonly calls: readonly string[];
  /** `a` stood. */
  readonly stood: boolean;
  readonly steps: number;
  readonly trace: readonly string[];
}

/** Something from outside, at one event of the play. */
export interface Outside {
  readonly at: number;
  readonly happens: (stage: Stage) => void;
}

export async function play(parts: Parts, install: Install, outside?: Outside): Promise<Play> {
  const stage = await Stage.begin(parts, install);
  const wrong: string[] = [];
  const { timeline } = stage;
  const began = timeline.now;
  const isHeld = parts.point !== undefined;
  let steps = 0;
  let heads: readonly RunHead[] = [];
  const isOver = async (): Promise<boolean> => {
    if (stage.clients.waiting.size > 0 || stage.isHeldUp()) return false;
    heads = await stage.store.list({ limit: 100 });
    return heads.every(({ status }) => ENDED.has(status));
  };
  for (;;) {
    if (steps++ === outside?.at) outside.happens(stage);
    if (!(await stage.step())) {
      wrong.push("nothing is left to happen");
      break;
    }
    if (steps % 8 === 0 && (await isOver())) break;
    if (timeline.now > (stage.wentOn ?? began + (isHeld ? 6 * LEASE : 0)) + PATIENCE || steps > MOST) {
      wrong.push("it does not end");
      break;
    }
  }
  await isOver();
  wrong.push(...(await closing(stage)));
  wrong.push(...judged(stage, heads));
  return {
    seen: seenOf(stage, heads),
    wrong,
    calls: stage.gate.calls,
    stood: stage.wentOn !== null,
    steps,
    trace: stage.history.trace,
  };
}

/** Stops those who are alive: they come to an end, let go of everything, and are quiet. */
async function closing(stage: Stage): Promise<string[]> {
  const wrong: string[] = [];
  const { timeline } = stage;
  const stopping = timeline.now;
  const told = new Set<SimulatedProcess>();
  /** `a` may be held up only now, and others come then. */
  let steps = 0;
  const isInTime = (): boolean =>
    (stage.isHeldUp() || timeline.now < Math.max(stopping, stage.wentOn ?? 0) + CLOSING) && steps++ < MOST;
  const working = (): boolean => {
    let left = false;
    for (const [process, { stopped }] of stage.workers) {
      if (!process.alive || stopped) continue;
      left = true;
      if (!told.has(process)) void process.engine.stop();
      told.add(process);
    }
    return left;
  };
  while ((working() || stage.isHeldUp()) && isInTime() && (await stage.step()));
  stage.gate.leave();
  const quiet = new Set<SimulatedProcess>();
  for (const [process, { stopped }] of stage.workers) {
    if (!process.alive) continue;
    if (!stopped) wrong.push(`${process.name} does not stop`);
    let work: WorkMetrics | undefined;
    void process.engine.metrics().then((metrics) => (work = metrics.work));
    const asked = timeline.now;
    // The next event may be far: what is asked leaves before it.
    await nextLoop();
    while (work === undefined && timeline.now < asked + CLOSING && (await stage.step()));
    if (work?.resident !== 0 || work.residentBytes !== 0)
      wrong.push(`${process.name} has stopped with ${work?.resident} runs of ${work?.residentBytes} bytes`);
    quiet.add(process);
  }
  await stage.close();
  stage.asking = (process, method) => {
    // One that was not told in time whether it is registered ends that lease when it hears of it.
    const isLate = method === "retire" && process === stage.first && stage.wentOn !== null;
    if (quiet.has(process) && !isLate) wrong.push(`${process.name} calls ${method} after it has stopped`);
  };
  const end = timeline.now + CLOSING;
  while (await stage.step()) {
    if (timeline.now < end && steps++ < MOST) continue;
    wrong.push("timers are left");
    break;
  }
  await stage.store.close();
  if (steps >= MOST) wrong.push("it comes to no end");
  for (const [process, { made, closed }] of stage.connections) {
    if (process.alive && made !== closed) wrong.push(`${process.name} made ${made} connections and closed ${closed}`);
  }
  return wrong;
}

function judged(stage: Stage, heads: readonly RunHead[]): string[] {
  const { history } = stage;
  const decode = stage.client.vats.decode;
  return judge(history, { heads, resumed: stage.clients.resumed, decode }).map(
    ({ guarantee, what }) => `${guarantee}: ${what}`,
  );
}

/** What a process calls that does not know yet that another has the run is left out: it cannot know better. */
function seenOf({ history, clients }: Stage, heads: readonly RunHead[]): string {
  const called = new Map<string, Map<string, string>>();
  const waitedFor = new Set<number>();
  const holders = new Map<string, string>();
  for (const entry of history.entries) {
    if (entry.type === "claim") holders.set(entry.incarnation, entry.process);
    if (entry.type === "commit" && entry.outcome.type === "ok" && entry.commit.lease.run === "run") {
      const { segment } = entry.commit;
      for (const number of segment === null ? [] : history.operationsIn(segment.text)) waitedFor.add(number);
    }
    if (entry.type !== "attempt") continue;
    const incarnation = entry.key.split("/")[0]!;
    if (holders.get(incarnation) !== entry.process) continue;
    const names = called.get(incarnation) ?? new Map<string, string>();
    called.set(incarnation, names);
    if (!names.has(entry.key)) names.set(entry.key, entry.name);
  }
  const seen: Seen = {
    told: [...new Set(clients.told)],
    ended: heads.map(({ status }) => status).sort(),
    called: [...called.values()].map((names) => [...names.values()].join()).sort(),
    waitedFor: [...waitedFor].join(),
  };
  return JSON.stringify(seen);
}
