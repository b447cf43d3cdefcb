/**
 * One fixture for each row of the call table. A comment `//= charge(order): call(promise) [order] | now` says of the
 * next call that starts so: its class (and row, and operands) with types, and after the bar without them.
 */
import { readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { CALL_TABLE } from "@perdure/transformer/internal/2-analyze/calls/table";
import { createTypeSource } from "@perdure/transformer/internal/types/service";
import { describe, expect, test } from "vitest";
import { classify } from "./classified.ts";

const folder = join(dirname(fileURLToPath(import.meta.url)), "../../fixtures/calls");
const source = createTypeSource();

const CLASS = String.raw`(text|call|callNow\+?|now|constructNow|construct|step|made|deferred|telling|import|none)(?:\(([\w-]+)\))?(?: \[(.*?)\](?= \||; |$))?`;
const EXPECTATION = new RegExp(String.raw`(.+?): ${CLASS}(?: \| ${CLASS})?(?:; |$)`, "y");

interface Expected {
  readonly class: string;
  readonly row: string | undefined;
  readonly operands: string | undefined;
}
interface Case {
  readonly line: number;
  readonly snippet: string;
  readonly typed: Expected;
  readonly untyped: Expected;
}

function casesOf(text: string): Case[] {
  return text.split("\n").flatMap((sourceLine, index) => {
    const comment = /^\s*\/\/= (.*)$/.exec(sourceLine)?.[1];
    if (comment === undefined) return [];
    const found: Case[] = [];
    EXPECTATION.lastIndex = 0;
    while (EXPECTATION.lastIndex < comment.length) {
      const at = EXPECTATION.lastIndex;
      const match = EXPECTATION.exec(comment);
      if (!match) throw new Error(`not understood: ${comment.slice(at)}`);
      const [, snippet, ...words] = match;
      const typed = { class: words[0]!, row: words[1], operands: words[2] };
      const untyped = words[3] === undefined ? typed : { class: words[3], row: words[4], operands: words[5] };
      found.push({ line: index + 1, snippet: snippet!, typed, untyped });
    }
    return found;
  });
}

const oneLine = (text: string) => text.replace(/\s+/g, " ");
let count = 0;

describe.each(
  readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name),
)("%s", (row) => {
  const fileName = join(folder, row, "input.ts");
  const text = readFileSync(fileName, "utf8");
  const cases = casesOf(text);
  count += cases.length * 2;
  describe.each(["typed", "untyped"] as const)("%s", (mode) => {
    const { calls } = classify(text, mode === "typed" ? source.open(fileName, text) : undefined, fileName);
    test.each(cases.map((it) => [`${it.line}: ${it.snippet}`, it] as const))("%s", (_, {
      line,
      snippet,
      [mode]: expected,
    }) => {
      const following = calls.filter((candidate) => candidate.line > line);
      const call =
        following.find((candidate) => oneLine(candidate.text) === snippet) ??
        following.find((candidate) => oneLine(candidate.text).startsWith(snippet));
      if (expected.class === "none") return expect(call).toBeUndefined();
      expect(call, "no such call").toBeDefined();
      expect(call!.class).toBe(expected.class);
      if (expected.row !== undefined) expect(call!.row).toBe(expected.row);
      if (expected.operands !== undefined) expect(oneLine(call!.operands)).toBe(expected.operands);
    });
  });
});

test("each row of the table has its fixture, which reaches it", () => {
  for (const { id } of CALL_TABLE) {
    const fileName = join(folder, id, "input.ts");
    const text = readFileSync(fileName, "utf8");
    const rows = [source.open(fileName, text), undefined].flatMap((types) =>
      classify(text, types, fileName).calls.map((call) => call.row),
    );
    expect(rows, fileName).toContain(id);
  }
  expect(count).toBeGreaterThan(160);
});
