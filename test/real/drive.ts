/** A program, natively and as a run that is dropped and decoded again at every turn, with real time, real clients and local services. */
import { types } from "node:util";
import type { VatEvent, VatHost } from "perdure/internal/machine/contract";
import type { Outcome } from "perdure/internal/machine/values";
import { decodeOutcome } from "perdure/internal/machine/values";
import { Vat } from "perdure/internal/machine/vat";
import type { LoadedProgram } from "./compile.ts";

export type Saving = "never" | "turns" | "jobs";

/** How long attempts may take before the run is dropped under them. */
const PATIENCE = 1_500;

/** What a program did, as text that can be compared. */
export type Ended =
  | { readonly status: "fulfilled"; readonly value: unknown }
  | { readonly status: "rejected"; readonly value: unknown };

export async function natively(main: () => unknown): Promise<Ended> {
  try {
    return { status: "fulfilled", value: await main() };
  } catch (value) {
    return { status: "rejected", value };
  }
}

let runs = 0;

/** Time in a run jumps to the next timer when there is nothing else to wait for. */
class Clock {
  #ahead = 0;
  now = () => Date.now() + this.#ahead;
  jumpTo(at: number): void {
    this.#ahead = Math.max(this.#ahead, at - Date.now());
  }
}

/** Throws the coded error of a run that is blocked. */
export async function asRun(
  { main, codecs = [] }: LoadedProgram,
  saving: Saving,
): Promise<Ended & { readonly turns: number }> {
  const clock = new Clock();
  let broken: Error | undefined;
  const host: VatHost = {
    now: clock.now,
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    provided: {},
    codecs,
    isProxy: types.isProxy,
    broken: (error) => {
      broken ??= error;
    },
  };
  const id = `real-${++runs}`;
  let vat = Vat.create(host, { run: id, incarnation: `${id}-i`.padEnd(32, "0"), fn: main, args: [] });
  for (let turns = 1; ; turns++) {
    if (saving === "jobs") while (vat.runOneJob()) vat = vat.roundTrip();
    else vat.turn();
    if (saving === "turns") vat = vat.roundTrip();
    else if (saving === "never") vat.save("delta");
    if (vat.outcome() !== null) return { ...endedOf(decodeOutcome(vat.outcome()!, host)), turns };
    if (broken !== undefined) throw broken;
    const stuck = vat.stuck();
    if (stuck !== null) throw stuck;
    // What an attempt has changed belongs to the run as it was: with a save between any two jobs the others are begun anew.
    const events = await nextEvents(vat, clock);
    for (const event of saving === "jobs" ? events.slice(0, 1) : events) vat.deliver(event);
    if (turns > 500) throw new Error("the program does not end");
  }
}

const endedOf = (outcome: Outcome): Ended =>
  outcome.status === "fulfilled"
    ? { status: "fulfilled", value: outcome.value }
    : { status: "rejected", value: outcome.reason };

/** What is under way when the run is dropped is lost, and begun anew: as when a process dies. */
const underway = new WeakMap<Vat, Map<number, Promise<VatEvent>>>();

async function nextEvents(vat: Vat, clock: Clock): Promise<VatEvent[]> {
  let attempts = underway.get(vat);
  if (attempts === undefined) underway.set(vat, (attempts = new Map()));
  const settled: VatEvent[] = [];
  const timers: { readonly at: number; readonly number: number }[] = [];
  for (const operation of vat.operations.values()) {
    const { number } = operation;
    if (operation.type === "timer") timers.push(operation);
    else if (operation.type === "step" && !attempts.has(number))
      attempts.set(
        number,
        vat.attempt(number).settled.then((settlement): VatEvent => ({ type: "step", operation: number, settlement })),
      );
  }
  for (const number of attempts.keys()) if (!vat.operations.has(number)) attempts.delete(number);
  timers.sort((a, b) => a.at - b.at || a.number - b.number);
  const timer = timers[0];
  if (attempts.size === 0) {
    if (timer === undefined) throw new Error("the program waits for nothing that comes");
    clock.jumpTo(timer.at);
    return [{ type: "timer", operation: timer.number }];
  }
  const due = timer === undefined ? PATIENCE : Math.max(0, timer.at - clock.now());
  let wake: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    wake = setTimeout(resolve, Math.min(due, PATIENCE));
  });
  const watched = [...attempts].map(([number, attempt]) =>
    attempt.then((event) => {
      if (!settled.includes(event)) settled.push(event);
      attempts.delete(number);
    }),
  );
  await Promise.race([Promise.all(watched), late]);
  clearTimeout(wake);
  if (settled.length === 0) {
    if (timer !== undefined && due <= PATIENCE) return [{ type: "timer", operation: timer.number }];
    await Promise.race(watched);
  }
  return [...settled];
}
