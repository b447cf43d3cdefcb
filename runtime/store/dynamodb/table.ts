/** The table: how it is made, and how it is laid out, which all workers must agree on. */
import type { DynamoDBClientConfig } from "@aws-sdk/client-dynamodb";
import { anything, checkOptions, record, required, text } from "../../options/check.ts";
import { ABSENT, item, numberOf } from "./items.ts";
import { EPOCH, TABLE } from "./keys.ts";
import { dynamodbError } from "./messages.ts";
import { type Client, INDEX, loadSdk, makeClient, Wire } from "./wire.ts";

const VERSION = 1;

export interface Layout {
  /** Over how many partitions heads and index are spread. */
  readonly shards: number;
  /** Length of the ring of slots. */
  readonly slots: number;
}

export interface EnsureTableOptions {
  readonly table: string;
  /** The SDK's client, or what one is made of. Default: made of the environment. */
  readonly client?: Client | DynamoDBClientConfig;
  /** Partitions over which runs are spread, 1 to 256: each takes some 1,000 changes a second. Fixed once the table is made. Default 4. */
  readonly shards?: number;
  /** Length of each run's ring of slots, 4 to 100,000: turns between two bases that cost one write each. Fixed once the table is made. Default 1024. */
  readonly slots?: number;
}

/** Those of a store; the layout of a table is judged with PD3302. */
export const TABLE_OPTIONS = { table: required(text), client: record };

const between = (value: number | undefined, low: number, high: number): boolean =>
  Number.isInteger(value) && value! >= low && value! <= high;
const isLayout = (shards: number | undefined, slots: number | undefined): boolean =>
  between(shards, 1, 256) && between(slots, 4, 100_000);

export const isClient = (value: Client | DynamoDBClientConfig | undefined): value is Client =>
  typeof (value as Partial<Client> | undefined)?.send === "function";

/**
 * Makes the table with its index, on demand capacity and TTL on the attribute `ttl`, and writes how it is laid out. Does nothing where
 * that is done; may be called by many at once. Workers call it nowhere by themselves.
 *
 * A table made by other means (CloudFormation, Terraform …) is taken as it is when it has the keys `pk` and `sk` and an index `due` on `dk` and
 * `da` (all text) that projects `cs`.
 *
 * Errors: PD3301 the SDK is missing, PD3302 the table is not usable, PD3303 it has a newer format, PD3304, PD3305, PD3307 as the store's.
 *
 * @example
 * await ensureTable({ table: "perdure", client: { region: "eu-central-1" } });
 */
export async function ensureTable(options: EnsureTableOptions): Promise<void> {
  checkOptions("ensureTable", options, { ...TABLE_OPTIONS, shards: anything, slots: anything });
  const { table, client, shards = 4, slots = 1024 } = options;
  if (!isLayout(shards, slots)) {
    const why = `shards is 1 to 256 and slots 4 to 100,000, not ${shards} and ${slots}`;
    throw dynamodbError("PD3302", "refused", { table, why });
  }
  const sdk = await loadSdk();
  const own = isClient(client) ? undefined : makeClient(sdk, client ?? {});
  const sender = (isClient(client) ? client : own) as Client;
  try {
    await makeTable(sdk, sender, table);
    const wire = new Wire(table, async () => ({ sdk, client: sender }));
    await wire.write({ type: "put", item: item({ ...TABLE, version: VERSION, shards, slots }), condition: ABSENT });
    await wire.write({ type: "put", item: item({ ...EPOCH, value: 0 }), condition: ABSENT });
    await readLayout(wire);
  } finally {
    own?.destroy();
  }
}

async function makeTable(sdk: Awaited<ReturnType<typeof loadSdk>>, client: Client, table: string): Promise<void> {
  const text = (AttributeName: string) => ({ AttributeName, AttributeType: "S" as const });
  const keys = (hash: string, range: string) => [
    { AttributeName: hash, KeyType: "HASH" as const },
    { AttributeName: range, KeyType: "RANGE" as const },
  ];
  try {
    await client.send(
      new sdk.CreateTableCommand({
        TableName: table,
        BillingMode: "PAY_PER_REQUEST",
        AttributeDefinitions: ["pk", "sk", "dk", "da"].map(text),
        KeySchema: keys("pk", "sk"),
        GlobalSecondaryIndexes: [
          {
            IndexName: INDEX,
            KeySchema: keys("dk", "da"),
            Projection: { ProjectionType: "INCLUDE", NonKeyAttributes: ["cs"] },
          },
        ],
      }),
    );
  } catch (error) {
    if ((error as Error).name !== "ResourceInUseException") throw notReady(table, error);
  }
  for (let n = 0; ; n++) {
    const { Table } = await client.send(new sdk.DescribeTableCommand({ TableName: table })).catch((error: unknown) => {
      if ((error as Error).name === "ResourceNotFoundException" && n < 60) return { Table: undefined };
      throw notReady(table, error);
    });
    if (Table?.TableStatus === "ACTIVE") {
      if (!Table.GlobalSecondaryIndexes?.some(({ IndexName }) => IndexName === INDEX))
        throw dynamodbError("PD3302", "refused", { table, why: `it has no index named ${INDEX}` });
      break;
    }
    await new Promise((resolve) => setTimeout(resolve, 1_000));
  }
  // Stubs of fences stay for ever where this is not permitted: that costs a little room, nothing else.
  await client
    .send(
      new sdk.UpdateTimeToLiveCommand({
        TableName: table,
        TimeToLiveSpecification: { AttributeName: "ttl", Enabled: true },
      }),
    )
    .catch(() => undefined);
}

const notReady = (table: string, error: unknown): Error =>
  dynamodbError("PD3302", "refused", { table, why: error instanceof Error ? error.message : String(error) }, error);

export async function readLayout(wire: Wire): Promise<Layout> {
  const { table } = wire;
  const found = await wire.get(TABLE);
  if (found === undefined)
    throw dynamodbError("PD3302", "refused", { table, why: "nobody has written how it is laid out" });
  const version = numberOf(found, "version");
  if (version !== VERSION) {
    const details = { table, version: String(version), known: String(VERSION) };
    throw dynamodbError("PD3303", "refused", details);
  }
  const [shards, slots] = [numberOf(found, "shards"), numberOf(found, "slots")];
  if (isLayout(shards, slots)) return { shards: shards!, slots: slots! };
  throw dynamodbError("PD3302", "refused", { table, why: `it is laid out in ${shards} shards and ${slots} slots` });
}
