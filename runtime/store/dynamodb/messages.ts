/** Errors of the DynamoDB store: PD33xx. */
import type { MessageTable } from "../../errors.ts";
import { storeErrors } from "../messages.ts";

export const messages = {
  PD3301: {
    slug: "dynamodb-sdk-missing",
    text: "the DynamoDB store needs the package `@aws-sdk/client-dynamodb`, which cannot be loaded",
    fix: "npm i @aws-sdk/client-dynamodb",
  },
  PD3302: {
    slug: "dynamodb-table-not-ready",
    text: "the DynamoDB table %table% is not ready for this store: %why%",
    fix: 'call `ensureTable({ table: "%table%", … })` once before workers start, from whatever deploys them',
  },
  PD3303: {
    slug: "dynamodb-newer-format",
    text: "the DynamoDB table %table% was made by a newer version of perdure: its format is %version%, this one knows %known%",
    fix: "update perdure in this process to at least the version that the other workers run",
  },
  PD3304: {
    slug: "dynamodb-busy",
    text: "DynamoDB did not take `%call%` on the table %table% after %attempts% attempts: %why%",
    fix: "give the table more capacity, or on-demand capacity; if one run is written by many at once, spread its messages",
  },
  PD3305: {
    slug: "dynamodb-no-answer",
    text: "DynamoDB gave no answer to `%call%` on the table %table%: %why%",
    fix: "look at the cause: the network, the endpoint, the service's health",
  },
  PD3306: {
    slug: "dynamodb-too-large",
    text: "%what% is too large for the DynamoDB store: %bytes% bytes, at most %limit%",
    fix: "save less: keep large data elsewhere and hold its key in the run",
  },
  PD3307: {
    slug: "dynamodb-refused",
    text: "DynamoDB refused `%call%` on the table %table%: %why%",
    fix: "look at the cause: the table's key schema, the credentials, the permissions (GetItem, BatchGetItem, Query, PutItem, UpdateItem, DeleteItem, ConditionCheckItem on table and index)",
  },
  PD3308: {
    slug: "dynamodb-damaged",
    text: "the DynamoDB table %table% contradicts itself: %why%",
    fix: "find out who else writes to the table; restore it to a point in time before that",
  },
} as const satisfies MessageTable;

export const dynamodbError = storeErrors(
  messages,
  ["PD3301", "PD3302", "PD3303", "PD3306", "PD3307", "PD3308"],
  ["PD3306"],
);
