/**
 * Random programs: nested control flow around awaits, closures, fibers, iteration and destructuring. Every value is a
 * number (or undefined), so that what a program prints stays short; every loop is bounded by a counter that no statement
 * writes; every fiber handles its own error.
 */
import { Choices } from "./choices.ts";
import { type Context, expression } from "./expressions.ts";
import { fiberPrelude, fiberVariables } from "./fibers.ts";
import { promisePrelude } from "./promises.ts";
import { statements } from "./statements.ts";

/** What every generated module begins with. */
const prelude = `"use durable";
import { sleep, step, token } from "perdure";
import { account, applyTo, batch, Command, client, explode, fail, get, log, notify, resumeLater, ServiceError, send, stamp, table, Visitor } from "../services.ts";

const note = (value: any): any => {
  log(value);
  return value;
};
const sum = (...numbers: any[]): any => numbers.reduce((a, b) => a + b, 0);
const tag = (strings: any, ...values: any[]): any => strings.length + sum(...values);
const named = (f: () => unknown): any => {
  try {
    return f();
  } catch (error) {
    return note(error instanceof ServiceError ? error.status : ((error as any)?.name ?? error));
  }
};
const noisy = (...items: any[]): any => ({
  [Symbol.iterator]() {
    let i = 0;
    return {
      next: () => (i < items.length ? { value: items[i++], done: false } : { value: undefined, done: true }),
      return: () => {
        log("closed", i);
        return {};
      },
      // Without it an async generator that delegates to this one closes it first, but not before Node 24 (ECMA-262 27.1.6.2.3).
      throw: (error: any) => {
        log("thrown into", i);
        throw error;
      },
    };
  },
});
const disposed = (held: any): any => ({
  held,
  [Symbol.dispose]() {
    log("disposed", held);
    if (held === 3) throw new Error("disposal");
  },
});
const disposedLater = (held: any, ms: number): any => ({
  held,
  async [Symbol.asyncDispose]() {
    log("disposing", await get(held, ms));
    if (held === 3) throw new Error("late disposal");
  },
});
/** There is one of each, which nothing changes. */
class Brand {
  static readonly #key = Symbol("brand");
  static readonly #empty: any = Object.freeze({});
  static readonly #byId: any = { a: new Brand("a"), b: new Brand("b") };
  static readonly #none = new Brand("none");
  readonly id: string;
  readonly rest: any = Brand.#empty;
  constructor(id: string) {
    this.id = id;
    Object.assign(this, { [Brand.#key]: true });
  }
  static none(): any {
    return Brand.#none;
  }
  static of(id: any): any {
    return Brand.#byId[id] ?? Brand.#none;
  }
  static is(value: any): boolean {
    return Brand.#key in value;
  }
  get isEmpty(): boolean {
    return this.rest === Brand.#empty;
  }
}
class Box {
  #v: any;
  n = 0;
  constructor(v: any) {
    this.#v = v;
  }
  get v(): any {
    return this.#v;
  }
  set v(v: any) {
    this.#v = v;
  }
  add(by: any): any {
    this.n++;
    return (this.#v += by);
  }
  async later(by: any, ms: number): Promise<any> {
    this.#v -= await get(by, ms);
    const read = () => this.#v + this.n;
    return read();
  }
}
class Double extends Box {
  override add(by: any): any {
    return super.add(by) + super.v;
  }
  override async later(by: any, ms: number): Promise<any> {
    return (await super.later(by, ms)) + super.add(await get(1, ms));
  }
  async inherited(key: any, ms: any): Promise<any> {
    const self: any = this;
    (super[(await get(key, ms)) as "v"] as any) += await get(1, ms);
    return [self.n, super["v"], await get(super.v, ms)].reduce((a, b) => a + b, 0);
  }
}
${fiberPrelude}${promisePrelude}`;

export interface Program {
  /** A module of its own, which exports `main`. */
  readonly text: string;
  /** The same without what every module begins with, under names that end so: modules may hold many. */
  readonly part: (suffix: string) => string;
  /** Compiled with types. */
  readonly typed: boolean;
  /** The decisions that made it. */
  readonly choices: readonly number[];
}

export function program(given: readonly number[], random: (() => number) | null): Program {
  const choices = new Choices(given, random);
  const typed = choices.once(4);
  const context: Context = {
    choices,
    size: { left: 70 },
    names: { next: 0 },
    scope: [],
    functions: [],
    generators: [],
    yields: null,
    loops: [],
    boxes: ["box"],
    depth: 0,
    canAwait: true,
    daring: choices.once(12),
    typed,
    isAsync: true,
  };
  const body = statements(
    {
      ...context,
      scope: [
        { name: "a", kind: "let" },
        { name: "b", kind: "let" },
      ],
    },
    2 + choices.below(5),
    "  ",
  );
  const last = expression(
    {
      ...context,
      scope: [
        { name: "a", kind: "let" },
        { name: "b", kind: "let" },
      ],
    },
    2,
  );
  const newBox = choices.once(2) ? "Double" : "Box";
  const part = (suffix: string): string => `
async function program${suffix}(readers: (() => any)[], fibers: Promise<any>[], box: any): Promise<any> {
  const settled = async (work: () => Promise<any>) => {
    try {
      log("fiber", await work());
    } catch (error) {
      log("fiber threw", (error as any)?.message ?? error);
    }
  };
  const sites: any[] = [];
  const site = (strings: any, ...values: any[]): any => {
    if (!sites.includes(strings)) sites.push(strings);
    return sites.indexOf(strings) + sum(...values);
  };
  const brand: any = Brand.of("${choices.pick(["a", "b", "c"])}");
  let a: any = 1;
  let b: any = 2;
${`${body}${last}`.includes("shared") ? fiberVariables : ""}${body}  return ${last};
}

export async function main${suffix}() {
  const readers: (() => any)[] = [];
  const fibers: Promise<any>[] = [];
  const box = new ${newBox}(5);
  const result = await program${suffix}(readers, fibers, box);
  await Promise.all(fibers);
  return [result, readers.map((read) => named(read)), box.v, box.n];
}
`;
  return { text: prelude + part(""), part, typed, choices: choices.taken };
}

/** One module of several programs; each is exported as `main` with its number. */
export const together = (programs: readonly Program[]): string =>
  prelude + programs.map(({ part }, i) => part(String(i))).join("");
