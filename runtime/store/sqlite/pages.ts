/** The pages of the codes in `messages.ts`. Nothing imports them at run time: `npm run generate` prints them to `docs/errors`. */
import type { MessagePages } from "../../errors.ts";

export const pages = {
  PD3101: `\`perdure\` has no dependencies of its own. From Node 24 on it uses \`node:sqlite\`; before, the package \`libsql\` is an optional peer. It is loaded when the
store is first used. The cause of this error is what the import said: when the package is there, its binary for this
platform may be missing, or a bundler without the plugin has taken the package into the bundle, where no binary is found.`,
  PD3102: `The file is made when it does not exist, its directory is not: a mistyped path would become an empty store in a new place.
SQLite writes two more files beside it (\`-wal\`, \`-shm\`), so the directory must be writable too.`,
  PD3103: "Nothing was written. SQLite makes `-wal` and `-shm` beside the file, so the directory must be writable too.",
  PD3104: "The file has content, and that content is not SQLite's. Nothing was written to it.",
  PD3105: `A store marks its file (\`PRAGMA application_id\` is 0x50445552, "PDUR"). This file has tables and lacks the mark. Nothing
was written to it: runs and your own tables do not share a file.`,
  PD3106:
    "`PRAGMA user_version` is the version of the schema. An older version cannot know what the newer one relies on, so it touches nothing.",
  PD3107: `Only one process writes at a time. The store waits for the lock without blocking the event loop, and gives up after
\`lockTimeout\`. Nothing was written. Workers hold the lock for a millisecond or so; this one was held by something else.`,
  PD3108: "The transaction was rolled back: nothing of it was written, and what was saved before is intact.",
  PD3109: `A process that has a file open goes on writing to it after it was deleted or replaced, and what it writes is lost with it.
So the path's device and inode (and those of the \`-wal\`) are compared before each transaction and again before it is
acknowledged. This store stays refused until the process opens it anew.`,
  PD3110: `SQLite found a page that contradicts itself. The usual causes are a copy made while workers ran (use \`sqlite3 … ".backup"\`),
a \`-wal\` deleted or left behind, and file systems without working locks or fsync. A row that holds what no store writes has this code
too, and concerns its own run alone: \`list\` shows what can be read of it, and when it comes due it is blocked instead of claimed. Once the row is
mended, \`run(id).retry()\` lets it go on.`,
  PD3111: `When this happened while committing, the transaction may or may not be on disk (the error's \`outcome\` is "unknown"): the
engine repeats the call, and the store recognizes what it has already applied.`,
  PD3112: `The body of \`transaction\` runs while the store holds SQLite's only write lock, so it is synchronous: it may be an \`async\`
function, but what it awaits must be settled. It may not end the transaction, also behind a comment, and a text is one statement: SQLite would forget the others. A statement that fails may roll
everything back that came before it (\`INSERT OR ROLLBACK\`, \`RAISE(ROLLBACK)\`); a body that catches that error and goes on would write the rest by halves. Everything was rolled back.`,
} as const satisfies MessagePages;
