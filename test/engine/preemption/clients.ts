/** Those who start the run, wait for its result, cancel it and resume its tokens, and what they were told. */
import { isPerdureError } from "perdure";
import type { History } from "perdure/internal/testing/simulator/history";
import type { SimulatedProcess } from "perdure/internal/testing/simulator/process";
import type { Timeline } from "perdure/internal/testing/simulator/timeline";
import type { World } from "../../../fixtures/preemption/world.ts";
import { LEASE, type Program } from "./settings.ts";

/** How long it takes until somebody resumes a token that was announced, ms. */
const PROMPT = 50;

/** Where they are. */
export interface Surroundings {
  readonly timeline: Timeline;
  readonly history: History;
  /** A process that drives nothing. */
  readonly client: SimulatedProcess;
}

export class Clients {
  /** Who waits for the result and was told nothing yet. */
  readonly waiting = new Set<SimulatedProcess>();
  /** What each was told that waited, in the end. */
  readonly told: string[] = [];
  readonly resumed: [token: string, value: string][] = [];
  readonly #around: Surroundings;
  readonly #program: Program;
  readonly #tokens = new Set<string>();
  #resuming: boolean;

  /** `patient`: tokens are resumed when {@link resume} is called first, not promptly. */
  constructor(around: Surroundings, program: Program, patient: boolean) {
    this.#around = around;
    this.#program = program;
    this.#resuming = !patient;
  }

  /** The process starts the run, as it may have been started before, and waits for its result. */
  start(process: SimulatedProcess): void {
    this.waiting.add(process);
    process.engine.start(this.#program, [process.provide["world"] as World], { id: "run" }).then(
      (run) => {
        this.#around.history.add({ type: "start", run: "run", program: this.#program.name });
        this.#wait(process, () => run.result());
        if (process !== this.#around.client) this.ask(this.#around.client);
      },
      // The store is out.
      () => process.later(LEASE, () => this.start(process)),
    );
  }

  /** The process asks for the result of the run. */
  ask(process: SimulatedProcess): void {
    this.waiting.add(process);
    this.#wait(process, () => process.engine.run("run").result());
  }

  #wait(process: SimulatedProcess, result: () => Promise<unknown>): void {
    const told = (text: string): void => {
      this.waiting.delete(process);
      this.told.push(text);
    };
    result().then(
      (value) => {
        this.#around.history.add({ type: "told", run: "run", result: JSON.stringify(value) });
        told(JSON.stringify(value));
      },
      (error: unknown) => {
        // The store is out: whoever waits asks again.
        if (isPerdureError(error) && error.code === "PD2510") {
          process.later(LEASE, () => this.#wait(process, result));
          return;
        }
        // What is wrong with the run, not how it ended, is no result.
        if (!isPerdureError(error)) this.#around.history.add({ type: "told", run: "run", result: String(error) });
        told(String(error).split("\n")[0]!);
      },
    );
  }

  cancel(): void {
    void this.#around.client.engine
      .run("run")
      .cancel("enough")
      .then(
        (outcome) => this.#around.history.add({ type: "cancel", run: "run", outcome }),
        // It has not begun.
        (error: unknown) => this.#around.history.note(`cancel    ${error}`),
      );
  }

  terminate(): void {
    void this.#around.client.engine
      .run("run")
      .terminate("enough")
      .then(
        (isEnded) => this.#around.history.add({ type: "terminate", run: "run", outcome: String(isEnded) }),
        // It has not begun.
        (error: unknown) => this.#around.history.note(`terminate ${error}`),
      );
  }

  /** Resumes the tokens that were announced, and from now on each as soon as it is. */
  resume(): void {
    this.#resuming = true;
    for (const token of this.#tokens) this.#resumeToken(token);
  }

  #resumeToken(token: string): void {
    // Two who each bring an answer; the first wins.
    const bring = (value: string): Promise<void> =>
      this.#around.client.engine.resume(token, value).then((outcome) => {
        this.#around.history.add({ type: "resume", token, value, outcome });
        if (outcome === "accepted") this.resumed.push([token, value]);
      });
    const late = (): void => void bring("second").catch(() => {});
    const insist = (): void => void bring("first").then(late, () => this.#around.timeline.at(LEASE, null, insist));
    insist();
  }

  /** A run hands out the token, perhaps again. */
  announced(token: string): void {
    if (this.#tokens.has(token)) return;
    this.#tokens.add(token);
    if (this.#resuming) this.#around.timeline.at(PROMPT, null, () => this.#resumeToken(token));
  }
}
