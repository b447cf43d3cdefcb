"use durable";
// Async-heavy code that needs nothing of a platform: measured as it is, compiled by us, and compiled by those who lower async functions to ES5.

const identity = async (value: number): Promise<number> => value;

/** Nothing but awaits. */
export async function loop(count: number): Promise<number> {
  let sum = 0;
  for (let i = 0; i < count; i++) sum += await identity(i);
  return sum;
}

/** A call for each node of a tree. */
export async function fibonacci(n: number): Promise<number> {
  if (n < 2) return n;
  return (await fibonacci(n - 1)) + (await fibonacci(n - 2));
}

/** Exceptions, handlers, `finally` and leaving through them. */
export async function guarded(count: number): Promise<number> {
  let sum = 0;
  for (let i = 0; i < count; i++) {
    try {
      if (i % 8 === 0) throw await identity(i);
      sum += await identity(i);
      if (i % 5 === 0) continue;
      sum++;
    } catch (thrown) {
      sum -= (await identity(thrown as number)) & 1;
    } finally {
      sum ^= await identity(1);
    }
  }
  return sum;
}

/** Closures over a loop's variable, destructuring and combinators. */
export async function batches(count: number): Promise<number> {
  const orders = Array.from({ length: 10 }, (_, id) => ({ id, lines: [id, id + 1] }));
  let total = 0;
  for (let round = 0; round < count; round++) {
    const sums = await Promise.all(
      orders.map(async ({ id, lines }) => {
        let sum = round;
        // By index: regenerator leaves for-of to another plugin.
        for (let i = 0; i < lines.length; i++) sum += await identity(lines[i]!);
        return sum + id;
      }),
    );
    for (const sum of sums) total += sum;
  }
  return total;
}

class Account {
  balance = 0;
  async deposit(amount: number): Promise<number> {
    this.balance += await identity(amount);
    return this.balance;
  }
}

/** Methods, and awaits in the middle of expressions. */
export async function accounts(count: number): Promise<number> {
  const account = new Account();
  let seen = 0;
  for (let i = 0; i < count; i++) seen = (seen + (await account.deposit(i & 3)) * (await identity(2))) | 0;
  return seen;
}
