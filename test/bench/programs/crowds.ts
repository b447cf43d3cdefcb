"use durable";
import { sleep } from "perdure";
import { replacement, woke } from "./crowd-services.ts";

/** Three hundred records with a text of a KB each, one of which is replaced in each turn. */
export async function bulky(turns: number): Promise<number> {
  const records = Array.from({ length: 300 }, (_, i) => ({ id: i, text: "x".repeat(1000) }));
  for (let i = 0; i < turns; i++) records[(i * 37) % records.length]!.text = await replacement(i);
  return records.length;
}

/** Says how late it is after a sleep. */
export async function sleeper(until: number): Promise<void> {
  await sleep(new Date(until));
  await woke(until);
}
