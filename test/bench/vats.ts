/** Runs without an engine: the vat alone, for what a turn costs in it. */
import type { VatHost } from "perdure/internal/machine/contract";
import { Vat } from "perdure/internal/machine/vat";

export const bareHost = (): VatHost => ({
  now: () => Date.now(),
  random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  after(ms, run) {
    const timer = setTimeout(run, ms);
    return () => clearTimeout(timer);
  },
  provided: {},
  broken(error) {
    throw error;
  },
});

/** Drives a run of one step after another; gives the vat after each turn, not yet saved. The caller saves it. */
export async function* turnsOf(fn: (turns: number) => Promise<unknown>, turns: number): AsyncGenerator<Vat> {
  const vat = Vat.create(bareHost(), { run: "bench", incarnation: "0".repeat(32), fn, args: [turns] });
  for (;;) {
    vat.turn();
    yield vat;
    const [number] = vat.operations.keys();
    if (number === undefined) return;
    vat.deliver({ type: "step", operation: number, settlement: await vat.attempt(number).settled });
  }
}
