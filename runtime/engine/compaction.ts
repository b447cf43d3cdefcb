/**
 * Bases, written beside the commits: one holds what the last commit holds, so nothing waits for it, and deltas that follow it
 * follow that commit too. Amortized: the next is due when the deltas have grown two and a half times as large as the last base, so that bases add
 * at most two fifths to what turns write, and a load reads at most three and a half times the live state (or a few dozen KB).
 */
import type { VatLike } from "../machine/contract.ts";
import type { Lease } from "../store/store.ts";
import type { EngineContext } from "./context.ts";
import type { WorkSettings } from "./options.ts";
import { persist } from "./retry.ts";

/** Of the bytes of the last base. */
const GROWTH = 2.5;

export const needsBase = (
  { compactBytes, compactDeltas }: Pick<WorkSettings, "compactBytes" | "compactDeltas">,
  { bytes, deltas }: VatLike["sinceBase"],
  baseBytes: number,
): boolean => deltas >= compactDeltas || bytes >= Math.max(compactBytes, GROWTH * baseBytes);

export class Compaction {
  readonly #context: EngineContext;
  readonly #lease: Lease;
  readonly #settings: WorkSettings;
  readonly #wanted: () => boolean;
  #baseBytes: number;
  #underway = false;

  constructor(context: EngineContext, lease: Lease, settings: WorkSettings, baseBytes: number, wanted: () => boolean) {
    this.#context = context;
    this.#lease = lease;
    this.#settings = settings;
    this.#baseBytes = baseBytes;
    this.#wanted = wanted;
  }

  /** How large the run is: the last base, and what was written since. */
  bytes(vat: VatLike): number {
    return this.#baseBytes + vat.sinceBase.bytes;
  }

  isDue(vat: VatLike): boolean {
    return !this.#underway && needsBase(this.#settings, vat.sinceBase, this.#baseBytes);
  }

  /** Saves the vat, which holds what is committed at `position`, and hands the base over. Throws the PerdureError of a failed save. */
  start(vat: VatLike, position: number): void {
    this.#context.host.failpoint?.("before-compact", this.#lease.run);
    const { text } = vat.save("base");
    void this.#write(text, position);
  }

  async #write(text: string, position: number): Promise<void> {
    const { store, host, observe } = this.#context;
    this.#underway = true;
    const answer = await persist(
      host,
      this.#wanted,
      (error) => observe({ type: "store-failed", call: "compact", error }),
      () => store.compact(this.#lease, position, { kind: "base", text }),
    );
    this.#underway = false;
    if (answer !== "ok") return;
    this.#baseBytes = text.length;
    observe({ type: "compacted", run: this.#lease.run, position });
  }
}
