"use durable";
import { record, tick } from "./services.ts";

/** A heap of thirty objects, two of which change in each turn. */
export async function small(turns: number): Promise<number> {
  const order = {
    id: "order-1",
    customer: { name: "Ann Example", address: { street: "Main Street 1", city: "Bern", zip: "3000" } },
    items: Array.from({ length: 25 }, (_, i) => record(i)),
    total: 0,
  };
  for (let i = 0; i < turns; i++) {
    const amount = await tick(i);
    order.total += amount;
    order.items[i % 25]!.amount = amount;
  }
  return order.total;
}

/** Ten thousand objects, one of which changes in each turn. */
export async function large(turns: number): Promise<number> {
  const items = Array.from({ length: 10_000 }, (_, i) => record(i));
  for (let i = 0; i < turns; i++) items[(i * 37) % items.length]!.amount = await tick(i);
  return items.length;
}

/** An array that grows by an element a turn. */
export async function growing(turns: number): Promise<number> {
  const seen: number[] = [];
  for (let i = 0; i < turns; i++) seen.push(await tick(i));
  return seen.length;
}

/** So many steps at once. */
export async function fanOut(steps: number): Promise<number> {
  const given = await Promise.all(Array.from({ length: steps }, (_, i) => tick(i)));
  return given.length;
}
