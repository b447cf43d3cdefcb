/** A server that speaks DynamoDB, on a free port, for as long as the test file runs. */
import { type ChildProcess, spawn } from "node:child_process";
import { createRequire } from "node:module";
import { createServer } from "node:net";
import { dirname, join } from "node:path";
import { DynamoDBClient } from "@aws-sdk/client-dynamodb";

// The SDK says in every process that it will drop Node 20 one day.
process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true";

const freePort = (): Promise<number> =>
  new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address() as { port: number };
      server.close(() => resolve(port));
    });
  });

export interface Server {
  readonly endpoint: string;
  /** What the SDK's client is made of. */
  readonly config: { endpoint: string; region: string; credentials: { accessKeyId: string; secretAccessKey: string } };
  readonly client: DynamoDBClient;
  stop(): Promise<void>;
}

/**
 * Runs a program until its own input ends, which it does when this process is gone, however it went: nothing else would end a server whose process was
 * killed.
 */
const GUARDED = `"$0" "$@" </dev/null & server=$!
trap 'kill $server' EXIT
trap 'exit 1' INT TERM HUP
read -r _`;

export async function startServer(databasePath?: string): Promise<Server> {
  const binary = join(dirname(createRequire(import.meta.url).resolve("@dynoxide/linux-x64/package.json")), "dynoxide");
  const port = await freePort();
  const args = ["--port", String(port), ...(databasePath === undefined ? [] : ["--db-path", databasePath])];
  const child: ChildProcess = spawn("sh", ["-c", GUARDED, binary, ...args], { stdio: ["pipe", "ignore", "pipe"] });
  let complaint = "";
  child.stderr!.on("data", (chunk) => (complaint += chunk));
  const exited = new Promise<void>((resolve) => child.once("exit", () => resolve()));
  const endpoint = `http://127.0.0.1:${port}`;
  const config = { endpoint, region: "us-east-1", credentials: { accessKeyId: "x", secretAccessKey: "y" } };
  for (let n = 0; ; n++) {
    try {
      await fetch(endpoint);
      break;
    } catch {
      if (child.exitCode !== null || n > 200) throw new Error(`dynoxide does not start: ${complaint}`);
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
  }
  const client = new DynamoDBClient({ ...config, maxAttempts: 1 });
  return {
    endpoint,
    config,
    client,
    async stop() {
      client.destroy();
      child.stdin!.end();
      await exited;
    },
  };
}
