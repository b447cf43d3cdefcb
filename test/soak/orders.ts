/** Orders of many kinds: with and without a manager's consent, declined by the bank, of one item to five. */
import type { Order } from "../../fixtures/checkout/orders.ts";

const WARES = ["tea", "kettle", "piano", "lamp", "atlas"];
const PRICES = [900, 4_500, 1_200_000, 3_900, 7_500];

export const ordersOf = (count: number): Order[] =>
  Array.from({ length: count }, (_, n) => {
    const items = WARES.flatMap((sku, k) => ((n >> k) % 2 === 1 || k === n % 5 ? [{ sku, price: PRICES[k]! }] : []));
    const total = items.reduce((sum, { price }) => sum + price, 0);
    return { id: `order-${n}`, customer: `customer ${n}`, items, total };
  });
