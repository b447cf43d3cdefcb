/** Whoever reads the stack of an error sees the functions that led to it and those that waited, and nothing of the runtime. */
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { build } from "esbuild";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { failure, lineOf, type Product, product, QUICK, until } from "../product.ts";
import { root } from "../repository/sources.ts";

type App = typeof import("../../fixtures/error-stacks/app.ts");
type Programs = typeof import("../../fixtures/error-stacks/programs.ts");

let built: Product<App>;
let native: Programs;
let app: App;
let engine: ReturnType<App["createEngine"]> | undefined;
beforeAll(async () => {
  built = await product<App>("error-stacks", "app");
  app = await built.open();
  const outfile = join(built.folder, "dist", "native.mjs");
  const entry = join(root, "fixtures/error-stacks/programs.ts");
  await build({ entryPoints: [entry], outfile, bundle: true, format: "esm", platform: "node", external: ["perdure"] });
  native = (await import(/* @vite-ignore */ pathToFileURL(outfile).href)) as Programs;
});
afterAll(() => built.remove());
const begin = (store = app.memory()): ReturnType<App["createEngine"]> => {
  engine = app.createEngine({ store, observe: () => {} });
  void engine.work(QUICK);
  return engine;
};
afterEach(() => engine?.stop());

const framesIn = (stack: string): string[] => stack.split("\n").filter((line) => line.startsWith("    at "));
/** `async order`: who it is, and how it got there. Classes are named where V8 knows them. */
const nameIn = (frame: string): string => /at ((?:async )?)(?:.*\.)?(.*) \(/.exec(frame)?.slice(1).join("") ?? frame;
/** Natively, functions of the platform stand between. */
const isOurs = (frame: string): boolean => / \(.*(?:native|app)\.mjs/.test(frame) || /programs\.ts/.test(frame);

const thrownBy = async (promise: Promise<unknown>): Promise<string[]> =>
  framesIn((await failure(promise)).stack!).filter(isOurs);
async function durably(name: keyof Programs): Promise<string[]> {
  const run = await begin().start(app[name] as () => Promise<unknown>, []);
  return thrownBy(run.result());
}

describe("the functions are those that the platform names", () => {
  test.for([
    "thrown",
    "thrownBelow",
    "thrownAtOnce",
    "rejected",
    "rejectedInBody",
    "rejectedTogether",
    "rejectedBehind",
    "thrownInGenerator",
    "thrownInMethod",
    "thrownAgain",
  ] as const)("%s", async (name) => {
    expect((await durably(name)).map(nameIn)).toEqual((await thrownBy(native[name]())).map(nameIn));
  });
});

describe("outside of runs too, after the first await", () => {
  test.for([
    "thrown",
    "thrownBelow",
    "rejected",
    "rejectedTogether",
    "thrownInMethod",
    "thrownAgain",
  ] as const)("%s", async (name) => {
    expect((await thrownBy(app[name]())).map(nameIn)).toEqual((await thrownBy(native[name]())).map(nameIn));
  });
});

const place = (text: string): string => lineOf("error-stacks", "programs.ts", text);

test("those who wait are shown with the lines of the source", async () => {
  const [top, ...others] = await durably("thrown");
  expect(top).toMatch(/^ {4}at reserve \(.*app\.mjs.*:\d+:\d+\)$/);
  expect(others.map((line) => line.trim().replace(/:\d+\)$/, ""))).toEqual([
    `at async order (${place("await reserve(count)")}`,
    `at async thrown (${place("await order(1), await order(2)")}`,
  ]);
});

test("a step is shown where it is called", async () => {
  const [top, ...others] = await durably("rejected");
  expect(top).toMatch(/at charge \(/);
  expect(others.map((line) => line.trim().replace(/:\d+\)$/, ""))).toEqual([
    `at async pay (${place("await charge(amount)")}`,
    `at async rejected (${place("await pay(2);")}`,
  ]);
});

test("a step that throws at once, also of an async function, is shown without what has called it", async () => {
  expect((await durably("rejectedAtOnce")).map(nameIn)).toEqual(["withdraw", "async take", "async rejectedAtOnce"]);
  expect((await durably("rejectedAtOnceLater")).map(nameIn)).toEqual(["withdraw", "lend", "async rejectedAtOnceLater"]);
});

test("the error of a child run has the functions of both runs", async () => {
  expect((await durably("rejectedByChild")).map(nameIn)).toEqual([
    "reserve",
    "async order",
    "async leg",
    "async rejectedByChild",
  ]);
});

test("durable code that catches it sees all of them", async () => {
  const stack = (await (await begin().start(app.shown, [])).result()) as string;
  expect(framesIn(stack).map(nameIn)).toEqual(["reserve", "async order", "async shown"]);
});

test("nothing is added twice when another process throws it again", async () => {
  const path = join(built.folder, "handed-on.db");
  const before = begin(app.sqlite(path));
  await before.start(app.handedOn, [], { id: "a" });
  await until(() => app.gates.has("handed on"));
  await before.stop();
  app = await built.open();
  const after = begin(app.sqlite(path));
  await until(() => app.gates.has("handed on"));
  app.gates.get("handed on")!();
  const { stack } = await failure(after.run("a").result());
  expect(framesIn(stack!).map(nameIn)).toEqual(["reserve", "async order", "async handedOn"]);
});

test("an object that is thrown again and again keeps one trace", async () => {
  expect((await durably("rejectedBySame")).map(nameIn)).toEqual(["async rejectedBySame"]);
});

test("what cannot be changed, and what is no error, stays as it is", async () => {
  const working = begin();
  const frozen = await failure((await working.start(app.thrownFrozen, [])).result());
  expect(frozen).toMatchObject({ message: "as it is" });
  expect(await failure((await working.start(app.thrownPlain, [])).result())).toEqual({ stack: "nobody's", code: 7 });
});

test("without frames there is nothing to show", async () => {
  const { stackTraceLimit } = Error;
  try {
    Error.stackTraceLimit = 0;
    expect(await durably("thrown")).toEqual([]);
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
});
