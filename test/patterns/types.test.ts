/** What is inferred: checked by `tsc -p test`, where `@ts-expect-error` fails when there is no error. */
import { debounce, limiter, map, pollUntil, retry, saga, timeout } from "perdure/patterns";
import { expectTypeOf, test } from "vitest";

interface Job {
  readonly status: "running" | "done";
}
declare const findJob: () => Promise<Job | undefined>;
declare const charge: (id: string, amount: number) => Promise<number>;
declare const query: PromiseLike<string[]>;

test("types are inferred", () => {
  const typed = async () => {
    expectTypeOf(await retry(() => charge("a", 1))).toEqualTypeOf<number>();
    expectTypeOf(await retry((attempt) => attempt)).toEqualTypeOf<number>();
    expectTypeOf(await timeout(query, "3 days")).toEqualTypeOf<string[]>();
    expectTypeOf(await timeout(({ aborted }) => aborted, 5)).toEqualTypeOf<boolean>();
    expectTypeOf(await map(["a"], (id, index) => charge(id, index))).toEqualTypeOf<number[]>();
    expectTypeOf(await map(new Map([["a", 1]]), ([id, n]) => ({ id, n }))).toEqualTypeOf<{ id: string; n: number }[]>();
    expectTypeOf(
      await saga(async (undo) => {
        undo(() => charge("a", 1));
        return "done" as const;
      }),
    ).toEqualTypeOf<"done">();
    expectTypeOf(await limiter(2)(() => charge("a", 1))).toEqualTypeOf<number>();
    const debounced = debounce(charge, "1s", { maxWait: 100 });
    expectTypeOf(debounced).parameters.toEqualTypeOf<[id: string, amount: number]>();
    expectTypeOf(await debounced("a", 1)).toEqualTypeOf<number>();
    expectTypeOf(await debounced.flush()).toEqualTypeOf<number | undefined>();
    expectTypeOf(await pollUntil(findJob)).toEqualTypeOf<Job>();
    expectTypeOf(await pollUntil(findJob, { until: (job) => job?.status === "done" })).toEqualTypeOf<Job | undefined>();
    const isDone = (job: Job | undefined): job is Job & { status: "done" } => job?.status === "done";
    expectTypeOf((await pollUntil(findJob, { until: isDone })).status).toEqualTypeOf<"done">();
    // @ts-expect-error: no such option
    await retry(findJob, { times: 3 });
    // @ts-expect-error: not a list
    await map(5, findJob);
    // @ts-expect-error: the arguments are those of the function
    await debounced(1);
  };
  expectTypeOf(typed).returns.toEqualTypeOf<Promise<void>>();
});
