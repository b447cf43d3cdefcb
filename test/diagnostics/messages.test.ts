/** Messages as newcomers get them: the code that was meant, a place where there is one, a fix, and docs/messages.md as it is printed. `UPDATE=1` writes that page. */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { root } from "../repository/sources.ts";
import { type Provoked, printMessages, provoke } from "./provoking.ts";

let provoked: Provoked[];
beforeAll(async () => {
  provoked = await provoke();
}, 120_000);

test("each program provokes the code that it is there for", () => {
  expect(provoked.length).toBeGreaterThan(30);
  for (const { name, code, message } of provoked) expect(`${name}: ${message}`).toContain(`${name}: ${code}: `);
});

test("each has a fix and a page, and leaves no hole open", () => {
  for (const { code, message } of provoked) {
    expect(message).toMatch(/\n {2}fix: \S.*\n {2}see: /);
    expect(message).not.toMatch(/%\w+%|undefined|\[object /);
    expect(existsSync(join(root, `docs/errors/${code}.md`))).toBe(true);
  }
});

test("what a run says names the function and the line", () => {
  const silent = provoked.filter(
    ({ name, message }) => !/(?:programs|perdure\/patterns\/\w+)\.ts:\d+:\d+/.test(message) && !isHosts(name),
  );
  expect(silent.map(({ name, message }) => `${name}: ${message}`)).toEqual([]);
});

test("docs/messages.md is what is printed", () => {
  const page = join(root, "docs/messages.md");
  const printed = printMessages(provoked);
  if (process.env["UPDATE"]) writeFileSync(page, printed);
  expect(readFileSync(page, "utf8")).toBe(printed);
});

/** Thrown at the call itself, whose stack names the line. */
const isHosts = (name: string): boolean =>
  hosts.includes(`export const ${name} `) || hosts.includes(`function ${name}(`);
const hosts = readFileSync(join(root, "fixtures/messages/host.ts"), "utf8");
