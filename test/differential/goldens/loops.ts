/** Loops, conditions and error handling. */
import type { Goldens } from "./cases.ts";

export const loops: Goldens = {
  retry: {
    before: `const until = (ms: number) => \`EUR@\${Date.now() + ms}\`;
const took = async (body: () => Promise<unknown>) => { const from = Date.now(); const value = await body().catch((error: any) => error.message); return [value, Date.now() - from]; };`,
    cases: {
      "at the first attempt": [`return took(() => rate("EUR@0"));`, `[1.25, 1]`],
      "after one wait": [`return took(() => rate(until(500)));`, `[1.25, 1002]`],
      "each wait is twice as long": [`return took(() => rate(until(6_000)));`, `[1.25, 7004]`],
      "five attempts, and no wait after the last": [
        `return took(() => rate("ZZZ@Infinity"));`,
        `["no rate for ZZZ", 15005]`,
      ],
      "one attempt only": [`return took(() => rate("ZZZ@Infinity", 1));`, `["no rate for ZZZ", 1]`],
      "two attempts that are just enough": [`return took(() => rate(until(1_000), 2));`, `[1.25, 1002]`],
      "an undefined argument is the default": [
        `return took(() => rate("ZZZ@Infinity", undefined));`,
        `["no rate for ZZZ", 15005]`,
      ],
      "null attempts have no end": [`return took(() => rate(until(40_000), null as any));`, `[1.25, 63007]`],
      "the error of the last attempt is thrown as it is": [
        `try { await rate("ZZZ@Infinity", 2); return "known"; } catch (error: any) { return [error.name, error.status, error instanceof Error]; }`,
        `["ServiceError", 503, true]`,
      ],
      "two at once, each with its own waits": [
        `return Promise.all([took(() => rate(until(2_500))), took(() => rate(until(500)))]);`,
        `[[1.25, 3003], [1.25, 1002]]`,
      ],
      "one after the other": [
        `return [await rate("EUR@0"), await took(() => rate(until(100)))];`,
        `[1.25, [1.25, 1002]]`,
      ],
    },
  },
  drip: {
    before: `const user = (stays: number, answers?: unknown, name = "ann"): any => ({ name, stays, answers });`,
    cases: {
      "all mails": [`return drip(user(9));`, `3`],
      "left before the first": [`return drip(user(0));`, `0`],
      "left after the first": [`return drip(user(1));`, `1`],
      "left after the second": [`return drip(user(2));`, `2`],
      "what is not sent does not count": [`return drip(user(9, false));`, `0`],
      "any answer that is truthy counts": [`return drip(user(9, "queued"));`, `3`],
      "a mail that fails ends it": [
        `return drip(user(9, "tips")).catch((error: any) => error.message);`,
        `"no tips for ann"`,
      ],
      "a check that fails ends it": [
        `return drip(user(9, true, "")).catch((error: any) => error.message);`,
        `"who is that?"`,
      ],
      "waits none, one and two days": [
        `const from = Date.now(); await drip(user(9)); return Math.floor((Date.now() - from) / 86_400_000);`,
        `3`,
      ],
      "what the service changes in its user is seen": [
        `const one = user(2); await drip(one); return one;`,
        `{ name: "ann", stays: 2, answers: undefined, asked: 3 }`,
      ],
      "two users at once": [`return Promise.all([drip(user(9)), drip(user(1, true, "bob"))]);`, `[3, 1]`],
      "the same user, later again": [`const one = user(4); return [await drip(one), await drip(one)];`, `[3, 1]`],
    },
  },
  tickets: {
    before: `const took = async (id: string) => { const from = Date.now(); await handle(id); return Date.now() - from; };`,
    cases: {
      "a normal one is answered and closed": [`return took("normal");`, `4`],
      "an urgent one is escalated first": [`return took("urgent");`, `7`],
      "opened again, it is read again": [`return took(\`normal again reopened \${Date.now() + 4}\`);`, `7`],
      "opened again and again": [`return took(\`urgent again reopened \${Date.now() + 20}\`);`, `25`],
      "an answer may make it urgent": [`return took(\`normal again urgent \${Date.now() + 4}\`);`, `9`],
      "an answer may make it normal": [`return took(\`normal again normal \${Date.now() + 9}\`);`, `12`],
      "a state that nobody knows": [
        `return handle(\`normal again odd \${Date.now() + 4}\`).catch((error: any) => error.message);`,
        `"unknown state odd"`,
      ],
      "null closes it too": [`return took("normal null");`, `4`],
      "a ticket that is lost": [
        `return handle("lost").catch((error: any) => [error.message, error.status]);`,
        `["no such ticket", 404]`,
      ],
      "an escalation that fails: no answer is sent": [
        `return handle("urgent and alone").catch((error: any) => error.message);`,
        `"nobody there"`,
      ],
      "an answer that fails": [
        `return handle("normal unanswered").catch((error: any) => error.message);`,
        `"no answer"`,
      ],
      "a ticket that cannot be closed": [
        `return handle("normal open").catch((error: any) => error.message);`,
        `"normal open stays open"`,
      ],
      "two at once": [
        `return Promise.all([took("urgent"), took("normal"), took("lost").catch(() => "lost")]);`,
        `[7, 4, "lost"]`,
      ],
    },
  },
  pages: {
    services: "golden-shop",
    before: `import { open } from "../golden-shop.ts";`,
    cases: {
      "everything but what is hidden": [`open("three"); return copyAll();`, `3`],
      "a limit of none": [`open("three"); return copyAll(0);`, `0`],
      "a limit at the end of a page": [`open("three"); return copyAll(1);`, `1`],
      "a limit in a later page": [`open("three"); return copyAll(2);`, `2`],
      "a limit that is never reached": [`open("three"); return copyAll(9);`, `3`],
      "a limit that is no number of items": [`open("three"); return copyAll(1.5);`, `3`],
      "nothing at all": [`open("empty"); return copyAll();`, `0`],
      "nothing but what is hidden, and a null cursor": [`open("hidden"); return copyAll(0);`, `0`],
      "an empty cursor is the end": [`open("full"); return copyAll(1);`, `1`],
      "a page that fails: what was stored stays": [
        `open("torn"); return copyAll().catch((error: any) => error.message);`,
        `"no page 1"`,
      ],
      "an item that cannot be stored": [
        `open("full"); return copyAll().catch((error: any) => error.message);`,
        `"no room"`,
      ],
      "again, after a failure": [
        `open("full"); const why = await copyAll().catch((error: any) => error.message); open("three"); return [why, await copyAll(2)];`,
        `["no room", 2]`,
      ],
    },
  },
};
