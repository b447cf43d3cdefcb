import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { memory } from "perdure/memory";
import { sqlite } from "perdure/sqlite";
import { storeConformance } from "perdure/testing";
import { afterAll, describe, test } from "vitest";

describe("memory", () => {
  storeConformance({ test, make: () => memory() });
});

describe("sqlite", () => {
  const directory = mkdtempSync(join(tmpdir(), "perdure-conformance-"));
  afterAll(() => rmSync(directory, { recursive: true, force: true }));
  let files = 0;
  storeConformance({ test, make: () => sqlite(join(directory, `${++files}.db`)) });
});
