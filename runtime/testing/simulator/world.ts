/** The ordinary side of one simulated process: services that take their time, and a factory of vats that tells the history what it does. */
import type { Json } from "../../codec/contract.ts";
import { hex } from "../../engine/host.ts";
import type { VatFactory } from "../../engine/vats.ts";
import type { VatLike } from "../../machine/contract.ts";
import { currentStep } from "../../machine/operations/step-context.ts";
import { machineVats } from "../../machine/vats.ts";
import type { History } from "./history.ts";
import type { World } from "./machines.ts";
import type { SimulatedProcess } from "./process.ts";
import type { Random } from "./random.ts";
import type { Timeline } from "./timeline.ts";

export interface WorldParts {
  readonly process: SimulatedProcess;
  readonly timeline: Timeline;
  readonly random: Random;
  readonly history: History;
  /** Told of every token that a run hands out, each time it does. */
  readonly announced: (token: string) => void;
}

const copy = (value: unknown): Json => JSON.parse(JSON.stringify(value)) as Json;

export function worldOf({ process, timeline, random, history, announced }: WorldParts): World {
  return {
    fresh: () => hex(random.bytes(6)),
    call: (name, args) => {
      const key = currentStep()!.key;
      return new Promise((resolve) => {
        if (!process.alive) return;
        history.add({ type: "attempt", process: process.name, run: history.runOf(key), name, key, args: copy(args) });
        // The request reaches the service even if the process dies meanwhile; the answer does not.
        timeline.at(random.between(0, 30), null, () => {
          history.add({ type: "effect", run: history.runOf(key), name, key, args: copy(args) });
          if (name === "announce") announced(args as string);
        });
        // Ordinary code may write to what it was given, at any time until it answers; events that a pause held up come in any order.
        let written = name !== "fill";
        const write = (): void => {
          if (!written) (args as { lines: string[] }).lines.push("tax");
          written = true;
        };
        if (!written) process.later(random.between(0, 30), write);
        const duration = name === "slow" || name === "fill" ? random.between(1_000, 6_000) : random.between(30, 230);
        process.later(duration, () => {
          write();
          resolve(name === "announce" ? "announced" : { name, key, args: copy(args) });
        });
      });
    },
  };
}

/** Compiled machines, whose saves the history notes: which operations each text holds. */
export function watchedVats(world: World, history: History): VatFactory {
  const vats = machineVats({ provided: { world } });
  const watched = <V extends VatLike>(vat: V): V => {
    const save = vat.save.bind(vat);
    vat.save = (kind) => {
      const saved = save(kind);
      history.saved(saved.text, vat.operations.keys());
      return saved;
    };
    return vat;
  };
  return {
    ...vats,
    create: (host, request) => watched(vats.create(host, request)),
    createChild: (host, operation) => watched(vats.createChild(host, operation)),
    load: (host, request) => watched(vats.load(host, request)),
  };
}
