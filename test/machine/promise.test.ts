/** The durable promise against the platform's: the same small program, natively and in a run, must log the same things in the same order. */
import fc from "fast-check";
import * as $ from "perdure/emitted";
import { currentRun, enterRun, leaveRun } from "perdure/internal/machine/current-run";
import { describe, expect, it } from "vitest";
import { makeVat } from "./host.ts";

type Log = (entry: string) => void;
type Program = (P: PromiseConstructor, log: Log) => void;

const show = (value: unknown): string => {
  if (value instanceof AggregateError) return `AggregateError(${value.errors.map(show).join()})`;
  if (value instanceof Error) return `${value.name}: ${value.message}`;
  return JSON.stringify(value) ?? String(value);
};

const drain = () => new Promise<void>((resolve) => setTimeout(resolve, 1));

async function natively(program: Program): Promise<string[]> {
  const log: string[] = [];
  program(Promise, (entry) => log.push(entry));
  await drain();
  return log;
}

const $m = $.module("test/promise.ts", { abi: 1, file: "test/promise.ts", fingerprints: { main: "1" }, sites: [] });
let program: Program = () => {};
let log: Log = () => {};
const main = $m.define(function main() {
  program($.Promise, log);
}, "main");

function inRun(body: Program): string[] {
  const entries: string[] = [];
  program = body;
  log = (entry) => entries.push(entry);
  makeVat(main).turn();
  return entries;
}

const same = async (body: Program) => expect(inRun(body)).toEqual(await natively(body));

const tick = (P: PromiseConstructor, log: Log, name: string, n: number) => {
  let p = P.resolve();
  for (let i = 0; i < n; i++) p = p.then(() => log(`${name}${i}`));
};

