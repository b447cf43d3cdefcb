/** The pages of the codes in `messages.ts`. Nothing imports them at run time: `npm run generate` prints them to `docs/errors`. */
import type { MessagePages } from "../../errors.ts";

export const pages = {
  PD3201: `\`perdure\` has no dependencies of its own, so the driver is an optional peer. It is loaded when a store that was given a
connection string is first used; a store that was given a \`pg.Pool\` loads nothing.`,
  PD3202: `Nothing was sent. The server may be starting, stopping or failing over, the network may be down, or all connections of the
pool may be taken: a pool that steps use too should be larger than the number of steps that hold a connection at once.`,
  PD3203: `The password, the account or the database is wrong, or the account may not do this. With \`migrate: true\` (the default) the
account makes the schema and its tables, so it needs CREATE on the database the first time. Afterwards it needs USAGE on the schema and
SELECT, INSERT, UPDATE and DELETE on its tables, and USAGE on its sequences.`,
  PD3204: `Ids and saved state are Unicode text that must come back unchanged, and ids are listed in the order of code points. Only a
database in UTF8 holds both.`,
  PD3205:
    "The store's tables stand in a schema of their own, with a table `migrations` that says their version. Nothing was changed.",
  PD3206:
    "The table `migrations` says the version. An older process cannot know what the newer one relies on, so it touches nothing.",
  PD3207: `Either the store may not migrate (\`migrate: false\`) and nobody has, or the tables were dropped or renamed while the store was
open. In the second case restore them and start the workers again.`,
  PD3208: "The statement was rolled back: nothing of it was written, and what was saved before is intact.",
  PD3209: `The connection leads to a standby, as it may for a moment during a failover, or the database is set to read-only. Nothing was
written. The call is tried again.`,
  PD3210:
    "Ids of runs and keys of messages are indexed, and a page of a B-tree must hold several of them. Nothing was written.",
  PD3211: `When the connection was lost after the statement was sent, nobody knows whether it was applied (the error's \`outcome\` is
"unknown"): the engine repeats the call, and the store recognizes what it has already applied.`,
  PD3212: `The body of \`transaction\` runs inside a transaction that the store begins and commits together with the step's result. After a
statement has failed Postgres takes no other until it is rolled back, to a savepoint or as a whole. Nor may the body end the transaction itself, also behind a comment or a semicolon, or make it
read-only. Everything was rolled back. A deferred constraint that fails at COMMIT is thrown in the run, as if the body had thrown it.`,
  PD3213: `A row has another form than the store gives it. The tables are meant to be read by everybody and written by stores alone. It
concerns its own run alone: \`list\` shows what can be read of it, with this as its reason; when it comes due it is blocked instead of claimed; and a run of
which anything else cannot be read is blocked too. Once the row is mended, \`run(id).retry()\` lets it go on. Runs that need a damaged set of codes are
claimed by nobody.`,
} as const satisfies MessagePages;
