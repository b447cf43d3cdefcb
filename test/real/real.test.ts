/** Code as people write it: natively, as a run, and as a run that is dropped and loaded again at every turn. The verdicts are printed in docs/real-code.md. */
import { isPerdureError } from "perdure";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { catalog, type RealProgram } from "./catalog.ts";
import { type Built, buildDurable, buildNative } from "./compile.ts";
import { asRun, type Ended, natively } from "./drive.ts";
import { type Services, startServices } from "./services.ts";

const programs = catalog();
const refused = programs.filter(({ expects }) => expects.verdict === "refused");
const compiled = programs.filter((program) => !refused.includes(program));

let services: Services;
let native: Built;
let durable: Built;
let untyped: Built;

beforeAll(async () => {
  services = await startServices();
  native = await buildNative(compiled);
  durable = await buildDurable(compiled, "auto");
  untyped = await buildDurable(
    compiled.filter((program) => program.untyped),
    false,
  );
}, 300_000);
afterAll(async () => {
  for (const built of [native, durable, untyped]) built?.remove();
  await services?.close();
});
beforeEach(() => services.reset());

/** A blocked run counts as its code. */
async function verdictOf(run: () => Promise<Ended>): Promise<Ended | string> {
  try {
    return await run();
  } catch (error) {
    if (isPerdureError(error)) return error.code;
    throw error;
  }
}

const shown = ({ status, value }: Ended) => ({ status, value: value instanceof Error ? value.message : value });

async function check(program: RealProgram, built: Built): Promise<void> {
  const { expects } = program;
  const expected = await natively((await native.load(program)).main as () => unknown);
  expect(expected.status, String(expected.value)).toBe("fulfilled");
  for (const saving of ["never", "turns"] as const) {
    await services.reset();
    const loaded = await built.load(program);
    const verdict = await verdictOf(async () => shown(await asRun(loaded, saving)));
    expect(verdict, saving).toEqual(expects.verdict === "works" ? shown(expected) : expects.code);
  }
}

describe("with types", () => {
  it.each(compiled)("$name: $title", (program) => check(program, durable), 120_000);
});

describe("without types", () => {
  it.each(compiled.filter((program) => program.untyped))("$name", (program) => check(program, untyped), 120_000);
});

describe("refused", () => {
  it.each(refused)("$name: $title", async ({ expects, ...program }) => {
    const failure = await buildDurable([{ expects, ...program }], "auto").then(
      () => "it was compiled",
      (error: Error) => error.message,
    );
    expect(failure).toContain(expects.verdict === "refused" ? expects.code : "");
    expect(failure).toMatch(/\.ts:\d+:\d+/);
  });
});
