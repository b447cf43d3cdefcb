/** Those who start runs, resume tokens, cancel and wait for results: through an engine that drives nothing, and again until they get an answer. */
import type { Json } from "../../codec/contract.ts";
import type { Engine } from "../../engine/engine.ts";
import { isPerdureError } from "../../errors.ts";
import type { StoreFailure } from "../../store/store.ts";
import type { History } from "./history.ts";
import { durableFunction, programAt, type World } from "./machines.ts";
import { LETTERS, lettersOf } from "./programs.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

export interface OutsideParts {
  readonly client: Engine;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly history: History;
  readonly world: World;
  readonly announced: ((token: string) => void)[];
}

export interface Outside {
  start(run: string, program: string): void;
  started(): number;
  /** Requests that were made and whose outcome nobody knows yet: what they did may show in the runs. */
  unanswered(): number;
  /** See {@link Finale.resumed}. */
  readonly resumed: readonly (readonly [token: string, value: Json])[];
}

export function outside({ client, timeline, random, history, world, announced }: OutsideParts): Outside {
  const resumed: [token: string, value: Json][] = [];
  const known = new Set<string>();
  let started = 0;
  let unanswered = 0;

  const insistently = (action: () => Promise<void>): void => {
    unanswered++;
    const ask = (): void =>
      void action().then(
        () => unanswered--,
        (error: unknown) => {
          history.note(`client    ${(error as Error).message.split("\n")[0]}`);
          timeline.at(random.between(100, 1_000), null, ask);
        },
      );
    ask();
  };

  /** One after the other, each once the one before is known to be there. */
  const write = (run: string, letters: number, n = 1): void => {
    if (n > letters) return;
    timeline.at(random.between(0, 2_000), null, () =>
      insistently(async () => {
        const outcome = await client.run(run).send(LETTERS, n, { key: String(n) });
        history.add({ type: "send", run, value: n, outcome });
        if (outcome !== "gone") write(run, letters, n + 1);
      }),
    );
  };

  announced.push((token) => {
    if (known.has(token)) return;
    known.add(token);
    const callers = random.between(1, 3);
    for (let n = 0; n < callers; n++) {
      // Each caller asks until it knows: the same value, so a repetition is its own.
      const value = `value ${n} of ${token.slice(-6)}`;
      timeline.at(random.between(0, 4_000), null, () =>
        insistently(async () => {
          const outcome = await client.resume(token, value).catch((error: unknown) => {
            // It may have come in; then the same call, made again, finds that an earlier one won.
            if ((error as Partial<StoreFailure>).outcome !== "refused") resumed.push([token, value]);
            throw error;
          });
          history.add({ type: "resume", token, value, outcome });
          if (outcome === "accepted") resumed.push([token, value]);
        }),
      );
    }
  });

  return {
    resumed,
    started: () => started,
    unanswered: () => unanswered,
    start(run, program) {
      timeline.at(random.between(0, 4_000), null, () =>
        insistently(async () => {
          const handle = await client.start(durableFunction(program), [world], { id: run });
          started++;
          history.add({ type: "start", run, program });
          write(run, lettersOf(programAt(program)));
          if (random.chance(0.2)) {
            timeline.at(random.between(0, 8_000), null, () =>
              insistently(async () => {
                const outcome = await client.run(run).cancel("changed my mind");
                history.add({ type: "cancel", run, outcome });
              }),
            );
          }
          if (random.chance(0.1)) {
            timeline.at(random.between(0, 8_000), null, () =>
              insistently(async () => {
                const isEnded = await client.run(run).terminate("out of patience");
                history.add({ type: "terminate", run, outcome: isEnded ? "ended" : "had ended" });
              }),
            );
          }
          if (random.chance(0.3)) {
            const told = (result: string) => history.add({ type: "told", run, result });
            void handle.result().then(
              (value) => told(JSON.stringify(value)),
              // What is wrong with the run, not how it ended, is no result.
              (error: unknown) => isPerdureError(error) || told(String(error)),
            );
          }
        }),
      );
    },
  };
}
