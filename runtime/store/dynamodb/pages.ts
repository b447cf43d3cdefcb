/** The pages of the codes in `messages.ts`. Nothing imports them at run time: `npm run generate` prints them to `docs/errors`. */
import type { MessagePages } from "../../errors.ts";

export const pages = {
  PD3301: `\`perdure\` has no dependencies of its own, so the SDK is an optional peer. It is loaded when the store is first used. The
cause of this error is what the import said.`,
  PD3302: `The store makes no table by itself: a mistyped name would become an empty store. \`ensureTable\` makes the table with its
index and writes how it is laid out, which all workers must agree on; it changes nothing in a table that is ready.`,
  PD3303: "An older version cannot know what the newer one relies on, so it touches nothing.",
  PD3304: `Throttling and conflicts with other transactions are repeated some times, with growing pauses. Nothing of this call was
written. The engine tries again.`,
  PD3305: `Timeouts, broken connections and errors of the service (5xx) say nothing about whether a write took effect, so the error's
\`outcome\` is "unknown". The engine repeats the call, and the store recognizes what it has already applied.`,
  PD3306: `An item of DynamoDB has at most 400 KB. The store cuts long texts into parts, up to a limit; ids and keys cannot be cut.
Nothing was written.`,
  PD3307: "The service understood the request and refused it, so repeating it does not help. Nothing was written.",
  PD3308: `An item is missing or has content that the store never writes. Items are only ever written by stores, under conditions; do not
edit them, and do not switch on TTL for another attribute than \`ttl\`. It concerns its own run alone: \`list\` shows what can be read of it, with this as
its reason; when it comes due it is listed as blocked instead of claimed, what it holds left as it is. Put the whole item back as it was (point-in-time
recovery has it), and it is due again.`,
} as const satisfies MessagePages;
