/**
 * Several worker processes on one store drive thousands of checkouts, while a random one of them is killed every second or so. A process
 * of its own keeps the services' ledger; this one starts and kills, and answers the manager's webhook. In the end the ledger must be right.
 */
import { type ChildProcess, fork } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createEngine, type Store } from "perdure";
import type { Order } from "../../fixtures/checkout/orders.ts";
import type { Entry } from "../../fixtures/checkout/service/ledger.ts";
import { openStore } from "../../fixtures/soak/stores.ts";
import { Crew } from "./crew.ts";
import { judge, runOf } from "./judgement.ts";
import { ordersOf } from "./orders.ts";
import { Progress } from "./progress.ts";
import { startDatabase } from "./servers.ts";
import type { Settings } from "./settings.ts";

export interface Report {
  readonly faults: readonly string[];
  readonly ended: number;
  readonly seconds: number;
  readonly kills: number;
  /** How often runs were claimed, and how often from a worker that had died. */
  readonly claims: number;
  readonly takeovers: number;
  /** Of workers that lived. */
  readonly leasesLost: number;
  /** Starts that the store did not answer, so that they were made again, and why the last. */
  readonly unsure: number;
  readonly why: string;
  /** Requests that the services accepted, and those that came again under the same key. */
  readonly requests: number;
  readonly repeated: number;
}

/** Orders that workers were told of and that the store may not have yet. */
const UNDER_WAY = 100;
/** An order of which nothing is heard for so long is told again, ms. */
const PATIENCE = 10_000;

const ENDS: ReadonlySet<string> = new Set(["done", "failed", "cancelled"]);

const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));

export interface Surroundings {
  /** Holds the programs of the worker and the services. */
  readonly folder: string;
  /** Told how far it is, every few seconds. */
  readonly tell: (text: string) => void;
  /** Breaks off: what was started is ended first. */
  readonly signal: AbortSignal;
}

export async function soak(settings: Settings, surroundings: Surroundings): Promise<Report> {
  const undo: (() => unknown)[] = [];
  try {
    return await run(settings, surroundings, undo);
  } finally {
    // Whatever one of them meets, the others are done: a server must not be left behind.
    const failures: unknown[] = [];
    for (const step of undo.reverse()) {
      try {
        await step();
      } catch (error) {
        failures.push(error);
      }
    }
    if (failures.length > 0) console.error("what was started did not all end well:", ...failures);
  }
}

async function run(settings: Settings, surroundings: Surroundings, undo: (() => unknown)[]): Promise<Report> {
  const { folder } = surroundings;
  const database = await startDatabase(settings.store);
  undo.push(() => database.stop());
  const store = openStore(settings.store, database.address);
  undo.push(() => store.close());
  const services = await startServices(folder);
  undo.push(() => services.process.kill("SIGKILL"));
  const webhook = await openWebhook(store);
  undo.push(webhook.close);
  await services.ask("/webhook", { url: webhook.url });
  const data = mkdtempSync(join(tmpdir(), "perdure-soak-"));
  undo.push(() => rmSync(data, { recursive: true, force: true }));
  const journal = join(data, "journal");
  const progress = new Progress(journal);
  undo.push(() => progress.close());
  const crew = new Crew(
    settings.workers,
    join(folder, "worker.mjs"),
    {
      ...process.env,
      SOAK_STORE: settings.store,
      SOAK_DATABASE: database.address,
      SOAK_JOURNAL: journal,
      SOAK_LEASE: String(settings.lease),
      SOAK_BREAK: settings.break ?? "",
      CHECKOUT_SERVICE_URL: services.url,
      CHECKOUT_DAY_MS: String(settings.day),
    },
    surroundings.tell,
  );
  undo.push(() => crew.end());

  const began = Date.now();
  const orders = ordersOf(settings.runs);
  await drive(settings, orders, crew, progress, store, surroundings);
  const seconds = (Date.now() - began) / 1000;
  await crew.stop();
  progress.read();
  surroundings.signal.throwIfAborted();
  const entries = (await services.ask("/ledger", {})) as Entry[];
  const faults = await judge(store, orders, entries, progress, surroundings.signal);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, number) => total + number, 0);
  return {
    // A worker's last words first: of many wrong ledgers they may be the reason.
    faults: [...crew.complaints, ...faults],
    ended: progress.ended.size,
    seconds,
    kills: crew.kills,
    claims: sum([...progress.claims.values()]),
    takeovers: progress.takeovers,
    leasesLost: progress.leasesLost,
    unsure: progress.unsure,
    why: progress.why,
    requests: sum(entries.map(({ requests }) => requests)),
    repeated: sum(entries.map(({ requests }) => requests - 1)),
  };
}

/** Starts the orders and kills workers until every run has ended, or the time is up. */
async function drive(
  settings: Settings,
  orders: readonly Order[],
  crew: Crew,
  progress: Progress,
  store: Store,
  { tell, signal }: Surroundings,
): Promise<void> {
  const deadline = Date.now() + settings.minutes * 60_000;
  const told = new Map<Order, number>();
  const waiting = [...orders].reverse();
  let nextKill = Date.now() + settings.killEvery;
  let nextNews = Date.now() + 10_000;
  let nextLook = 0;
  while (progress.ended.size < orders.length && Date.now() < deadline) {
    signal.throwIfAborted();
    await pause(25);
    progress.read();
    for (const [order, at] of told) {
      if (progress.started.has(order.id)) told.delete(order);
      else if (at + PATIENCE < Date.now()) {
        crew.tell({ order });
        told.set(order, Date.now());
      }
    }
    while (told.size < UNDER_WAY && waiting.length > 0) {
      const order = waiting.pop()!;
      crew.tell({ order });
      told.set(order, Date.now());
    }
    if (Date.now() >= nextKill && crew.kill()) {
      nextKill = Date.now() + settings.killEvery * (0.5 + Math.random());
    }
    // A worker that was killed between the last commit of a run and the line that tells of it told nobody.
    if (progress.started.size === orders.length && Date.now() >= nextLook) {
      const silent = orders.filter((order) => !progress.ended.has(runOf(order)));
      if (silent.length < 200) {
        for (const head of await Promise.all(silent.map((order) => store.read(runOf(order))))) {
          if (head !== null && ENDS.has(head.status)) progress.ended.add(head.run);
        }
      }
      nextLook = Date.now() + 1_000;
    }
    if (Date.now() >= nextNews) {
      tell(`${progress.started.size} started, ${progress.ended.size} ended, ${crew.kills} kills`);
      nextNews = Date.now() + 10_000;
    }
  }
}

async function startServices(folder: string) {
  const child: ChildProcess = fork(join(folder, "service.mjs"));
  const { port } = await new Promise<{ port: number }>((resolve, reject) => {
    child.once("message", resolve as never);
    child.once("error", reject);
  });
  const url = `http://127.0.0.1:${port}`;
  const ask = async (path: string, body: unknown): Promise<unknown> =>
    (await fetch(url + path, { method: "POST", body: JSON.stringify(body) })).json();
  return { process: child, url, ask };
}

/** Where the manager answers: resumes the token that came with the question. */
async function openWebhook(store: Store) {
  const engine = createEngine({ store });
  const server = createServer(async (request, response) => {
    try {
      const { token, answer } = JSON.parse(Buffer.concat(await request.toArray()).toString());
      response.end(await engine.resume(token, answer));
    } catch (error) {
      response.writeHead(500).end(String(error)); // The manager asks again.
    }
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const close = () => {
    server.close();
    server.closeAllConnections();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/`, close };
}
