/** Hosts and small vats for the tests of the machine. */
import type { VatHost } from "perdure/internal/machine/contract";
import { Vat } from "perdure/internal/machine/vat";

export interface TestHost extends VatHost {
  time: number;
  broken: (error: Error) => void;
  failures: Error[];
}

export function makeHost(provided: Record<string, unknown> = {}): TestHost {
  let count = 0;
  const failures: Error[] = [];
  return {
    time: 1_000_000,
    now() {
      return this.time;
    },
    random(bytes) {
      count++;
      return Uint8Array.from({ length: bytes }, (_, i) => (count * 31 + i * 7) & 255);
    },
    after(ms, run) {
      const timer = setTimeout(run, ms);
      return () => clearTimeout(timer);
    },
    provided,
    failures,
    broken: (error) => failures.push(error),
  };
}

let runs = 0;

export const makeVat = (fn: unknown, args: readonly unknown[] = [], host: VatHost = makeHost()): Vat => {
  runs++;
  return Vat.create(host, { run: `run-${runs}`, incarnation: `incarnation-${runs}`, fn, args });
};

/** Whether and when the run is saved, dropped and decoded while it is driven. */
export type Saving = "never" | "turns" | "jobs";

/** Runs until it waits for something; settles steps with what their ordinary code yields, and fires timers in order, until nothing is pending. */
export async function drive(vat: Vat, host: TestHost, saving: Saving): Promise<Vat> {
  const issued = new Set<number>();
  for (;;) {
    if (saving === "jobs") while (vat.runOneJob()) vat = vat.roundTrip();
    else vat.turn();
    if (saving === "turns") vat = vat.roundTrip();
    else if (saving === "never") vat.save("delta");
    const steps = [...vat.operations.values()].filter(({ type, number }) => type === "step" && !issued.has(number));
    // What an attempt has changed belongs to the run as it was: with a save between any two jobs there is one at a time.
    for (const { number } of saving === "jobs" ? steps.slice(0, 1) : steps) {
      issued.add(number);
      const settlement = await vat.attempt(number).settled;
      vat.deliver({ type: "step", operation: number, settlement });
    }
    if (steps.length > 0) continue;
    const timers = [...vat.operations.values()].filter((operation) => operation.type === "timer");
    timers.sort((a, b) => a.at - b.at || a.number - b.number);
    const first = timers[0];
    if (first === undefined) return vat;
    host.time = Math.max(host.time, first.at);
    vat.deliver({ type: "timer", operation: first.number });
  }
}
