/**
 * Every kind of callee, named in every way: compiled with and without types, in a run that is saved at turns and at every job, against the same
 * file left alone. What must be a step is one however it is named, and what belongs to the turn stays there.
 */
import { copyFileSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { createTypeSource, transform } from "@perdure/transformer";
import { transform as strip } from "esbuild";
import { isPerdureError } from "perdure";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { World } from "../operations/world.ts";
import { root } from "../repository/sources.ts";
import { formsOf, functionName, moduleText, type Row, relayText, rows } from "./forms.ts";

type Mode = "native" | "typed" | "untyped";
interface Loaded {
  readonly programs: Record<string, Record<string, () => Promise<unknown>>>;
  readonly effects: string[];
}

mkdirSync(join(root, "tmp"), { recursive: true });
const folder = mkdtempSync(join(root, "tmp", "forms-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function writeSources(): string[] {
  const files = ["services.ts", "ledger.ts"];
  for (const file of files) copyFileSync(join(root, "fixtures/forms", file), join(folder, file));
  const config = JSON.parse(readFileSync(join(root, "fixtures/forms/tsconfig.json"), "utf8"));
  writeFileSync(join(folder, "tsconfig.json"), JSON.stringify(config));
  const write = (file: string, text: string) => {
    writeFileSync(join(folder, file), text);
    if (!files.includes(file)) files.push(file);
  };
  write("index.ts", 'export * from "./services.ts";\nexport { attend, settle } from "./ledger.ts";\n');
  for (const row of rows) {
    write(`default-${row.callee}.ts`, relayText(row));
    write(`${row.name}.ts`, moduleText(row));
  }
  return files;
}

async function load(mode: Mode, files: readonly string[]): Promise<Loaded> {
  const out = join(folder, "dist", mode);
  mkdirSync(out, { recursive: true });
  const types = mode === "typed" ? createTypeSource() : undefined;
  for (const file of files) {
    const fileName = join(folder, file);
    let text = readFileSync(fileName, "utf8");
    if (mode !== "native" && text.startsWith('"use durable"')) {
      // Two builds of one module cannot be in one process under one name.
      const { code, diagnostics } = transform(text, {
        fileName,
        root: types ? folder : root,
        ...(types ? { types } : {}),
      });
      expect(diagnostics.filter(({ severity }) => severity === "error")).toEqual([]);
      text = code!;
    }
    const { code } = await strip(text, { loader: "ts", target: "esnext" });
    writeFileSync(
      join(out, file.replace(".ts", ".mjs")),
      code.replace(/"(\.\/[\w-]+)\.ts"/g, (_, path: string) => `"${path}.mjs"`),
    );
  }
  const open = (file: string) => import(/* @vite-ignore */ pathToFileURL(join(out, `${file}.mjs`)).href);
  const { effects } = await open("services");
  const programs: Loaded["programs"] = {};
  for (const { name } of rows) programs[name] = await open(name);
  return { programs, effects };
}

const modes = {} as Record<Mode, Loaded>;
beforeAll(async () => {
  const files = writeSources();
  for (const mode of ["native", "typed", "untyped"] as const) modes[mode] = await load(mode, files);
}, 300_000);

async function observe(mode: Mode, row: Row, form: string, saves: "none" | "turn" | "job") {
  const { programs, effects } = modes[mode];
  const fn = programs[row.name]![form]!;
  effects.length = 0;
  const world = new World({ reload: saves === "job" });
  try {
    const value = saves === "none" ? await fn() : (await world.start(fn).drive()).result;
    return { value, effects: [...new Set(effects)].sort() };
  } catch (thrown) {
    // What ordinary code does to a run blocks it, whatever it waits for.
    const error = world.brokenBy ?? thrown;
    if (isPerdureError(error)) return { code: error.code };
    const stuck = saves === "none" ? null : world.vat.stuck();
    if (isPerdureError(stuck)) return { code: stuck.code };
    throw error;
  }
}

describe.each(rows)("$name", (row) => {
  const all = formsOf(row).map((form) => [form.name, functionName(form)] as const);
  describe.each(["typed", "untyped"] as const)("%s", (mode) => {
    test.each(all)("%s", async (form, name) => {
      const native = await observe("native", row, name, "none");
      const plain = await observe(mode, row, name, "none");
      expect(plain, "outside a run").toEqual(native);
      const where = row.inStep?.includes(form) ? "in a step" : row.effects;
      const expected = {
        value: native.value,
        effects: native.effects!.map((text) => text.replace("in the turn", where)),
      };
      const code = row.refused?.[form] ?? (mode === "typed" ? row.refusedWithTypes?.[form] : undefined);
      for (const saves of mode === "typed" ? (["turn", "job"] as const) : (["job"] as const))
        expect(await observe(mode, row, name, saves), saves).toEqual(code ? { code } : expected);
    });
  });
});
