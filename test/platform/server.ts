/** A real server that keeps what it is asked for, and processes that run the programs of `fixtures/fetch` against it. */
import { execFile } from "node:child_process";
import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { bundle } from "../bundle.ts";

export interface Received {
  readonly method: string;
  readonly path: string;
  readonly key: string | undefined;
  readonly body: string;
}

export interface World {
  /** What came since the last reset. */
  readonly received: readonly Received[];
  /** Orders placed, by key. */
  readonly orders: ReadonlyMap<string, string>;
  reset(): void;
  /** Path of a store that no process has used. */
  database(): string;
  /** Runs the program, or goes on with it, until it ends or kills itself at the failpoint. */
  live(program: string, store: string, aim?: string): Promise<Life>;
  close(): void;
}

export interface Life {
  readonly killed: boolean;
  readonly result: unknown;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

const namesIn = (form: string): string[] =>
  [...form.matchAll(/name="(\w+)"(?:; filename="([\w.]+)")?/g)].map(([, ...names]) => names.join("/"));

export async function openWorld(): Promise<World> {
  let received: Received[] = [];
  let orders = new Map<string, string>();
  const server = createServer((request, response) => {
    void textOf(request).then((body) => {
      const { pathname, searchParams } = new URL(request.url!, "http://server");
      const key = request.headers["idempotency-key"] as string | undefined;
      received.push({ method: request.method!, path: pathname, key, body });
      if (pathname === "/data") {
        const text = JSON.stringify({ name: searchParams.get("name") });
        response.writeHead(200, { "content-length": text.length, "content-type": "application/json" }).end(text);
      } else if (pathname === "/orders") {
        if (!orders.has(key!)) orders.set(key!, body);
        response.end(`order of ${orders.get(key!)}`);
      } else if (pathname === "/upload") {
        const type = request.headers["content-type"]?.split(";")[0];
        response.writeHead(200, { "content-type": "text/csv" }).end(type ? `${type} ${namesIn(body)}` : body);
      } else response.writeHead(200, { "x-key": key ?? "none", "x-method": request.method }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const built = await bundle("fetch", "worker");
  let databases = 0;
  return {
    get received() {
      return received;
    },
    get orders() {
      return orders;
    },
    reset() {
      received = [];
      orders = new Map();
    },
    database: () => join(built.folder, `${++databases}.db`),
    live(program, store, aim = "") {
      const args = ["--no-warnings", join(built.folder, "worker.mjs"), program, base, store, aim];
      return new Promise((resolve, reject) => {
        execFile(process.execPath, args, { timeout: 60_000 }, (error, stdout, stderr) => {
          const killed = error?.signal === "SIGKILL";
          if (error && !killed) reject(new Error(stderr));
          else resolve({ killed, result: stdout === "" ? undefined : JSON.parse(stdout) });
        });
      });
    },
    close() {
      built.remove();
      server.close();
    },
  };
}

/** What each program gives, killed or not. */
export const expected: Readonly<Record<string, unknown>> = {
  read: [200, true, "read", true],
  order: ["order of first", "order of second", "order of third"],
  upload: ["Report", "report.txt", "text/csv", "multipart/form-data title/,file/report.txt"],
  given: ["a file", 6, { n: 1 }],
};
