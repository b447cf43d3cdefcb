/** Machines written by hand in the shape of docs/abi.md, for programs without loops: each part ends in an `await` or in the `return`. */
import * as $ from "perdure/emitted";

export type Frame = Record<string, any>;
/** Gives what is awaited; in the last part, what is returned. `sent` is what the part before awaited, or the error caught. */
export type Part = (f: Frame, sent: any) => unknown;

export interface LinearProgram {
  /** Slots beside `args`, live at every await. */
  readonly slots?: readonly string[];
  readonly parts: readonly Part[];
  /** For the awaits of these parts (by index): the part that gets the error. */
  readonly handlers?: Readonly<Record<number, number>>;
  /** Texts of the calls, by site index. */
  readonly sites?: readonly string[];
  /** Code paths beside the function's own. */
  readonly codes?: readonly string[];
  readonly refs?: Readonly<Record<string, () => unknown>>;
}

let modules = 0;

export interface Linear {
  readonly main: (...args: any[]) => Promise<any>;
  readonly $m: $.ModuleScope;
}

/** `build` gets the module's scope, for the calls in its parts. */
export function linear(build: ($m: $.ModuleScope) => LinearProgram, about: Omit<LinearProgram, "parts"> = {}): Linear {
  const { sites = [], codes = [], refs = {} } = about;
  const file = `test/linear-${++modules}.ts`;
  const $m = $.module(file, {
    abi: 1,
    file,
    fingerprints: Object.fromEntries(["main", ...codes].map((path) => [path, "1"])),
    sites: sites.map((text, i) => [i + 1, 3, text]),
  });
  $m.refs(refs);
  const { slots = [], parts, handlers = {} } = build($m);
  const label = (i: number) => `p${i}`;
  const labels = parts.map((_, i) => label(i)).slice(1);
  const machine = $m.machine(
    "main",
    {
      name: "main",
      at: [1, 1],
      live: Object.fromEntries(labels.map((name) => [name, [...slots, "args"]])),
      points: Object.fromEntries(labels.map((name, i) => [name, [i + 1, 3]])),
      handlers: Object.fromEntries(
        Object.entries(handlers).flatMap(([from, to]) => [
          [label(Number(from) + 1), label(to)],
          ...(from === "0" ? [[0, label(to)]] : []),
        ]),
      ),
    },
    (f, sent) => {
      const at = f.pc === 0 ? 0 : Number(String(f.pc).slice(1));
      const value = parts[at]!(f as Frame, sent);
      return at === parts.length - 1 ? $.return(f, value) : $.await(f, label(at + 1), value);
    },
  );
  const main = (...args: any[]) =>
    machine.enter({ args, ...Object.fromEntries(slots.map((slot) => [slot, undefined])) });
  $m.define(main, "main");
  return { main, $m };
}
