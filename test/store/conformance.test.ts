import { mkdtempSync, rmSync } from "node:fs";
import { isBuiltin } from "node:module";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { encrypted } from "perdure/encryption";
import type { Store } from "perdure/internal/store/store";
import { memory } from "perdure/memory";
import { type SqliteOptions, sqlite } from "perdure/sqlite";
import { storeConformance, unreliable } from "perdure/testing";
import { afterAll, describe, test } from "vitest";

const keys = [{ id: "k", secret: "a secret of at least thirty-two bytes" }];

let seeds = 0;
/** Requests that come twice, above the encryption and below it. */
const sealed = (store: Store): Store => encrypted(store, { keys });
const astray = (store: Store): Store => unreliable(store, { seed: ++seeds });

describe("memory", () => {
  storeConformance({ test, make: () => memory() });
  describe("encrypted", () => {
    storeConformance({ test, make: () => sealed(memory()) });
  });
  describe("whose answers are lost", () => {
    storeConformance({ test, make: () => astray(memory()) });
  });
  describe("encrypted, whose answers are lost", () => {
    storeConformance({ test, make: () => astray(sealed(astray(memory()))) });
  });
});

describe("sqlite", () => {
  const directory = mkdtempSync(join(tmpdir(), "perdure-conformance-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  let files = 0;
  const fresh = (options: SqliteOptions = {}): Store => sqlite(join(directory, `${++files}.db`), options);
  // Node's own is the default from Node 24 on; without it, `libsql` is.
  for (const driver of ["libsql", "node"] as const) {
    describe.runIf(driver === "libsql" || isBuiltin("node:sqlite"))(`by ${driver}`, () => {
      storeConformance({ test, make: () => fresh({ driver }) });
    });
  }
  describe("encrypted", () => {
    storeConformance({ test, make: () => sealed(fresh()) });
  });
  describe("encrypted, whose answers are lost", () => {
    storeConformance({ test, make: () => astray(sealed(astray(fresh({ synchronous: "normal" })))) });
  });
});
