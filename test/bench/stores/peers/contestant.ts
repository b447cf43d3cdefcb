/** A process with one of the systems that are compared; see serve.mjs. */
import { type ChildProcess, fork } from "node:child_process";
import { join } from "node:path";
import { bundles, peersFolder } from "./install.ts";

export interface Resumed {
  /** From being told to go on to the first step that is new. */
  readonly ms: number;
  /** The part of it since the function was entered, where a peer does more than resume in between. */
  readonly replay?: number;
}

export class Contestant {
  readonly #child: ChildProcess;
  readonly #answers = new Map<number, { resolve(value: any): void; reject(error: Error): void }>();
  readonly #exited: Promise<void>;
  #last = 0;

  private constructor(child: ChildProcess) {
    this.#child = child;
    this.#exited = new Promise((resolve) => child.once("exit", () => resolve()));
    child.on("message", ({ id, value, error }: { id: number; value?: unknown; error?: string }) => {
      const answer = this.#answers.get(id);
      this.#answers.delete(id);
      if (error === undefined) answer?.resolve(value);
      else answer?.reject(new Error(error));
    });
    child.once("exit", (code, signal) => {
      for (const { reject } of this.#answers.values()) reject(new Error(`the contestant ended with ${code ?? signal}`));
    });
  }

  static async start(
    program: "ours" | "dbos" | "restate",
    environment: Readonly<Record<string, string>>,
    execPath = process.execPath,
  ): Promise<Contestant> {
    const path = program === "ours" ? join(bundles, "ours.mjs") : join(peersFolder, `${program}.mjs`);
    const child = fork(path, [], {
      execPath,
      execArgv: ["--no-deprecation"],
      env: { ...process.env, RESTATE_LOGGING: "ERROR", ...environment },
    });
    const contestant = new Contestant(child);
    await new Promise<unknown>((resolve, reject) => contestant.#answers.set(0, { resolve, reject }));
    return contestant;
  }

  get pid(): number {
    return this.#child.pid!;
  }

  call<T>(method: string, ...args: unknown[]): Promise<T> {
    const id = ++this.#last;
    return new Promise<T>((resolve, reject) => {
      this.#answers.set(id, { resolve, reject });
      this.#child.send({ id, method, args });
    });
  }

  launch(): Promise<unknown> {
    return this.call("launch");
  }
  /** Milliseconds that one run of so many steps, one after the other, takes. */
  steps(count: number): Promise<number> {
    return this.call("steps", count);
  }
  /** Milliseconds that so many runs at once take. */
  workflows(runs: number, steps: number): Promise<number> {
    return this.call("workflows", runs, steps);
  }
  /** Brings a run to where it waits after so many steps; gives what `resume` needs to know. */
  prepare(id: string, steps: number): Promise<string | null> {
    return this.call("prepare", id, steps);
  }
  /** In a process that did not prepare it: makes it go on. */
  resume(id: string, ticket: string | null): Promise<Resumed> {
    return this.call("resume", id, ticket);
  }

  /** As a crash would. */
  async kill(): Promise<void> {
    this.#child.kill("SIGKILL");
    await this.#exited;
  }
}

/** Those that have started, or will. */
export async function killAll(contestants: readonly Promise<Contestant>[]): Promise<void> {
  for (const started of await Promise.allSettled(contestants))
    if (started.status === "fulfilled") await started.value.kill();
}
