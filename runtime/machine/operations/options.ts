/** Options of the pattern library, checked where they are given: a wrong one blocks the run instead of failing it. */
import { anything, checkOptions } from "../../options/check.ts";
import { currentRun } from "../current-run.ts";
import { preview } from "../preview.ts";
import { blocking } from "./blocking.ts";
import { type Duration, milliseconds } from "./duration.ts";
import { error } from "./messages.ts";
import { runtimeEntry } from "./runtime-entry.ts";

/** Milliseconds of a duration. Throws PD2204 (in a run: blocks it). */
export const duration = runtimeEntry("options/duration", (value: Duration): number =>
  blocking(currentRun(), () => milliseconds(value)),
);

/** What a pattern calls. Throws PD2207 (in a run: blocks it). */
export const callable = runtimeEntry("options/callable", (what: string, value: unknown): void =>
  blocking(currentRun(), () => {
    if (typeof value !== "function") throw error("PD2207", { what, value: preview(value, 0) });
  }),
);

/** Options have no other names than these. Throws PD2516 and PD2517 (in a run: blocks it). */
export const optionNames = runtimeEntry("options/names", (call: string, options: unknown, ...names: string[]): void =>
  blocking(currentRun(), () => checkOptions(call, options, Object.fromEntries(names.map((name) => [name, anything])))),
);

/** A number of `[least, most]`, whole ones only when `whole`. Throws PD2212 (in a run: blocks it). */
export const number = runtimeEntry(
  "options/number",
  (value: number, option: string, least: number, most: number, whole: boolean): number => {
    if (typeof value === "number" && value >= least && value <= most && (!whole || Number.isInteger(value)))
      return value;
    if (whole && value === most) return value; // Infinity, where it is allowed
    const wanted = `a ${whole ? "whole " : ""}number from ${least}${most === Infinity ? "" : ` to ${most}`}`;
    return blocking(currentRun(), () => {
      throw error("PD2212", { option, value: String(value), wanted });
    });
  },
);
