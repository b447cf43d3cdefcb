/** `token`: a promise that the outside resolves. */
import type { TokenOperation } from "../contract.ts";
import { currentRun, NativePromise } from "../current-run.ts";
import { formatTokenId, VOLATILE } from "../token-id.ts";
import { hex } from "./hex.ts";
import { notInSteps } from "./not-in-steps.ts";
import { runtimeEntry } from "./runtime-entry.ts";
import { here } from "./site.ts";

/** A promise with the id by which it is resolved. */
export interface Token<T> extends Promise<T> {
  /** One word, safe in URLs. Whoever has it may resolve the token, once: keep it secret. */
  readonly id: string;
}

const SECRET_BYTES = 16;

/**
 * A promise that something outside resolves, once, through its `id`: `engine.resume(id, value)`, from a webhook or a queue, in any process. The
 * value is plain JSON. A token that nothing can observe any more (it lost a race) is dropped; `resume` then answers `gone`.
 *
 * Outside a run it is a plain promise, resolved through `perdure/testing`; in a step it throws PD2222.
 *
 * @example
 * const approval = token<{ ok: boolean }>();
 * await askManager(order, approval.id);
 * const answer = await approval;
 */
export const token = runtimeEntry("token", function token<T = unknown>(): Token<T> {
  const run = currentRun();
  if (run === undefined) {
    notInSteps("token");
    return volatileToken<T>();
  }
  const { place } = here(run, "token()");
  const secret = hex(run.host.random(SECRET_BYTES));
  const promise = run.newPromise();
  const { number } = run.makeOperation<TokenOperation>(
    (operation) => ({ type: "token", number: operation, where: place, secret }),
    {
      type: "promise",
      promise,
    },
  );
  return withId<T>(promise, formatTokenId({ run: run.id, incarnation: run.incarnation, operation: number, secret }));
});

const withId = <T>(promise: Promise<unknown>, id: string): Token<T> =>
  Object.defineProperty(promise, "id", {
    value: id,
    enumerable: false,
    writable: false,
    configurable: true,
  }) as Token<T>;

/** Tokens made outside runs, by id: what `perdure/testing` resolves. A token leaves when it is resolved. */
const volatileTokens = new Map<string, (value: unknown) => void>();

function volatileToken<T>(): Token<T> {
  const id = `${VOLATILE}${globalThis.crypto.randomUUID()}`;
  return withId<T>(new NativePromise((resolve) => volatileTokens.set(id, resolve)), id);
}

/** Resolves a token that was made outside a run. False: there is none of that id, or it was resolved before. */
export function resumeVolatile(id: string, value: unknown): boolean {
  const resolve = volatileTokens.get(id);
  resolve?.(value);
  return volatileTokens.delete(id);
}
