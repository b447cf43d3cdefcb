/** Ordinary code of the benchmarks. */

export interface Item {
  readonly id: string;
  readonly name: string;
  readonly email: string;
  amount: number;
  readonly status: string;
  readonly createdAt: string;
}

/** A row as applications have them. */
export const record = (i: number): Item => ({
  id: `1f0c8a52-77aa-4c1e-9f10-${String(i).padStart(12, "0")}`,
  name: `Customer Number ${i}`,
  email: `customer-${i}@example.com`,
  amount: i * 1.25,
  status: "open",
  createdAt: `2026-11-21T05:${String(i % 60).padStart(2, "0")}:00.000Z`,
});

/** What {@link small} holds. */
export const smallHeap = () => ({
  id: "order-1",
  customer: { name: "Ann Example", address: { street: "Main Street 1", city: "Bern", zip: "3000" } },
  items: Array.from({ length: 25 }, (_, i) => record(i)),
  total: 0,
});

/** The shortest step. */
export const tick = async (n: number): Promise<number> => n;
