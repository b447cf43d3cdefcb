/** Errors of the DynamoDB store: PD33xx. */
import type { MessageTable } from "../../errors.ts";
import { storeErrors } from "../messages.ts";

export const messages = {
  PD3301: {
    slug: "dynamodb-sdk-missing",
    text: "the DynamoDB store needs the package `@aws-sdk/client-dynamodb`, which cannot be loaded",
    fix: "npm i @aws-sdk/client-dynamodb",
    page: `\`perdure\` has no dependencies of its own, so the SDK is an optional peer. It is loaded when the store is first used. The
cause of this error is what the import said.`,
  },
  PD3302: {
    slug: "dynamodb-table-not-ready",
    text: "the DynamoDB table %table% is not ready for this store: %why%",
    fix: 'call `ensureTable({ table: "%table%", … })` once before workers start, from whatever deploys them',
    page: `The store makes no table by itself: a mistyped name would become an empty store. \`ensureTable\` makes the table with its
index and writes how it is laid out, which all workers must agree on; it changes nothing in a table that is ready.`,
  },
  PD3303: {
    slug: "dynamodb-newer-format",
    text: "the DynamoDB table %table% was made by a newer version of perdure: its format is %version%, this one knows %known%",
    fix: "update perdure in this process to at least the version that the other workers run",
    page: "An older version cannot know what the newer one relies on, so it touches nothing.",
  },
  PD3304: {
    slug: "dynamodb-busy",
    text: "DynamoDB did not take `%call%` on the table %table% after %attempts% attempts: %why%",
    fix: "give the table more capacity, or on-demand capacity; if one run is written by many at once, spread its messages",
    page: `Throttling and conflicts with other transactions are repeated some times, with growing pauses. Nothing of this call was
written. The engine tries again.`,
  },
  PD3305: {
    slug: "dynamodb-no-answer",
    text: "DynamoDB gave no answer to `%call%` on the table %table%: %why%",
    fix: "look at the cause: the network, the endpoint, the service's health",
    page: `Timeouts, broken connections and errors of the service (5xx) say nothing about whether a write took effect, so the error's
\`outcome\` is "unknown". The engine repeats the call, and the store recognizes what it has already applied.`,
  },
  PD3306: {
    slug: "dynamodb-too-large",
    text: "%what% is too large for the DynamoDB store: %bytes% bytes, at most %limit%",
    fix: "save less: keep large data elsewhere and hold its key in the run",
    page: `An item of DynamoDB has at most 400 KB. The store cuts long texts into parts, up to a limit; ids and keys cannot be cut.
Nothing was written.`,
  },
  PD3307: {
    slug: "dynamodb-refused",
    text: "DynamoDB refused `%call%` on the table %table%: %why%",
    fix: "look at the cause: the table's key schema, the credentials, the permissions (GetItem, BatchGetItem, Query, PutItem, UpdateItem, DeleteItem, ConditionCheckItem on table and index)",
    page: "The service understood the request and refused it, so repeating it does not help. Nothing was written.",
  },
  PD3308: {
    slug: "dynamodb-damaged",
    text: "the DynamoDB table %table% contradicts itself: %why%",
    fix: "find out who else writes to the table; restore it to a point in time before that",
    page: `An item is missing or has content that the store never writes. Items are only ever written by stores, under conditions; do not
edit them, and do not switch on TTL for another attribute than \`ttl\`.`,
  },
} as const satisfies MessageTable;

export const dynamodbError = storeErrors(
  messages,
  ["PD3301", "PD3302", "PD3303", "PD3306", "PD3307", "PD3308"],
  ["PD3306"],
);