describe("the order of jobs", () => {
  const programs: Record<string, Program> = {
    "then of a settled and a pending promise": (P, log) => {
      tick(P, log, "t", 4);
      let resolve!: (v: unknown) => void;
      const p = new P((r) => (resolve = r));
      p.then((v) => log(`a ${show(v)}`)).then(() => log("b"));
      P.resolve(1).then((v) => log(`c ${show(v)}`));
      resolve(2);
      p.then(() => log("d"));
    },
    "returning a promise from then takes three ticks": (P, log) => {
      tick(P, log, "t", 8);
      P.resolve()
        .then(() => P.resolve(5))
        .then((v) => log(`got ${show(v)}`));
    },
    "resolving with a thenable, a throwing thenable, a throwing getter": (P, log) => {
      tick(P, log, "t", 6);
      new P((r) =>
        r({
          then(ok: Function) {
            log("called");
            ok(1);
            ok(2);
          },
        } as never),
      ).then((v) => log(show(v)));
      new P((r) =>
        r({
          then() {
            throw new Error("then");
          },
        } as never),
      ).catch((e) => log(show(e)));
      new P((r) =>
        r({
          get then() {
            throw new Error("getter");
          },
        } as never),
      ).catch((e) => log(show(e)));
      new P((r) =>
        r({
          then(ok: Function) {
            ok(3);
            throw new Error("late");
          },
        } as never),
      ).then((v) => log(show(v)));
      new P((r) => r({ then: 5 } as never)).then((v) => log(show(v)));
    },
    "resolving with itself": (P, log) => {
      let resolve!: (v: unknown) => void;
      const p = new P((r) => (resolve = r));
      p.catch((e) => log(`${e instanceof TypeError}`));
      resolve(p);
    },
    "executors that throw, before and after resolving": (P, log) => {
      new P(() => {
        throw new Error("x");
      }).catch((e) => log(show(e)));
      new P((r) => {
        r(1);
        throw new Error("x");
      }).then((v) => log(show(v)));
      new P((_, r) => {
        r(1);
        r(2);
      }).catch((v) => log(show(v)));
    },
    "handlers that are not functions pass on": (P, log) => {
      P.resolve(1)
        .then(undefined, () => 2)
        .then(5 as never)
        .then((v) => log(show(v)));
      P.reject(1)
        .then(() => 2)
        .catch(null as never)
        .catch((v) => log(show(v)));
    },
    finally: (P, log) => {
      tick(P, log, "t", 8);
      P.resolve(1)
        .finally(() => 2)
        .then((v) => log(`f ${show(v)}`));
      P.reject(1)
        .finally(() => P.resolve(9))
        .catch((v) => log(`r ${show(v)}`));
      P.resolve(1)
        .finally(() => {
          throw new Error("over");
        })
        .catch((v) => log(show(v)));
      P.resolve(1)
        .finally(undefined as never)
        .then((v) => log(`u ${show(v)}`));
      P.reject(1)
        .finally(() => P.reject(3))
        .catch((v) => log(`o ${show(v)}`));
    },
    all: (P, log) => {
      tick(P, log, "t", 8);
      P.all([1, P.resolve(2), { then: (r: Function) => r(3) }]).then((v) => log(show(v)));
      P.all([]).then((v) => log(show(v)));
      P.all([P.reject(1), P.reject(2), 3]).catch((v) => log(`no ${show(v)}`));
    },
    allSettled: (P, log) => {
      tick(P, log, "t", 6);
      P.allSettled([1, P.reject(2), { then: (_: Function, r: Function) => r(3) }]).then((v) => log(show(v)));
      P.allSettled([]).then((v) => log(show(v)));
    },
    any: (P, log) => {
      tick(P, log, "t", 6);
      P.any([P.reject(1), P.reject(2)]).catch((e) => log(`${show(e)} ${e.message}`));
      P.any([P.reject(1), 5, P.resolve(6)]).then((v) => log(show(v)));
      P.any([]).catch((e) => log(show(e)));
    },
    race: (P, log) => {
      tick(P, log, "t", 6);
      P.race([new P(() => {}), P.resolve(1), 2]).then((v) => log(show(v)));
      P.race([P.reject(3), P.resolve(1)]).catch((v) => log(show(v)));
    },
    "combinators over bad input": (P, log) => {
      for (const name of ["all", "allSettled", "any", "race"] as const) {
        (P[name] as Function).call(P, 5).catch((e: Error) => log(`${name} ${e instanceof TypeError}`));
        (P[name] as Function)
          .call(P, {
            [Symbol.iterator]: () => ({
              next() {
                throw new Error("next");
              },
              return: () => log("return"),
            }),
          })
          .catch((e: Error) => log(show(e)));
        const closing = {
          [Symbol.iterator]: () => ({
            next: () => ({ done: false, value: 1 }),
            return() {
              log(`${name} closed`);
              return {};
            },
          }),
        };
        const C = function (this: unknown, executor: (a: unknown, b: unknown) => void) {
          executor(
            () => {},
            (e: Error) => log(`rejected ${show(e)}`),
          );
        } as unknown as { resolve: unknown };
        C.resolve = () => {
          throw new Error("resolve");
        };
        (P[name] as Function).call(C, closing);
      }
    },
    "promises as subclasses": (P, log) => {
      class Mine extends P<unknown> {
        mark() {
          return "mine";
        }
      }
      const p = Mine.resolve(1);
      log(
        `${p instanceof Mine} ${p.then(() => {}) instanceof Mine} ${Mine.all([p]) instanceof Mine} ${p.finally(() => {}) instanceof Mine}`,
      );
      class Plain extends P<unknown> {
        static override get [Symbol.species]() {
          return P;
        }
      }
      log(`${Plain.resolve(1).then(() => {}) instanceof Plain} ${Plain.resolve(1) instanceof Plain}`);
      P.resolve(p).then((v) => log(show(v)));
      Mine.resolve(P.resolve(3)).then((v) => log(show(v)));
    },
    "constructor lookups": (P, log) => {
      const p = P.resolve(1);
      Object.defineProperty(p, "constructor", {
        get() {
          log("constructor");
          return P;
        },
      });
      log(`${P.resolve(p) === p}`);
      p.then((v) => log(show(v)));
      const q = P.resolve(2);
      Object.defineProperty(q, "constructor", { value: undefined });
      q.then((v) => log(show(v)));
      const r = P.resolve(3);
      Object.defineProperty(r, "constructor", { value: 7 });
      try {
        r.then(() => {});
      } catch (e) {
        log(`${e instanceof TypeError}`);
      }
    },
    "errors of receivers and arguments": (P, log) => {
      const attempt = (f: () => unknown) => {
        try {
          f();
          log("fine");
        } catch (e) {
          log((e as Error).constructor.name);
        }
      };
      attempt(() => (P as unknown as Function)(() => {}));
      attempt(() => new P(undefined as never));
      attempt(() => P.prototype.then.call({} as never, () => {}));
      attempt(() => P.prototype.finally.call(1 as never, () => {}));
      attempt(() => (P.resolve as Function)(1));
      attempt(() => (P.resolve as Function).call(Object, 1));
      attempt(() => (P.all as Function).call(undefined, []));
      attempt(() => (P.reject as Function).call(() => {}, 1));
      attempt(() => new (P.resolve as unknown as new () => object)());
      attempt(() => P.prototype.catch.call({ then: () => 5 } as never, () => {}));
    },
    "thenables that call back later": (P, log) => {
      tick(P, log, "t", 8);
      const late = {
        then(ok: Function) {
          P.resolve().then(() => ok("late"));
        },
      };
      P.resolve(late).then((v) => log(show(v)));
      P.resolve()
        .then(() => late)
        .then((v) => log(show(v)));
    },
  };
  for (const [name, body] of Object.entries(programs)) it(name, () => same(body));

  it("random programs", async () => {
    const node: fc.Arbitrary<string> = fc.constantFrom(
      "value",
      "reject",
      "then",
      "catch",
      "finally",
      "all",
      "race",
      "any",
      "allSettled",
      "thenable",
      "pending",
      "nest",
    );
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(node, fc.nat(20), fc.nat(20)), { minLength: 1, maxLength: 14 }),
        async (nodes) => {
          await same((P, log) => {
            const made: Promise<unknown>[] = [P.resolve("root")];
            const at = (i: number) => made[i % made.length]!;
            for (const [i, [kind, a, b]] of nodes.entries()) {
              const mark = (tag: string) => (v: unknown) => {
                log(`${i}${tag} ${show(v)}`);
                if (a % 5 === 0) throw new Error(`e${i}`);
                return a % 3 === 0 ? at(b) : i;
              };
              switch (kind) {
                case "value":
                  made.push(P.resolve(i));
                  break;
                case "reject":
                  made.push(P.reject(new Error(`r${i}`)));
                  break;
                case "then":
                  made.push(at(a).then(mark("t"), b % 2 ? mark("f") : undefined));
                  break;
                case "catch":
                  made.push(at(a).catch(mark("c")));
                  break;
                case "finally":
                  made.push(
                    at(a).finally(() => {
                      log(`${i}fin`);
                      return b % 2 ? at(b) : undefined;
                    }),
                  );
                  break;
                case "thenable":
                  made.push(
                    P.resolve({
                      then: (ok: Function, no: Function) => {
                        log(`${i}th`);
                        (b % 2 ? ok : no)(i);
                      },
                    }),
                  );
                  break;
                case "pending": {
                  const source = at(a);
                  made.push(
                    new P((ok, no) => {
                      source.then(() => ok(at(b)), no);
                    }),
                  );
                  break;
                }
                case "nest":
                  made.push(new P((ok) => ok(at(a))));
                  break;
                default:
                  made.push(
                    (P as unknown as Record<string, (v: unknown[]) => Promise<unknown>>)[kind]!([at(a), at(b), i]),
                  );
              }
            }
            for (const [i, p] of made.entries()) {
              p.then(
                (v) => log(`end ${i} ${show(v)}`),
                (e) => log(`fail ${i} ${show(e)}`),
              );
            }
          });
        },
      ),
      { numRuns: 300 },
    );
  });
});

