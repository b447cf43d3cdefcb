/** Records of operands ({@link Made}), as the turn makes them and looks at them. */
import { isLazyPromise, isNativePromise } from "../promise/settle.ts";
import type { Run } from "../run.ts";
import { closureOf } from "../stamp.ts";
import { Made, makeNow } from "./operand.ts";
import { resultNow } from "./result.ts";
import type { ExpressionCode, Written } from "./step-call.ts";
import { whileMade } from "./while-made.ts";

/** Of the variable that holds a record: `shared` where several steps go on with it. */
export type Uses = "one" | "several" | "shared";

/**
 * Evaluated now: its errors are thrown here, and its effects come in the order of the text. What does something of the run's own there, as a method of the user's class
 * that begins a step, must not do so again in each attempt: its value is no more than itself.
 */
export function makeRecord(run: Run, code: ExpressionCode, operands: readonly unknown[], uses: Uses): unknown {
  const { value, did } = makeNow(run, code, operands);
  if (did === undefined) return recordOf(run, new Made(code, operands, { value }), uses);
  looked(run, code, value);
  return run.heap.canSave(value) ? value : run.fail(whileMade(run.place(), did));
}

/** The record, or its value where that stays itself. */
export function recordOf(run: Run, made: Made, uses: Uses): unknown {
  looked(run, made.code, made.value);
  return kept(made, uses);
}

function looked(run: Run, code: ExpressionCode, value: unknown): void {
  if (isNativePromise(value)) resultNow(run, writtenAs(run, code), value);
}

export const isLazy = (value: unknown): boolean =>
  typeof value === "object" && value !== null && isLazyPromise(value, (value as { then?: unknown }).then);

/**
 * A builder that several uses go on with would be another one in each attempt of each, and what is read piece by piece would begin again: such a value stays
 * itself, which cannot be saved.
 */
function kept(made: Made, uses: Uses): unknown {
  const { value } = made;
  if (isLazy(value) ? uses === "shared" : uses !== "one" && isReadOn(value)) return value;
  made.isWatched = uses !== "one";
  return made;
}

/** An iterator, a cursor, a stream, or the reader of one. */
const isReadOn = (value: unknown): boolean =>
  typeof value === "object" &&
  value !== null &&
  (Symbol.asyncIterator in value || "next" in value || ("read" in value && "releaseLock" in value));

/** What a call gave that has changed a record. */
export const changed = (run: Run, code: ExpressionCode, result: unknown): unknown =>
  isNativePromise(result) ? resultNow(run, writtenAs(run, code), result) : result;

/** The text of a lifted expression as its author wrote it: variables by their names, and a hole for each other operand. */
function textOf(code: ExpressionCode): string {
  const source = Function.prototype.toString.call(code);
  const [, parameters = ""] = /^\(([^)]*)\)/.exec(source) ?? [];
  return parameters.split(/,\s*/).reduce(
    (text, parameter) => {
      const name = parameter.replace(/\$+\d*$/, "");
      const shown = name === "operand" ? "…" : name === "self" ? "this" : name;
      return parameter === ""
        ? text
        : text.split(new RegExp(`(?<![\\w$.])${parameter.replaceAll("$", "\\$")}(?![\\w$])`)).join(shown);
    },
    source.replace(/^.*?=> /s, ""),
  );
}

/** A lifted expression stands where its code says. The whole that begins there is a site. */
function writtenAs(run: Run, code: ExpressionCode): Written {
  const place = run.place();
  const text = textOf(code);
  const short = text.length <= 60 ? text : `${text.slice(0, 59)}…`;
  const lifted = closureOf(code)?.code;
  if (lifted === undefined) return { place, text: short, part: true };
  const { file, sites } = lifted.module.meta;
  const [line, column] = lifted.at;
  const whole = sites.find((site) => site[0] === line && site[1] === column)?.[2];
  return {
    ...{ place: { function: place.function, file, position: lifted.at }, text: short, part: true },
    ...(whole !== undefined && { whole }),
  };
}
