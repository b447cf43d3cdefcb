import { expect, test } from "vitest";
import { fuzzDynamoDB } from "./dynamodb.ts";
import { Chance } from "./mutate.ts";
import { fuzzSqlite } from "./sqlite.ts";
import type { Tally } from "./trial.ts";

const chance = (from: number) => (n: number) => new Chance(from + n);

test("sqlite", async () => {
  const tally: Tally = new Map();
  try {
    await fuzzSqlite(chance(Number(process.env.FROM ?? 1)), Number(process.env.N ?? 100), tally);
  } finally {
    console.log(tally);
  }
});
test("dynamodb", async () => {
  const tally: Tally = new Map();
  try {
    await fuzzDynamoDB(chance(Number(process.env.FROM ?? 1)), Number(process.env.N ?? 100), tally);
  } finally {
    console.log(tally);
  }
});
