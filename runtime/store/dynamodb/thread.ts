/** What a thread loads to renew a lease in the same table; see {@link Store.thread}. */
import type { Store } from "../store.ts";
import { type DynamoDBOptions, dynamodb } from "./index.ts";

export function open(options: DynamoDBOptions): Pick<Store, "renew" | "close"> {
  return dynamodb(options);
}
