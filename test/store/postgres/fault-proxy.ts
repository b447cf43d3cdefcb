/**
 * A proxy between a client of Postgres and the server, which breaks one connection on demand: before the server has heard of a
 * statement, after it has committed it and before the client knows, or at once, while the server is still at work on it.
 */
import { createConnection, createServer, type Socket } from "node:net";

export type Fault =
  /** The statement never arrives. */
  | "before"
  /** The statement is executed to its end, and its answer is lost. */
  | "after"
  /** The client loses the connection while the server works on: a repetition may meet the first attempt. */
  | "during";

export interface FaultProxy {
  readonly port: number;
  /** Breaks the connection on which the next statement comes; undefined: none, if none was yet. */
  breakNext(fault: Fault | undefined): void;
  /** Cuts everything, and refuses connections until {@link restore}. */
  cut(): void;
  restore(): void;
  close(): Promise<void>;
}

/** Calls `ready` at each ReadyForQuery of the server: a type byte, then the length of the rest, itself included. */
function watchServer(ready: () => void): (chunk: Buffer) => void {
  let rest: Buffer = Buffer.alloc(0);
  return (chunk) => {
    rest = Buffer.concat([rest, chunk]);
    while (rest.length >= 5) {
      const size = 1 + rest.readUInt32BE(1);
      if (rest.length < size) return;
      const isReady = rest[0] === 0x5a; // "Z"
      rest = rest.subarray(size);
      if (isReady) ready();
    }
  };
}

export async function startFaultProxy(target: number): Promise<FaultProxy> {
  let next: Fault | undefined;
  let refusing = false;
  const sockets = new Set<Socket>();

  const server = createServer((client) => {
    if (refusing) {
      client.destroy();
      return;
    }
    const upstream = createConnection({ port: target, host: "127.0.0.1", noDelay: true });
    client.setNoDelay(true);
    /** The session is open; before that a broken connection is only a failure to connect. */
    let isOpen = false;
    let losing = false;
    const both = [client, upstream];
    const destroy = (): void => {
      for (const socket of both) socket.destroy();
    };
    for (const socket of both) {
      sockets.add(socket);
      socket.on("error", () => {});
      socket.on("close", () => sockets.delete(socket));
    }
    const watch = watchServer(() => {
      isOpen = true;
      if (losing) destroy();
    });
    client.on("data", (chunk) => {
      // "X": a connection of an earlier store says good-bye.
      if (next !== undefined && isOpen && chunk[0] !== 0x58) {
        const fault = next;
        next = undefined;
        if (fault === "before") {
          destroy();
          return;
        }
        losing = true;
        if (fault === "during") client.destroy();
      }
      upstream.write(chunk);
    });
    upstream.on("data", (chunk) => {
      if (!losing) client.write(chunk);
      watch(chunk);
    });
    client.on("end", () => upstream.end());
    upstream.on("end", () => client.end());
    upstream.on("close", () => client.destroy());
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const cut = (): void => {
    for (const socket of sockets) socket.destroy();
  };
  return {
    port: (server.address() as { port: number }).port,
    breakNext(fault) {
      next = fault;
    },
    cut() {
      refusing = true;
      cut();
    },
    restore() {
      refusing = false;
    },
    close() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}
