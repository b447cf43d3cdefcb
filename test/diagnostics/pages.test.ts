import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { mergeTables, printPage } from "@perdure/transformer/internal/diagnostics/pages";
import { expect, test } from "vitest";

const root = join(import.meta.dirname, "../..");

test("docs/errors and docs/calls.md are what the tables print, and codes are unique", () => {
  expect(() =>
    execFileSync(process.execPath, ["scripts/generate.mjs", "--check"], { cwd: root, stdio: "pipe" }),
  ).not.toThrow();
});

test("two messages of one code are a defect, the same table twice is none", () => {
  const entry = { slug: "a", text: "a %path%", fix: "b", page: "c" };
  expect(() => mergeTables([{ PD4001: entry }, { PD4001: { ...entry, slug: "other" } }])).toThrow(
    "PD4001: a and other",
  );
  expect(() => mergeTables([{ PD9001: entry }])).toThrow("PD9001 is no error code");
  expect(Object.keys(mergeTables([{ PD4001: entry }, { PD4001: entry }]))).toEqual(["PD4001"]);
  expect(printPage("PD4001", entry)).toBe("# PD4001: a\n\n> a *path*\n\n**Fix:** b\n\nc\n");
});

test("a page may stand in a table of its own, which no program bundles", () => {
  const entry = { slug: "a", text: "a %path%", fix: "b" };
  expect(printPage("PD4001", entry, { PD4001: "\nc" })).toBe("# PD4001: a\n\n> a *path*\n\n**Fix:** b\n\nc\n");
  expect(() => printPage("PD4001", entry)).toThrow("PD4001 has no page");
});