describe("properties", () => {
  const run = makeVat(main);
  const durable = () => {
    let P!: PromiseConstructor;
    program = (given) => (P = given);
    makeVat(main).turn();
    return P;
  };
  void run;
  it("are the platform's: names, lengths, attributes", () => {
    const P = durable();
    const describeAll = (target: object, reference: object) =>
      Object.fromEntries(
        Reflect.ownKeys(reference).map((key) => {
          const d = Object.getOwnPropertyDescriptor(target, key)!;
          const fn = d.value ?? d.get;
          return [
            String(key),
            [
              d.writable,
              d.enumerable,
              d.configurable,
              typeof fn,
              fn?.name,
              fn?.length,
              typeof fn === "function" && key !== "prototype"
                ? Object.hasOwn(fn, "prototype") && key !== "constructor"
                : null,
            ],
          ];
        }),
      );
    expect(describeAll(P, Promise)).toEqual(describeAll(Promise, Promise));
    expect(describeAll(P.prototype, Promise.prototype)).toEqual(describeAll(Promise.prototype, Promise.prototype));
    expect([
      (P as any).withResolvers.length,
      (P as any).try.length,
      (P as any).withResolvers.name,
      (P as any).try.name,
    ]).toEqual([0, 1, "withResolvers", "try"]);
    expect(P.name + P.length).toBe("Promise1");
  });
  it("instances are promises of the platform, and resolving functions look like the platform's", () => {
    program = (P) => {
      const p = new P((resolve, reject) => {
        for (const fn of [resolve, reject])
          expect([fn.name, fn.length, Object.hasOwn(fn, "prototype")]).toEqual(["", 1, false]);
      });
      expect(p instanceof Promise).toBe(true);
      expect(p instanceof P).toBe(true);
      expect(Object.prototype.toString.call(p)).toBe("[object Promise]");
      const { promise, resolve } = (P as any).withResolvers();
      resolve(1);
      expect(promise.constructor).toBe(P);
      expect((P as any).try((a: number) => a + 1, 2)).toBeInstanceOf(P);
    };
    makeVat(main).turn();
  });
});

