/** Everything outside: a real Postgres in this process, and doubles of HTTP services and of a mail server. The programs find them by the environment. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import type { AddressInfo } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { PGlite } from "@electric-sql/pglite";
import { PGLiteSocketServer } from "@electric-sql/pglite-socket";
import { SMTPServer } from "smtp-server";
import { prepareDatabase } from "../../fixtures/real/setup.ts";
import { startHttpDouble } from "./http-double.ts";

export interface Services {
  /** As they were at the start. */
  reset(): Promise<void>;
  close(): Promise<void>;
}

export async function startServices(): Promise<Services> {
  const database = await PGlite.create();
  const postgres = new PGLiteSocketServer({ db: database, port: 0, host: "127.0.0.1", maxConnections: 50 } as never);
  await postgres.start();
  const http = await startHttpDouble();
  const mail = new SMTPServer({
    authOptional: true,
    disabledCommands: ["STARTTLS"],
    onData: (stream, _session, done) => {
      stream.resume();
      stream.on("end", () => done());
    },
  });
  await new Promise<void>((resolve) => mail.listen(0, "127.0.0.1", () => resolve()));
  const folder = mkdtempSync(join(tmpdir(), "perdure-real-"));
  writeFileSync(join(folder, "lines.txt"), "one\n\ntwo\nthree\n");
  const url = `postgresql://postgres:postgres@${postgres.getServerConn()}/postgres?sslmode=disable`;
  Object.assign(process.env, {
    DATABASE_URL: url,
    SERVICES_URL: http.url,
    SMTP_URL: `smtp://127.0.0.1:${(mail.server.address() as AddressInfo).port}`,
    LINES_FILE: join(folder, "lines.txt"),
  });
  return {
    async reset() {
      http.reset();
      await prepareDatabase(url);
    },
    async close() {
      await http.close();
      mail.close();
      // Postgres ends with the process: to stop it under the programs' idle connections would be an error of theirs.
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
