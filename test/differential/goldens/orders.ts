/** Orders and bookings: what happens to a thing over time. */
import type { Goldens } from "./cases.ts";

export const orders: Goldens = {
  checkout: {
    services: "golden-shop",
    before: `const order = (total: number, manager?: any, ...names: string[]): any => ({ items: (names.length > 0 ? names : ["tin"]).map((name, i) => ({ name, price: i + 1 })), total, manager });
const days = async (body: () => Promise<unknown>) => { const from = Date.now(); const value = await body(); return [value, Math.floor((Date.now() - from) / 86_400_000)]; };`,
    cases: {
      "a small order is done after thirty days": [
        `return days(() => checkout(order(4)));`,
        `[{ status: "done", receipts: ["tin"] }, 30]`,
      ],
      "each item is charged under the key": [
        `return checkout(order(4, undefined, "tin", "cup", "pan"));`,
        `{ status: "done", receipts: ["tin", "cup", "pan"] }`,
      ],
      "ten thousand ask nobody": [`return checkout(order(10_000));`, `{ status: "done", receipts: ["tin"] }`],
      "the manager agrees": [
        `return days(() => checkout(order(10_001, { answer: { ok: true }, ms: 86_400_000 })));`,
        `[{ status: "done", receipts: ["tin"] }, 31]`,
      ],
      "the manager refuses": [
        `return checkout(order(10_001, { answer: { ok: false }, ms: 5 }, "tin", "cup"));`,
        `{ status: "refused" }`,
      ],
      "the manager answers null": [`return checkout(order(10_001, { answer: null, ms: 5 }));`, `{ status: "refused" }`],
      "the manager says nothing for three days": [
        `return days(() => checkout(order(10_001, { ms: 0 })));`,
        `[{ status: "refused" }, 3]`,
      ],
      "the manager agrees too late": [
        `return days(() => checkout(order(10_001, { answer: { ok: true }, ms: 4 * 86_400_000 })));`,
        `[{ status: "refused" }, 3]`,
      ],
      "the manager cannot be asked": [
        `return checkout(order(10_001)).catch((error: any) => error.message);`,
        `"no manager"`,
      ],
      "a charge that fails ends it": [
        `const one = order(4, undefined, "tin", "cup"); one.items[0].price = -1; return checkout(one).catch((error: any) => error.message);`,
        `"cannot charge tin"`,
      ],
      "a refund that fails ends it: the others stay": [
        `return checkout(order(10_001, { answer: null, ms: 5 }, "tin", "final", "cup")).catch((error: any) => error.message);`,
        `"no refund"`,
      ],
      "nothing to ship": [
        `return checkout({ items: [], total: 0 }).catch((error: any) => error.message);`,
        `"nothing to ship"`,
      ],
      "what changes while it waits counts": [
        `const one = order(4, { answer: { ok: false }, ms: 5 }); const going = checkout(one); one.total = 10_001; return going;`,
        `{ status: "refused" }`,
      ],
      "two at once": [
        `return Promise.all([checkout(order(4)), checkout(order(10_001, { answer: { ok: false }, ms: 9 }, "cup"))]);`,
        `[{ status: "done", receipts: ["tin"] }, { status: "refused" }]`,
      ],
    },
  },
  settle: {
    services: "golden-orders",
    before: `const items = (...prices: any[]) => prices.map((price, i) => ({ name: \`n\${i}\`, price }));
function* handed(...prices: number[]) { try { yield* items(...prices); } finally { closed.push(prices.length); } }
const closed: number[] = [];`,
    cases: {
      "the sum of what was charged": [`return settle("o1", items(3, 1, 2));`, `6`],
      "nothing to charge: it is released all the same": [`return settle("o1", []);`, `0`],
      one: [`return settle("o1", items(7));`, `7`],
      "a charge that fails: released before the error is thrown": [
        `return settle("o1", items(3, -1, 2)).catch((error: any) => error.message);`,
        `"o1: cannot charge n1"`,
      ],
      "what is after the failure is not charged": [
        `const seen: string[] = []; const why = await settle("o1", [{ name: "bad", price: -1 }, { get name() { seen.push("read"); return "n"; }, price: 1 }]).catch((error: any) => error.message); return [why, seen];`,
        `["o1: cannot charge bad", []]`,
      ],
      "a release that fails takes the result": [
        `return settle("held", items(3)).catch((error: any) => error.message);`,
        `"held cannot be released"`,
      ],
      "a release that fails takes the error": [
        `return settle("held", items(-3)).catch((error: any) => error.message);`,
        `"held cannot be released"`,
      ],
      "prices that are texts are put together": [`return settle("o1", items("3", "4"));`, `"034"`],
      "any iterable": [`return settle("o1", new Set(items(3, 4)) as any);`, `7`],
      "an iterator is closed when a charge fails": [
        `const from = closed.length; const why = await settle("o1", handed(1, -1, 2) as any).catch((error: any) => error.message); return [why, closed.slice(from)];`,
        `["o1: cannot charge n1", [3]]`,
      ],
      "what is added while it waits is charged": [
        `const all = items(3, 1); const going = settle("o1", all); all.push({ name: "late", price: 5 }); return going;`,
        `9`,
      ],
      "two at once share nothing": [
        `return Promise.all([settle("o1", items(3, 1)), settle("o2", items(2, 2, 2))]);`,
        `[4, 6]`,
      ],
    },
  },
  "order-class": {
    services: "golden-orders",
    before: `const filled = (id: string, ...prices: number[]) => { const order = new Order(id); order.lines.push(...prices.map((price, i) => ({ name: \`n\${i}\`, price }))); return order; };`,
    cases: {
      "paid, then sent": [
        `const order = filled("o1", 3, 1); await order.pay(); return [await order.send(), order.log];`,
        `[true, ["paid 4"]]`,
      ],
      "not paid, it is not sent": [`return filled("o1", 3).send();`, `false`],
      "nothing in it is paid": [`return filled("o1").send();`, `true`],
      "a line that came after the payment": [
        `const order = filled("o1", 3); await order.pay(); order.lines.push({ name: "late", price: 1 }); return order.send();`,
        `false`,
      ],
      "a line that came during the payment is paid": [
        `const order = filled("o1", 3); const paying = order.pay(); order.lines.push({ name: "n9", price: 2 }); await paying; return [await order.send(), order.log];`,
        `[true, ["paid 5"]]`,
      ],
      "a charge that fails: what was paid stays": [
        `const order = filled("o1", 3, -1); const why = await order.pay().catch((error: any) => error.message); order.lines.pop(); return [why, await order.send(), order.log];`,
        `["o1: cannot charge n1", true, []]`,
      ],
      "paid twice": [
        `const order = filled("o1", 3); await order.pay(); await order.pay(); return order.log;`,
        `["paid 3", "paid 6"]`,
      ],
      "a parcel that breaks": [
        `const order = filled("o1", 1); order.lines[0] = { name: "glass", price: 1 }; await order.pay(); return order.send();`,
        `false`,
      ],
      "a parcel that cannot be sent": [
        `const order = filled("o1", 1); order.lines[0] = { name: "piano", price: 1 }; await order.pay(); return order.send().catch((error: any) => error.message);`,
        `"piano is too heavy"`,
      ],
      "a class over it": [
        `class Rush extends Order { override async pay() { await super.note("rush"); return super.pay(); } } const order = new Rush("o1"); order.lines.push({ name: "n0", price: 2 }); await order.pay(); return [await order.send(), order.log, order instanceof Order];`,
        `[true, ["rush", "paid 2"], true]`,
      ],
      "its private names are on orders only": [
        `return Order.prototype.send.call({ lines: [] } as any).catch((error: any) => error.name);`,
        `"TypeError"`,
      ],
      "two at once": [
        `const [a, b] = [filled("o1", 3), filled("o2", 1, 1)]; await Promise.all([a.pay(), b.pay()]); return [await a.send(), await b.send(), a.log, b.log];`,
        `[true, true, ["paid 3"], ["paid 2"]]`,
      ],
    },
  },
  saga: {
    before: `const trip = (flight: string, hotel: string, car?: any): any => ({ flight, hotel, car });
const whats = (booked: any) => [booked.flight.what, booked.hotel.what, booked.car?.what ?? booked.car];`,
    cases: {
      everything: [`return whats(await book(trip("f1", "h1", "c1")));`, `["f1", "h1", "c1"]`],
      "without a car": [`return whats(await book(trip("f1", "h1")));`, `["f1", "h1", undefined]`],
      "a car that is an empty text is no car": [`return whats(await book(trip("f1", "h1", "")));`, `["f1", "h1", ""]`],
      "no flight: nothing to cancel": [
        `return book(trip("full flight", "h1")).catch((error: any) => error.message);`,
        `"no full flight"`,
      ],
      "no hotel: the flight is cancelled": [
        `return book(trip("f1", "full hotel")).catch((error: any) => error.message);`,
        `"no full hotel"`,
      ],
      "no car: hotel, then flight": [
        `return book(trip("f1", "h1", "full car")).catch((error: any) => error.message);`,
        `"no full car"`,
      ],
      "a hotel that cannot be cancelled takes the error, and the flight stays": [
        `return book(trip("f1", "stuck hotel", "full car")).catch((error: any) => error.message);`,
        `"stuck hotel stays"`,
      ],
      "a flight that cannot be cancelled, after the hotel was": [
        `return book(trip("stuck flight", "h1", "full car")).catch((error: any) => error.message);`,
        `"stuck flight stays"`,
      ],
      "the error is thrown as it is": [
        `return book(trip("f1", "full hotel")).catch((error: any) => [error.name, error.status]);`,
        `["ServiceError", 500]`,
      ],
      "what was booked can be cancelled later": [
        `const { flight } = await book(trip("f1", "h1")); await get(1); return flight.cancel();`,
        `"cancelled f1"`,
      ],
      "a trip that changes while it waits": [
        `const one = trip("f1", "h1"); const going = book(one); one.hotel = "h2"; one.car = "c2"; return whats(await going);`,
        `["f1", "h2", "c2"]`,
      ],
      "two at once": [
        `return Promise.all([book(trip("f1", "h1")).then(whats), book(trip("f2", "full hotel")).catch((error: any) => error.message)]);`,
        `[["f1", "h1", undefined], "no full hotel"]`,
      ],
    },
  },
};
