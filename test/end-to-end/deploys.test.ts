/** A run that waits while its program is edited and deployed: what docs/deploying.md says of it. */
import { join } from "node:path";
import type { EngineEvent } from "perdure";
import { describe, expect, it } from "vitest";
import { type Product, product, QUICK, until } from "../product.ts";

type App = typeof import("perdure") & typeof import("perdure/sqlite") & { checkout(id: string): Promise<object> };
type Edit = readonly [from: string, to: string, file?: string];

const seven = { fee: 7, notes: "- served - paid", total: 300, same: true, status: "Paid" };

/** Started by one build and ended by the next: its result, or the code by which it is parked. */
async function deployed(edits: readonly Edit[]): Promise<unknown> {
  const built: Product<App> = await product("deploys", "app");
  try {
    const file = join(built.folder, "runs.db");
    const old = await built.open();
    const before = old.createEngine({ store: old.sqlite(file), observe: () => {} });
    void before.work(QUICK);
    const run = await before.start(old.checkout, ["abc"], { id: "checkout-1" });
    await until(async () => (await run.stack()).at(0)?.waitsFor?.startsWith("message") === true);
    await before.stop();

    await built.release(...edits.map(([from, to, at = "orders.ts"]) => [at, from, to] as const));
    const app = await built.open();
    let tell: (text: string) => void;
    const parked = new Promise<string>((resolve) => (tell = resolve));
    const observe = (event: EngineEvent) => {
      if (event.type === "parked") tell(/stands in (.*?), which/.exec(event.error.message)?.[1] ?? event.error.message);
    };
    const after = app.createEngine({ store: app.sqlite(file), observe });
    await after.run("checkout-1").send("paid", true);
    void after.work(QUICK);
    const outcome = await Promise.race([after.run("checkout-1").result(), parked]);
    await after.stop();
    return outcome;
  } finally {
    built.remove();
  }
}

describe("a run goes on as it is", () => {
  it.each<[string, ...Edit[]]>([
    ["without an edit"],
    ["after an edit of comments", ["  order.status = Status.Paid;", "  // It is paid.\n  order.status = Status.Paid;"]],
    ["after an edit of line breaks", ["Order.of(id);", "\n    Order.of(\n      id\n    );"]],
    [
      "with another function beside it",
      ["const tax =", "export async function other() {\n  await sleep(1);\n}\nconst tax ="],
    ],
    [
      "when functions change places",
      ["const tax = (amount: number) => amount * 2;", ""],
      ["export async function checkout", "const tax = (amount: number) => amount * 2;\nexport async function checkout"],
    ],
    [
      "with another type outside of its functions",
      ["  readonly cents: number;", "  readonly cents: number;\n  readonly currency?: string;"],
    ],
    ["with another case of an enumeration", ["  Paid,", "  Paid,\n  Cancelled,"]],
    ["with a static member of its class", ["  static of(", "  static made = 0;\n  static of("]],
  ])("%s", async (_, ...edits) => {
    expect(await deployed(edits)).toEqual(seven);
  });
});

describe("a run goes on with the new code", () => {
  it.each<[string, object, ...Edit[]]>([
    ["of ordinary functions", { fee: 61 }, ["id.length", "id.length * 10", "shop.ts"]],
    ["of what ordinary modules export", { total: 900 }, ["rate = 1", "rate = 3", "shop.ts"]],
    ["of durable functions that it calls", { fee: 10 }, ["amount * 2", "amount * 3"]],
    ["of methods of its instances", { total: 301 }, ["sum + cents, 0", "sum + cents, 1"]],
    ["of private methods", { notes: "- served * paid" }, ["`- ${text}`", "`* ${text}`"]],
    [
      "of private methods that are new",
      { notes: "- served * paid" },
      ["this.#marked(text)", "this.#starred(text)"],
      ["  #marked", "  #starred(text: string) {\n    return `* ${text}`;\n  }\n  #marked"],
    ],
    ["of accessors", { notes: "- served, - paid" }, ['join(" ")', 'join(", ")']],
    [
      "of other methods of the class in one of whose methods it stands",
      { fee: 8 },
      ["tax(amount) + 1", "tax(amount) + 2"],
    ],
    [
      "of methods that are new",
      { fee: 70 },
      ["tax(amount) + 1", "this.tenfold(tax(amount) + 1)"],
      ["  fee(", "  tenfold(amount: number) {\n    return amount * 10;\n  }\n  fee("],
    ],
  ])("%s", async (_, changed, ...edits) => {
    expect(await deployed(edits)).toEqual({ ...seven, ...changed });
  });
});

describe("a run waits for the code that saved it", () => {
  const [order, serve, checkout, later] = ["Order", "Clerk.serve", "checkout", "checkout/later"].map(
    (path) => `orders.ts#${path}`,
  );
  it.each<[string, string, ...Edit[]]>([
    ["after an edit of the function in which it stands", serve!, ['order.note("paid")', 'order.note("PAID")']],
    ["of one that waits for that", checkout!, ["sleep(1)", "sleep(2)"]],
    ["of a closure that it holds", `${later}, ${checkout}`, ["order.total() * rate", "order.total() + rate"]],
    ["of a type in it", `${later}, ${checkout}`, ["const later = () =>", "const later = (): number =>"]],
    ["of quotation marks in it", serve!, ['receive("paid")', "receive('paid')"]],
    ["after a new field of its instances", order!, ["  #notes", "  paidAt?: number = 1;\n  #notes"]],
    ["after a new private field", order!, ["  #notes", "  #paidAt = 1;\n  #notes"]],
    [
      "after private fields have changed places",
      order!,
      ["  status = Status.Open;\n  #notes: string[] = [];", "  #notes: string[] = [];\n  status = Status.Open;"],
    ],
    ["after another initial value", order!, ["#notes: string[] = [];", '#notes: string[] = [""];']],
    ["after an edit of the constructor", order!, ["  ) {}", "  ) {\n    void id;\n  }"]],
    [
      "after another base class",
      order!,
      ["export class Order {", "class Base {}\nexport class Order extends Base {"],
      ["  ) {}", "  ) {\n    super();\n  }"],
    ],
    ["after it was renamed", checkout!, ["export async function checkout", "export async function order"]],
  ])("%s", async (_, where, ...edits) => {
    expect(await deployed(edits)).toBe(where);
  });
});
