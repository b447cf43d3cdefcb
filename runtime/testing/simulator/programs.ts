/** What the simulated runs do: together they use every kind of pending operation, alone and against each other. */
import type { Program } from "./scripted-vat.ts";

export type { Program };

export const PROGRAMS = {
  steps: [
    ["step", "a"],
    ["step", "b"],
    ["step", "c"],
  ],
  parallel: [
    ["all", "a", "b", "c"],
    ["step", "d"],
  ],
  timers: [
    ["sleep", 300],
    ["step", "a"],
    ["sleep", 5_000],
    ["step", "b"],
  ],
  token: [["step", "a"], ["token"], ["step", "b"]],
  race: [
    ["race", 2_000],
    ["step", "a"],
    ["race", 3_000],
  ],
  letters: [["receive"], ["receive", 900], ["step", "a"], ["receive", 2_500], ["receive"]],
  parent: [
    ["child", "steps"],
    ["step", "a"],
    ["child", "timers"],
  ],
  family: [
    ["child", "parent"],
    ["child", "token"],
  ],
  cleanup: [
    ["finally", "undo"],
    ["step", "a"],
    ["sleep", 3_000],
    ["child", "cleanup2"],
    ["step", "b"],
  ],
  cleanup2: [
    ["finally", "undo"],
    ["sleep", 2_000],
    ["step", "c"],
  ],
  busy: [
    ["spin", 3],
    ["step", "a"],
    ["spin", 2],
  ],
  failing: [
    ["finally", "undo"],
    ["step", "a"],
    ["fail", "out of stock"],
  ],
  long: [
    ["step", "slow"],
    ["step", "a"],
  ],
  order: [["order"], ["step", "a"], ["order"]],
} as const satisfies Record<string, Program>;

export type ProgramName = keyof typeof PROGRAMS;
export const ROOTS = Object.keys(PROGRAMS) as ProgramName[];

/** Under which name runs receive, and are sent as many messages as they may take. */
export const LETTERS = "letter";
export const lettersOf = (program: Program): number => program.filter(([type]) => type === "receive").length;
