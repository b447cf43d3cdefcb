"use durable";
// Async generators and `for await`, for the same comparison as async-heavy.ts.

const identity = async (value: number): Promise<number> => value;

async function* numbers(count: number): AsyncGenerator<number, number> {
  for (let i = 0; i < count; i++) yield identity(i);
  return count;
}

async function* relayed(count: number): AsyncGenerator<number, number> {
  return (yield* numbers(count)) + 1;
}

/** Requests one by one. */
export async function requests(count: number): Promise<number> {
  const iterator = numbers(count);
  let sum = 0;
  for (let step = await iterator.next(); ; step = await iterator.next()) {
    sum += step.value;
    if (step.done) return sum;
  }
}

/** Each request goes through another generator. */
export async function delegation(count: number): Promise<number> {
  let sum = 0;
  for await (const value of relayed(count)) sum += value;
  return sum;
}

/** Left early, so that the generator is closed. */
export async function closing(count: number): Promise<number> {
  let sum = 0;
  for (let round = 0; round < count; round++) {
    for await (const value of numbers(12)) {
      if (value === 10) break;
      sum += value;
    }
  }
  return sum;
}

/** `for await` over promises and plain values. */
export async function promises(count: number): Promise<number> {
  let sum = 0;
  for (let round = 0; round < count; round++) for await (const value of [identity(1), 2, identity(round)]) sum += value;
  return sum;
}
