/**
 * Runs a program in a run that is saved again and again: encoded, dropped, and decoded into fresh objects, at the end of
 * every turn or between any two jobs. Steps are attempted anew on each decoded run, as after a crash, with the arguments
 * that the first attempt had; the script settles each once.
 */
import { AsyncLocalStorage } from "node:async_hooks";
import { parseTokenId } from "perdure/internal/machine/token-id";
import { decodeValue } from "perdure/internal/machine/values";
import { Vat } from "perdure/internal/machine/vat";
import type { World } from "../../fixtures/programs/stage.ts";
import { Census } from "./census.ts";
import { forbidTimers, quiescence } from "./clock.ts";
import type { Observation } from "./observation.ts";
import type { OpenTree } from "./tree.ts";
import { type Entry, Script } from "./world.ts";

/** When a run is saved, dropped and loaded again. */
export type Saves = "never" | "turn" | "job";

export interface RunObservation extends Observation {
  readonly census: Census;
}

const RUN = "program";
const INCARNATION = "0123456789abcdef0123456789abcdef";

/** A service call inside a step: the `k`-th of an operation. Attempts repeat it; the script knows it once. */
interface Call {
  readonly identity: string;
  readonly due: number;
  readonly operation: number;
  settled: boolean;
  /** Settles the promise of the newest attempt. */
  settle: () => void;
}

/**
 * In which attempt a service is called. One for all worlds: every storage that was ever entered is copied to every new
 * promise of the process, so one for each world makes the suite quadratic.
 */
const attempting = new AsyncLocalStorage<{ operation: number; calls: number }>();

class RunWorld implements World {
  readonly script = new Script();
  readonly calls = new Map<string, Call>();
  /** What broke the contract of a step, in words. */
  readonly breaches: string[] = [];
  readonly resumed: { id: string; value: unknown }[] = [];
  private resumes = 0;

  now(): number {
    return this.script.now;
  }

  log(line: string): void {
    if (attempting.getStore() === undefined) this.script.lines.push(line);
  }

  serve(identity: string, ms: number, answer: () => unknown): Promise<unknown> {
    const attempt = attempting.getStore();
    if (attempt === undefined) {
      this.breaches.push(`${identity} was called inside the turn`);
      return Promise.reject(new Error("a service was called inside the turn"));
    }
    const key = `${attempt.operation}/${attempt.calls++}`;
    let call = this.calls.get(key);
    if (call === undefined) {
      call = { identity, due: this.now() + ms, operation: attempt.operation, settled: false, settle: () => {} };
      this.calls.set(key, call);
    } else if (call.identity !== identity) {
      this.breaches.push(`attempts of step ${key} differ: ${call.identity} and ${identity}`);
    }
    const known = call;
    return new Promise((resolve, reject) => {
      known.settle = () => {
        try {
          resolve(answer());
        } catch (error) {
          reject(error);
        }
      };
      if (known.settled) known.settle();
    });
  }

  resume(id: string, value: unknown, ms: number): void {
    const fire = (): void => void this.resumed.push({ id, value: structuredClone(value) });
    this.script.entries.add({ due: this.now() + ms, rank: 1, order: ++this.resumes, fire });
  }

  /** The calls that have not been answered, as entries of the script. */
  *pending(operations: Pick<ReadonlyMap<number, unknown>, "has">): Iterable<Entry> {
    for (const call of this.calls.values()) {
      if (call.settled || !operations.has(call.operation)) continue;
      const fire = (): void => {
        call.settled = true;
        call.settle();
      };
      yield { due: call.due, rank: 0, order: call.operation, fire };
    }
  }
}

export async function observeRun(
  tree: OpenTree,
  main: () => unknown,
  saves: Saves,
  takes = true,
): Promise<RunObservation> {
  const world = new RunWorld();
  const { script } = world;
  const census = new Census();
  let seed = 1;
  const host = {
    now: () => script.now,
    random: (bytes: number) =>
      Uint8Array.from({ length: bytes }, () => (seed = (seed * 48_271) % 2_147_483_647) & 0xff),
    /** For pauses and limits of steps: due on the script's clock, after what else is due at once. */
    after: (ms: number, run: () => void) => {
      const entry: Entry = { due: script.now + ms, rank: 1, order: 0, fire: run };
      script.entries.add(entry);
      return () => void script.entries.delete(entry);
    },
    provided: {},
  };
  const identity = { run: RUN, incarnation: INCARNATION };
  let segments: { text: string }[] = [];
  let count = 0;
  let vat = Vat.create(host, { ...identity, fn: main, args: [] });
  /** Encodes, drops, decodes. Deltas, and now and then a base. */
  const reload = (): void => {
    const kind = segments.length === 0 || ++count % 5 === 0 ? "base" : "delta";
    const { text } = vat.save(kind);
    segments = kind === "base" ? [{ text }] : [...segments, { text }];
    vat = Vat.load(host, { ...identity, segments });
    if (takes && saves === "turn") census.take(Vat.load(host, { ...identity, segments }).save("base").text);
  };
  let attempts = new Map<number, { settlement?: any }>();
  const restoreClock = forbidTimers(() => script.now);
  tree.stage.world = world;
  try {
    for (;;) {
      if (saves === "job") while (vat.runOneJob()) reload();
      else vat.turn();
      if (saves !== "never") {
        reload();
        attempts = new Map();
      }
      if (["done", "failed", "cancelled"].includes(vat.status())) break;
      for (const { number, type } of vat.operations.values()) {
        if (type !== "step" || attempts.has(number)) continue;
        const attempt: { settlement?: any } = {};
        attempts.set(number, attempt);
        attempting.run({ operation: number, calls: 0 }, () => {
          vat.attempt(number).settled.then((settlement: unknown) => (attempt.settlement = settlement));
        });
      }
      await quiescence();
      if (!deliverSettled()) {
        const entry = script.next(entries());
        if (entry === undefined) break;
        entry.fire();
        await quiescence();
        deliverSettled();
      }
    }
    const breach = world.breaches[0];
    return { log: script.lines, outcome: breach === undefined ? outcomeOf() : `breach: ${breach}`, census };
  } catch (error) {
    return { log: script.lines, outcome: `refused ${(error as Error).message}\n${(error as Error).stack}`, census };
  } finally {
    tree.stage.world = undefined;
    restoreClock();
  }

  function deliverSettled(): boolean {
    for (const { id, value } of world.resumed.splice(0)) {
      const token = parseTokenId(id);
      if (token === null) throw new Error(`no token id: ${id}`);
      vat.deliver({ type: "token", operation: token.operation, secret: token.secret, value: value as never });
      return true;
    }
    for (const [number, { settlement }] of attempts) {
      if (settlement === undefined) continue;
      attempts.delete(number);
      vat.deliver({ type: "step", operation: number, settlement });
      return true;
    }
    return false;
  }

  function* entries(): Iterable<Entry> {
    yield* world.pending(vat.operations);
    for (const operation of vat.operations.values()) {
      if (operation.type !== "timer") continue;
      const { number, at } = operation;
      yield { due: at, rank: 0, order: number, fire: () => vat.deliver({ type: "timer", operation: number }) };
    }
  }

  function outcomeOf(): string {
    const outcome = vat.outcome();
    if (outcome === null) return vat.status() === "stuck" || vat.status() === "waiting" ? "stuck" : vat.status();
    const value = decodeValue(outcome.text, host);
    return `${outcome.status === "fulfilled" ? "returned" : "threw"} ${tree.show(value)}`;
  }
}
