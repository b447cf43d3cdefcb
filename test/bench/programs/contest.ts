"use durable";
import { token } from "perdure";
import { add, say } from "./contest-services.ts";

/** So many steps, one after the other. */
export async function steps(count: number): Promise<number> {
  let sum = 0;
  for (let i = 0; i < count; i++) sum = await add(sum, i);
  return sum;
}

/** The same, and one more after something outside has happened. */
export async function waiting(count: number, id: string): Promise<number> {
  let sum = 0;
  for (let i = 0; i < count; i++) sum = await add(sum, i);
  const go = token<number>();
  await say(id, go.id);
  const more = await go;
  await say(id, "continued");
  return sum + more;
}
