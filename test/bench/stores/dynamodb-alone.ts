/** Durable turns a second of one run alone on a server that speaks DynamoDB, against the SDK's own conditional puts of the same item. */
import { PutItemCommand } from "@aws-sdk/client-dynamodb";
import { dynamodb, ensureTable } from "perdure/dynamodb";
import { startServer } from "../../dynamodb/server.ts";
import { working } from "../engines.ts";
import { type Figure, sideBySide } from "../figure.ts";
import { small } from "../programs/orders.ts";

const TURNS = 400;
/** What a turn of the program writes, in the middle. */
const SEGMENT = 1050;
/** Rounds of both before any is measured. */
const WARM = 6;

export const dynamodbAlone: Figure = {
  name: "dynamodb-alone",
  reach: { at: "least", ratio: 0.7 },
  async measure() {
    const server = await startServer();
    const { client } = server;
    const table = "bench";
    await ensureTable({ table, client });
    const store = dynamodb({ table, client });
    let raw = 0;
    const put = () =>
      client.send(
        new PutItemCommand({
          TableName: table,
          Item: {
            pk: { S: `raw/${raw}` },
            sk: { S: String(raw++) },
            seq: { N: "1" },
            epoch: { N: "1" },
            commit: { S: "0123456789abcdef0123456789abcdef.1" },
            hot: { S: "x".repeat(120) },
            text: { S: "x".repeat(SEGMENT) },
          },
          ConditionExpression: "attribute_not_exists(#pk)",
          ExpressionAttributeNames: { "#pk": "pk" },
        }),
      );
    try {
      const { turns, puts } = await working(store, (engine) =>
        sideBySide(
          7,
          {
            async turns() {
              const start = performance.now();
              await (await engine.start(small, [TURNS])).result();
              return performance.now() - start;
            },
            async puts() {
              const start = performance.now();
              for (let n = 0; n < TURNS; n++) await put();
              return performance.now() - start;
            },
          },
          WARM,
        ),
      );
      return {
        ratio: puts / turns,
        value: (TURNS / turns) * 1000,
        unit: "turns/s",
        against: "conditional puts/s of an item of the same size by the SDK alone, one at a time, same server",
        beside: { "raw puts/s": (TURNS / puts) * 1000 },
      };
    } finally {
      await store.close();
      await server.stop();
    }
  },
};
