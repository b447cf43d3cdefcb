/**
 * Two worker processes on one store drive the checkout of a shop. Again and again one of them is killed with SIGKILL and another takes its
 * place; a third process answers the manager's webhook. In the end the ledger of the services must be right: each order charged,
 * refunded and shipped as its outcome says, exactly once.
 */
import { type ChildProcess, fork, spawn } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { createEngine, type Store } from "perdure";
import { expect, onTestFinished } from "vitest";
import type { Order, Outcome } from "../../fixtures/checkout/orders.ts";
import { type Entry, faultsOf } from "../../fixtures/checkout/service/ledger.ts";
import { bundle } from "../bundle.ts";

const KILLS = 10;
const WARES = ["tea", "kettle", "piano", "lamp", "atlas"];
const PRICES = [900, 4_500, 1_200_000, 3_900, 7_500];

const orders = Array.from({ length: 30 }, (_, n): Order => {
  const items = WARES.flatMap((sku, k) => ((n >> k) % 2 === 1 || k === n % 5 ? [{ sku, price: PRICES[k]! }] : []));
  return {
    id: `order-${n}`,
    customer: `customer ${n}`,
    items,
    total: items.reduce((sum, { price }) => sum + price, 0),
  };
});

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export interface Shop {
  /** Folder of `fixtures` with the worker's program, which opens the store that `SHOP_DATABASE` names. */
  readonly fixture: string;
  readonly database: string;
  /** The same store, for this process, which drives nothing: it resumes tokens, and looks at results. */
  readonly store: Store;
}

export async function killWorkers({ fixture, database, store }: Shop): Promise<void> {
  const shop = await bundle(fixture, "worker");
  onTestFinished(shop.remove);
  const outside = await bundle("checkout", "service/server");
  onTestFinished(outside.remove);

  const service = fork(join(outside.folder, "server.mjs"));
  onTestFinished(() => void service.kill("SIGKILL"));
  const { port } = await new Promise<{ port: number }>((resolve) => service.once("message", resolve as never));
  const ask = async (path: string, body: unknown) =>
    (await fetch(`http://127.0.0.1:${port}${path}`, { method: "POST", body: JSON.stringify(body) })).json();

  onTestFinished(() => store.close());
  const engine = createEngine({ store });
  const webhook = createServer(async (request, response) => {
    const { token, answer } = JSON.parse(String((await request.toArray())[0])) as { token: string; answer: object };
    response.end(await engine.resume(token, answer));
  });
  await new Promise<void>((resolve) => webhook.listen(0, "127.0.0.1", resolve));
  onTestFinished(() => void webhook.close());
  await ask("/webhook", { url: `http://127.0.0.1:${(webhook.address() as AddressInfo).port}/` });

  let noise = "";
  const atWork = new WeakMap<ChildProcess, Promise<unknown>>();
  const hire = (): ChildProcess => {
    const env = {
      ...process.env,
      SHOP_DATABASE: database,
      CHECKOUT_SERVICE_URL: `http://127.0.0.1:${port}`,
      CHECKOUT_DAY_MS: "40",
    };
    const child = spawn(process.execPath, [join(shop.folder, "worker.mjs")], { env });
    child.stdin.on("error", () => {}); // It died while we wrote.
    child.stderr.on("data", (text) => (noise += text));
    atWork.set(child, new Promise((resolve) => child.stdout.once("data", resolve)));
    return child;
  };
  const workers = [hire(), hire()];
  onTestFinished(() => {
    for (const worker of workers) worker.kill("SIGKILL");
  });
  const tell = (order: Order, to: number) => workers[to]!.stdin!.write(`${JSON.stringify({ order })}\n`);

  for (let kill = 0; kill < KILLS; kill++) {
    // Each order is told to both: starting is idempotent.
    for (const order of orders.slice(kill * 3, kill * 3 + 3)) for (const to of [0, 1]) tell(order, to);
    const victim = kill % 2;
    await atWork.get(workers[victim]!);
    await pause(200 + Math.random() * 800);
    workers[victim]!.kill("SIGKILL");
    workers[victim] = hire();
  }
  // Nobody but the one who told of it knows of an order that no worker lived to start.
  for (const order of orders) tell(order, 0);

  const outcomes = await Promise.all(orders.map(({ id }) => resultOf(`checkout-${id}`)));
  async function resultOf(run: string): Promise<Outcome> {
    while ((await store.read(run)) === null) await pause(50);
    return engine.run<Outcome>(run).result();
  }
  const entries = (await ask("/ledger", {})) as Entry[];
  expect(
    orders.flatMap((order, n) => faultsOf(order, outcomes[n]!, entries).map((fault) => `${order.id}: ${fault}`)),
  ).toEqual([]);
  expect(new Set(outcomes.map(({ status }) => status))).toEqual(new Set(["done", "refused", "declined"]));
  expect(noise).toBe("");
  // Many were claimed again after a death.
  expect(Math.max(...(await store.list({})).map(({ epoch }) => epoch))).toBeGreaterThan(orders.length + KILLS);

  const exits = workers.map((worker) => new Promise((resolve) => worker.once("exit", resolve)));
  for (const worker of workers) worker.stdin!.write('"stop"\n');
  expect(await Promise.all(exits)).toEqual([0, 0]);
  expect((await store.list({})).filter(({ owner }) => owner !== null)).toEqual([]);
}
