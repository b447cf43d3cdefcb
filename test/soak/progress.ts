/** Follows the journal that all workers write. */
import { closeSync, openSync, readSync } from "node:fs";
import type { Line } from "../../fixtures/soak/journal.ts";

export class Progress {
  readonly started = new Set<string>();
  readonly ended = new Set<string>();
  /** How often each run was claimed: no step of it can have been issued more often. */
  readonly claims = new Map<string, number>();
  takeovers = 0;
  leasesLost = 0;
  /** Starts that were not answered, with the reason of the last. */
  unsure = 0;
  why = "";
  readonly #file: number;
  #rest = "";
  readonly #buffer = Buffer.alloc(1 << 16);

  constructor(path: string) {
    this.#file = openSync(path, "a+");
  }

  /** Takes in what was written since. */
  read(): void {
    for (;;) {
      const length = readSync(this.#file, this.#buffer, 0, this.#buffer.length, null);
      if (length === 0) return;
      const lines = (this.#rest + this.#buffer.toString("utf8", 0, length)).split("\n");
      this.#rest = lines.pop()!;
      for (const line of lines) this.#take(JSON.parse(line) as Line);
    }
  }

  #take(line: Line): void {
    if (line.type === "started") this.started.add(line.order);
    else if (line.type === "ended") this.ended.add(line.run);
    else if (line.type === "lease-lost") this.leasesLost++;
    else if (line.type === "unsure") {
      this.unsure++;
      this.why = line.why;
    } else {
      this.claims.set(line.run, (this.claims.get(line.run) ?? 0) + 1);
      if (line.suspect) this.takeovers++;
    }
  }

  close(): void {
    closeSync(this.#file);
  }
}
