/** What a program's committed result must look like, whatever went wrong on the way. */
import type { Json } from "../../codec/contract.ts";
import type { EncodedOutcome, Parent } from "../../machine/contract.ts";
import type { RunHead } from "../../store/store.ts";
import type { History } from "./history.ts";
import { programOf } from "./machines.ts";
import { type Finale, shownOutcome, type Verdict } from "./oracle.ts";
import type { Statement } from "./scripted-vat.ts";

/** Results against programs: every statement happened once, with the values that the outside gave. */
export function* judgeResults(history: History, finale: Finale): Generator<Verdict> {
  const byRun = new Map(finale.heads.map((head) => [head.run, head]));
  const keys = new Map<string, Json>();
  for (const { key, args } of history.all("attempt")) keys.set(key, args);
  const cancels = new Set([...history.all("cancel"), ...history.all("terminate")].map(({ run }) => run));
  for (const head of finale.heads) {
    if (head.result === null) continue;
    const outcome = JSON.parse(head.result) as EncodedOutcome;
    const program = programOf(head.fn);
    const wrong = (what: string): Verdict => ({
      guarantee: "crash transparency",
      what: `${head.run} (${head.fn}): ${what} in ${head.result}`,
    });
    const cancelled = [...line(head, byRun)].some((run) => cancels.has(run));
    if (outcome.status === "cancelled") {
      if (!cancelled) yield wrong("cancelled by nobody");
      continue;
    }
    if (outcome.status === "rejected") {
      if (!program.some(([type]) => type === "fail")) yield wrong("failed");
      continue;
    }
    const log = (finale.decode(outcome) as { value: Json[] }).value;
    const waits = program.filter(([type]) => type !== "finally" && type !== "spin");
    const undo = program.filter(([type]) => type === "finally").length;
    if (log.length !== waits.length + undo) yield wrong(`${log.length} entries for ${waits.length} statements`);
    if (undo > 0 && !history.all("effect").some(({ run, name }) => run === head.run && name === "undo"))
      yield wrong("no cleanup");
    // None is lost to a receive that had given up, none comes twice, and they come in order.
    const letters = log.filter((_, index) => waits[index]?.[0] === "receive").filter((got) => got !== "timer");
    if (letters.some((letter, index) => letter !== index + 1)) yield wrong(`the letters ${JSON.stringify(letters)}`);
    for (const [index, statement] of waits.entries()) {
      const problem = check(statement, log[index]!, head, byRun, finale, keys);
      if (problem !== null) yield wrong(problem);
    }
  }
}

/** Machines' clocks are off by so much, and a timer counts on two of them. */
export const SKEW = 400;

/** Guarantee 4: a timer between two steps never fires early. */
export function* judgeTimers(history: History, finale: Finale): Generator<Verdict> {
  const attempts = history.all("attempt");
  for (const { run, fn } of finale.heads) {
    const program: readonly Statement[] = programOf(fn);
    for (const [index, statement] of program.entries()) {
      const [before, after] = [program[index - 1], program[index + 1]];
      if (statement[0] !== "sleep" || before?.[0] !== "step" || after?.[0] !== "step") continue;
      const first = (name: string) => attempts.find((one) => one.run === run && one.name === name)?.at;
      const [began, ended] = [first(before[1]), first(after[1])];
      if (began === undefined || ended === undefined || ended - began >= statement[1] - 2 * SKEW) continue;
      yield {
        guarantee: "timers are exactly-once",
        what: `${run} slept ${ended - began} ms instead of ${statement[1]}`,
      };
    }
  }
}

/** A run and those that it descends from. */
function* line(head: RunHead, byRun: ReadonlyMap<string, RunHead>): Generator<string> {
  for (let one: RunHead | undefined = head; one !== undefined; ) {
    yield one.run;
    one = one.parent === null ? undefined : byRun.get((JSON.parse(one.parent) as Parent).run);
  }
}

function check(
  statement: Statement,
  got: Json,
  head: RunHead,
  byRun: ReadonlyMap<string, RunHead>,
  finale: Finale,
  keys: ReadonlyMap<string, Json>,
): string | null {
  const echoed = (value: Json, name: string): string | null => {
    const { name: called, key, args } = value as { name: string; key: string; args: Json };
    if (called !== name || !key.startsWith(head.incarnation)) return `${JSON.stringify(value)} for ${name}`;
    return JSON.stringify(keys.get(key)) === JSON.stringify(args) ? null : `a result of other arguments (${key})`;
  };
  const accepted = (value: Json): boolean =>
    finale.resumed.some(
      ([token, given]) => token.includes(head.incarnation) && JSON.stringify(given) === JSON.stringify(value),
    );
  switch (statement[0]) {
    case "step":
      return echoed(got, statement[1]);
    case "all":
      return (
        (got as Json[])
          .map((value, index) => echoed(value, statement[index + 1] as string))
          .find((problem) => problem !== null) ?? null
      );
    case "sleep":
      return got === "timer" ? null : `${JSON.stringify(got)} for a timer`;
    case "token":
      return accepted(got) ? null : "a value that no accepted resume gave";
    case "order":
      return JSON.stringify(got) === '["tax"]' ? null : `${JSON.stringify(got)} for an order that was taxed once`;
    case "race":
      return got === "timer" || accepted(got) ? null : "neither timer nor accepted value";
    case "child": {
      const children = [...byRun.values()].filter(({ parent }) => parent?.includes(head.incarnation));
      const equal = children.filter(
        ({ result }) =>
          result !== null && shownOutcome(JSON.parse(result) as EncodedOutcome, finale.decode) === JSON.stringify(got),
      );
      return equal.length === 1 ? null : `${equal.length} children with the result that the parent got`;
    }
    default:
      return null;
  }
}
