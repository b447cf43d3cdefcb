/** What the plugins are told: what cannot be meant stops the build before a file is compiled, with a code and what to write. */
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { perdure } from "@perdure/plugins/esbuild";
import { createCore } from "@perdure/plugins/internal/core/core";
import { durableFiles } from "@perdure/plugins/internal/core/files";
import { perdure as rollup } from "@perdure/plugins/rollup";
import { build } from "esbuild";
import { afterEach, expect, test } from "vitest";

const folders: string[] = [];
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true });
});

test.each<[unknown, RegExp]>([
  [{ includes: "src/**" }, /^PD1401: perdure\(\) has no option includes\n {2}fix: its options are include,/],
  [{ tsconfig: "tsconfig.json" }, /^PD1401: .* tsconfig\n/],
  ["src/**", /^PD1402: .*"src\/\*\*" as its options; it takes an object/],
  [null, /^PD1402: .*null as its options/],
  [[], /^PD1402: .*a list as its options/],
  [{ include: 5 }, /^PD1402: .*5 as include; it takes a glob/],
  [{ include: [/a/, {}] }, /^PD1402: .*a list as include/],
  [{ root: 5 }, /^PD1402: .*5 as root; it takes the path of a folder/],
  [{ types: true }, /^PD1402: .*true as types; it takes "auto", false, or/],
  [{ types: "tsconfig.nowhere.json" }, /^PD1403: the tsconfig tsconfig\.nowhere\.json, .*does not exist/],
  [{ explain: "yes" }, /^PD1402: .*"yes" as explain/],
])("%j is refused", (options, error) => {
  expect(() => createCore(options as object, "/app")).toThrow(error);
});

test.each<[object]>([
  [{}],
  [{ include: undefined, root: undefined, types: undefined, explain: undefined }],
  [{ include: ["src/**", /\.flow\.ts$/], root: "/app", types: false, explain: () => {} }],
  [{ types: "auto", explain: true }],
  [{ types: "test/tsconfig.json" }],
])("%j is taken", (options) => {
  expect(() => createCore(options, "/app")).not.toThrow();
});

test("hosts tell it", async () => {
  const plugins = [perdure({ includes: "src" } as object)];
  const options = { stdin: { contents: "" }, write: false, plugins, logLevel: "silent" } as const;
  await expect(build(options)).rejects.toThrow("PD1401");
  expect(() => rollup({ includes: "src" } as object)).toThrow("PD1401");
});

test("include takes globs and folders, relative or absolute, with a dot before or a slash behind", () => {
  const root = mkdtempSync(join(tmpdir(), "include-"));
  folders.push(root);
  mkdirSync(join(root, "src/flows"), { recursive: true });
  const file = join(root, "src/flows/deep/a.ts");
  for (const include of [
    "src/**",
    "./src/**",
    "src",
    "src/",
    "./src/flows",
    join(root, "src"),
    join(root, "src/flows/**/*.ts"),
  ])
    expect(durableFiles(include, root).included(file), include).toBe(true);
  for (const include of ["flows", "src/flow", join(root, "other"), "src/*.ts"])
    expect(durableFiles(include, root).included(file), include).toBe(false);
});
