/** Handlers that are wrong in one way each: what `token-handler.test.ts` sends them must tell them from the right one. */
import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { tokenHandler, tokenLinks } from "perdure/triggers";
import { expect, test } from "vitest";

const key = { id: "2026-11", secret: "a secret of at least thirty-two bytes" };
const TOKEN = `run.${"0".repeat(32)}.1.${"0".repeat(32)}`;
const NOW = 1_800_000_000_000;
const links = tokenLinks({ url: "https://example.com/resume", keys: [key], now: () => NOW });

/** Each must be refused, whatever else the handler does. */
const hostile: Record<string, (link: string) => Request> = {
  "a link that a mail scanner opens": (link) => new Request(link),
  "a look at the headers": (link) => new Request(link, { method: "HEAD" }),
  "another token under the same signature": (link) =>
    new Request(link.replace("run.", "other."), { method: "POST", body: "null" }),
  "a later end under the same signature": (link) =>
    new Request(
      link.replace(/expires=\d+/, (found) => `${found}0`),
      { method: "POST", body: "null" },
    ),
  "a signature of nobody": (link) =>
    new Request(link.replace(/signature=[\w-]+/, `signature=${"A".repeat(43)}`), { method: "POST", body: "null" }),
  "a body beyond the limit": (link) => new Request(link, { method: "POST", body: `"${"x".repeat(2_000)}"` }),
};

/** What came through. The same link again, after its end, is hostile too. */
async function resumedBy(make: typeof tokenHandler): Promise<string[]> {
  const through: string[] = [];
  const link = await links.to(TOKEN, { expires: "1h" });
  let asked = "";
  const engine = {
    async resume() {
      through.push(asked);
      return "accepted" as const;
    },
  };
  const options = { keys: [key], maxBody: 1_000, now: () => NOW };
  for (const [name, request] of Object.entries(hostile)) {
    asked = name;
    await make(engine, options)(request(link));
  }
  asked = "a link that has expired";
  await make(engine, { ...options, now: () => NOW + 3_601_000 })(new Request(link, { method: "POST" }));
  return through;
}

test("the handler resumes nothing for any of them, and something for a good one", async () => {
  expect(await resumedBy(tokenHandler)).toEqual([]);
  const link = await links.to(TOKEN);
  const handler = tokenHandler({ resume: async () => "accepted" }, { keys: [key], now: () => NOW });
  expect((await handler(new Request(link, { method: "POST", body: "null" }))).status).toBe(200);
});

test.each([
  ["GET resumes", "token-handler", 'request.method !== "POST"', "false", "a link that a mail scanner opens"],
  ["signatures are not verified", "token-links", "if (!right)", "if (false)", "a signature of nobody"],
  ["the token is not signed", "token-links", "\\n${token}`", "`", "another token under the same signature"],
  ["the end is not signed", "token-links", "\\n${expires}\\n", "\\n", "a later end under the same signature"],
  ["links do not expire", "token-links", "if (until * 1000 <= now)", "if (false)", "a link that has expired"],
  ["bodies have no limit", "request-body", "> limit", "> Infinity", "a body beyond the limit"],
])("a mutant is seen: %s", async (_, file, from, to, seen) => {
  const directory = mkdtempSync(join(tmpdir(), "perdure-mutant-"));
  try {
    cpSync(new URL("../../runtime/dist", import.meta.url), join(directory, "dist"), { recursive: true });
    writeFileSync(join(directory, "package.json"), '{"type":"module"}');
    const path = join(directory, `dist/triggers/${file}.js`);
    const text = readFileSync(path, "utf8");
    expect(text).toContain(from);
    writeFileSync(path, text.replaceAll(from, to));
    const mutant = (await import(pathToFileURL(join(directory, "dist/triggers/index.js")).href)) as {
      tokenHandler: typeof tokenHandler;
      tokenLinks: typeof tokenLinks;
    };
    // Links are the mutant's own, where it signs in its own way.
    const own = mutant.tokenLinks({ url: "https://example.com/resume", keys: [key], now: () => NOW });
    const link = await own.to(TOKEN, { expires: "1h" });
    const through: string[] = [];
    const engine = {
      async resume() {
        through.push("through");
        return "accepted" as const;
      },
    };
    const later = seen === "a link that has expired" ? 3_601_000 : 0;
    const handler = mutant.tokenHandler(engine, { keys: [key], maxBody: 1_000, now: () => NOW + later });
    await handler(later > 0 ? new Request(link, { method: "POST" }) : hostile[seen]!(link));
    expect(through).toEqual(["through"]);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
});
