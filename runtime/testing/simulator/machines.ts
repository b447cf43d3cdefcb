/**
 * The simulated runs' code: one durable function for each program, as the transformer would write it by hand of
 *
 * ```ts
 * async function program(world: World) {
 *   const log = [], undo = [];
 *   try { for (const statement of statements) … await … log.push(…) } finally { while (undo.length) await world.call(undo.pop()) }
 *   return log;
 * }
 * ```
 */
import type { Frame, Label, StepFunction, Transfer } from "../../abi/index.ts";
import type { Json } from "../../codec/contract.ts";
import * as $ from "../../machine/emitted.ts";
import { receive } from "../../machine/operations/receive.ts";
import { sleep } from "../../machine/operations/sleep.ts";
import { start } from "../../machine/operations/start.ts";
import { token } from "../../machine/operations/token.ts";
import { LETTERS, PROGRAMS, type Program, type ProgramName } from "./programs.ts";

/** What the ordinary side gives to a run; provided by each process under the name `world`. */
export interface World {
  /** A call to a service. */
  call(name: string, args: unknown): Promise<Json>;
  /** Ordinary and immediate: another text each time. */
  fresh(): string;
}

interface Slots extends Frame {
  world: World;
  log: unknown[];
  undo: string[];
  at: number;
  spin: number;
  token: Promise<unknown> & { readonly id: string };
  patience: number;
  order: { lines: string[] };
}

const MODULE = "simulator/programs.ts";
const names = Object.keys(PROGRAMS) as ProgramName[];
const $m = $.module(MODULE, {
  abi: 1,
  file: MODULE,
  fingerprints: Object.fromEntries(names.map((name) => [name, "1"])),
  sites: [[1, 1, "world.call(…)"]],
});

const KEPT = ["world", "log", "undo", "at"];
/** What is live at each await. */
const LIVE = {
  step: KEPT,
  sleep: KEPT,
  announced: [...KEPT, "token", "patience"],
  token: KEPT,
  race: KEPT,
  spin: [...KEPT, "spin"],
  order: [...KEPT, "order"],
  undo: ["world", "log", "undo", "finally1"],
};
const GUARDED: readonly Label[] = [1, "step", "sleep", "announced", "token", "race", "spin", "order"];

const call = (f: Slots, name: string, args: unknown): unknown => $m.method(0, f.world, "call", [name, args]);
const keyed = (f: Slots, name: string): unknown => call(f, name, { key: $m.now(0, f.world.fresh()) });

const stepOf =
  (program: Program): StepFunction =>
  (frame, sent) => {
    const f = frame as Slots;
    switch (f.pc) {
      case 0:
        f.log = [];
        f.undo = [];
        f.at = 0;
        return $.jump(f, 1);
      case 1:
        return next(f, program);
      case "step":
      case "token":
        f.log.push(sent);
        return $.jump(f, 1);
      case "sleep":
        f.log.push("timer");
        return $.jump(f, 1);
      case "announced":
        if (f.patience < 0) return $.await(f, "token", f.token);
        return $.await(f, "race", $m.method(0, $.Promise, "race", [[f.token, $m.call(0, sleep, [f.patience])]]));
      case "race":
        f.log.push(sent === undefined ? "timer" : sent);
        return $.jump(f, 1);
      case "spin":
        if (f.spin-- > 0) return $.await(f, "spin", null);
        return $.jump(f, 1);
      case "order":
        f.log.push(f.order.lines);
        return $.jump(f, 1);
      case "finally1$throw":
        f["finally1"] = { type: "throw", value: sent };
        return $.jump(f, "finally1");
      case "finally1":
        if (f.undo.length === 0) return $.endFinally(f, "finally1");
        return $.await(f, "undo", keyed(f, f.undo.pop()!));
      case "undo":
        f.log.push(sent);
        return $.jump(f, "finally1");
      default:
        throw new Error(`no block ${String(f.pc)}`);
    }
  };

function next(f: Slots, program: Program): Transfer {
  const statement = program[f.at++];
  if (statement === undefined) return $.leave(f, { type: "return", value: f.log, to: ["finally1"] });
  switch (statement[0]) {
    case "step":
      return $.await(f, "step", keyed(f, statement[1]));
    case "all":
      return $.await(
        f,
        "step",
        $m.method(0, $.Promise, "all", [statement.slice(1).map((name) => keyed(f, name as string))]),
      );
    case "sleep":
      return $.await(f, "sleep", $m.call(0, sleep, [statement[1]]));
    case "token":
    case "race":
      f.token = $m.call(0, token, []) as Slots["token"];
      f.patience = statement[0] === "race" ? statement[1] : -1;
      return $.await(f, "announced", call(f, "announce", f.token.id));
    case "receive": {
      const [, patience] = statement;
      const letter = $m.call(0, receive, [LETTERS]);
      return $.await(
        f,
        "race",
        patience === undefined ? letter : $m.method(0, $.Promise, "race", [[letter, $m.call(0, sleep, [patience])]]),
      );
    }
    case "child":
      return $.await(f, "step", $m.call(0, start, [durable.get(statement[1]), [f.world]]));
    case "finally":
      f.undo.push(statement[1]);
      return $.jump(f, 1);
    case "spin":
      f.spin = statement[1];
      return $.jump(f, "spin");
    case "order":
      // The step changes its copy while a timer makes the run save what it still has itself.
      f.order = { lines: [] };
      return $.await(f, "order", $m.method(0, $.Promise, "all", [[call(f, "fill", f.order), $m.call(0, sleep, [40])]]));
    case "fail":
      throw new Error(statement[1]);
    default:
      throw new Error(`no statement ${statement[0]}`);
  }
}

const durable = new Map<string, (world: World) => Promise<unknown>>();
for (const name of names) {
  const machine = $m.machine(
    name,
    {
      name,
      at: [1, 1],
      live: LIVE,
      points: {},
      handlers: Object.fromEntries(GUARDED.map((label) => [label, "finally1$throw"])),
    },
    stepOf(PROGRAMS[name]),
  );
  const fn = { [name]: (world: World): Promise<unknown> => machine.enter({ world }) }[name]!;
  durable.set(name, $m.define(fn, name));
}

/** The durable function of a program. */
export const durableFunction = (program: string): ((world: World) => Promise<unknown>) => durable.get(program)!;

export const programAt = (name: string): Program => PROGRAMS[name as ProgramName];

/** The program of a code id. */
export const programOf = (code: string): Program => programAt(code.slice(MODULE.length + 1));
