/** The packages as they are published: what is in them, and what publint and are-the-types-wrong say of them. */
import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { publint } from "publint";
import { formatMessage } from "publint/utils";
import { afterAll, beforeAll, expect, test } from "vitest";
// @ts-expect-error: a script without types
import { packPackages } from "../../scripts/packages.mjs";
import { root } from "../repository/sources.ts";

let folder: string;
let tarballs: Map<string, string>;
beforeAll(() => {
  mkdirSync(join(root, "tmp"), { recursive: true });
  folder = mkdtempSync(join(root, "tmp", "packages-"));
  tarballs = packPackages(folder);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

for (const name of ["perdure", "@perdure/transformer", "@perdure/plugins"]) {
  test(`${name} holds what it should, and nothing else`, () => {
    const unpacked = join(folder, name.replace("/", "-"));
    mkdirSync(unpacked);
    execFileSync("tar", ["-xzf", tarballs.get(name)!, "-C", unpacked, "--strip-components", "1"]);
    const files = readdirSync(unpacked, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name));
    const top = new Set(files.map((file) => file.slice(unpacked.length + 1).split("/")[0]));
    const wanted = [
      "LICENSE",
      "README.md",
      ...(name === "@perdure/plugins" ? ["bin"] : []),
      "dist",
      ...(name === "perdure" ? ["docs"] : []),
      "package.json",
    ];
    expect([...top].sort()).toEqual(wanted);
    // Where the messages of all packages send their readers.
    if (name === "perdure") expect(files).toContain(join(unpacked, "docs/errors/PD4001.md"));
    for (const file of files.filter((path) => path.includes("/docs/") && path.endsWith(".md")))
      for (const [, target] of readFileSync(file, "utf8").matchAll(/\]\((?![a-z]+:|#)([^)#\s]+)/g))
        expect(files, `${file} links ${target}`).toContain(join(file, "..", target!));
    expect(readFileSync(join(unpacked, "LICENSE"), "utf8")).toBe(readFileSync(join(root, "LICENSE"), "utf8"));
    for (const file of files.filter((path) => path.includes("/dist/"))) {
      expect(file).toMatch(/\.(js|d\.ts|js\.map)$/);
      if (!file.endsWith(".map")) expect(readFileSync(file, "utf8"), file).not.toContain(root);
    }
    const { exports } = JSON.parse(readFileSync(join(unpacked, "package.json"), "utf8"));
    for (const [subpath, target] of Object.entries(exports as Record<string, { types: string; default: string }>))
      if (!subpath.includes("*") && subpath !== "./package.json")
        for (const path of [target.types, target.default]) expect(files, subpath).toContain(join(unpacked, path));
  });

  // `"module": "commonjs"` of TypeScript before 6 resolves as Node 10 did, and reads no exports. Node's require loads the modules.
  test.runIf(name === "perdure")("TypeScript that knows no exports finds the types of every entry point", () => {
    const { exports, types, typesVersions } = JSON.parse(readFileSync(join(root, "runtime/package.json"), "utf8"));
    const named = Object.entries(exports as Record<string, { types?: string }>).flatMap(([subpath, target]) =>
      target.types === undefined || subpath.includes("*") ? [] : [[subpath.slice(2), [target.types]] as const],
    );
    expect({ ...typesVersions["*"], "": [types] }).toEqual(Object.fromEntries(named));
  });

  test(`publint has nothing to say of ${name}`, async () => {
    const file = readFileSync(tarballs.get(name)!);
    const tarball = file.buffer.slice(file.byteOffset, file.byteOffset + file.byteLength) as ArrayBuffer;
    const { messages, pkg } = await publint({ pack: { tarball }, strict: true });
    expect(messages.map((message) => formatMessage(message, pkg))).toEqual([]);
  });

  test(`the types of ${name} are right`, () => {
    // The packages are ESM: CommonJS loads them with import(), or with Node's require of modules.
    const attw = join(root, "node_modules/.bin/attw");
    const args = [tarballs.get(name)!, "--profile", "esm-only", "--format", "json"];
    const { problems, analysis } = JSON.parse(execFileSync(attw, args, { encoding: "utf8" }));
    const kinds = Object.keys(problems ?? {}).filter((kind) => kind !== "NoResolution" && kind !== "CJSResolvesToESM");
    expect(kinds).toEqual([]);
    expect(Object.keys(analysis.entrypoints).length).toBeGreaterThan(1);
  });
}