describe("ordinary code", () => {
  it("may await a durable promise natively; its reactions are volatile", async () => {
    let p!: Promise<unknown>;
    let resolve!: (v: unknown) => void;
    program = (P) => {
      p = new P((r) => (resolve = r));
    };
    const vat = makeVat(main);
    vat.turn();
    const seen: unknown[] = [];
    const waiting = (async () => seen.push(await p))();
    const all = Promise.all([p, 2]);
    await drain();
    expect(seen).toEqual([]);
    const run = (await import("perdure/internal/machine/promise/state")).stateOf(p)!.run;
    const previous = enterRun(run);
    resolve(5);
    leaveRun(previous);
    expect(currentRun()).toBe(undefined);
    await waiting;
    expect(seen).toEqual([5]);
    expect(await all).toEqual([5, 2]);
    expect(() => vat.save("base")).not.toThrow();
  });
  it("may not settle it outside a turn, and another run may not touch it", () => {
    let p!: Promise<unknown>;
    let resolve!: (v: unknown) => void;
    program = (P) => {
      p = new P((r) => (resolve = r));
    };
    const vat = makeVat(main);
    vat.turn();
    program = () => p.then(() => {});
    const other = makeVat(main);
    expect(() => other.turn()).toThrow(/PD2102/);
    resolve(1);
    expect(() => vat.turn()).toThrow(/PD2103/);
  });
  it("a native promise adopted in a run is refused, and a catch in between does not hide it", () => {
    program = (P) => {
      try {
        P.resolve(Promise.reject(new Error("native")));
      } catch {
        // Ordinary text of a durable function may catch everything.
      }
    };
    expect(() => makeVat(main).turn()).toThrow(/PD2101/);
  });
});
