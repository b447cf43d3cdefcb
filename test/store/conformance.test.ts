import { mkdtempSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encrypted } from "perdure/encryption";
import { memory } from "perdure/memory";
import { sqlite } from "perdure/sqlite";
import { storeConformance } from "perdure/testing";
import { afterAll, describe, test } from "vitest";

const keys = [{ id: "k", secret: "a secret of at least thirty-two bytes" }];

describe("memory", () => {
  storeConformance({ test, make: () => memory() });
  describe("encrypted", () => {
    storeConformance({ test, make: () => encrypted(memory(), { keys }) });
  });
});

describe("sqlite", () => {
  const directory = mkdtempSync(join(tmpdir(), "perdure-conformance-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  let files = 0;
  // Node's own is the default from Node 24 on; without it, `libsql` is.
  for (const driver of ["libsql", "node"] as const) {
    describe.runIf(driver === "libsql" || isBuiltin("node:sqlite"))(`by ${driver}`, () => {
      storeConformance({ test, make: () => sqlite(join(directory, `${++files}.db`), { driver }) });
    });
  }
  describe("encrypted", () => {
    storeConformance({ test, make: () => encrypted(sqlite(join(directory, `${++files}.db`)), { keys }) });
  });
});
