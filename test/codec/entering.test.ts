/** Errors of ordinary code that are in a run as they were thrown: at a save they enter as those of steps do, and stay the objects that they are. */
import { isPerdureError } from "perdure";
import type { Kind } from "perdure/internal/codec/contract";
import { Heap, type HeapOptions } from "perdure/internal/codec/heap";
import { describe, expect, test } from "vitest";

/** What nothing can save. */
class Connection {
  #socket = "open";
  status = 500;
  get socket() {
    return this.#socket;
  }
}

class RequestError extends Error {
  override name = "RequestError";
  readonly code = "E_REQUEST";
  readonly connection = new Connection();
  readonly retry = () => undefined;
}

const run: HeapOptions = { entersErrors: true };

const textOf = (value: unknown, options = run) => new Heap(options).save("base", { strong: { value } }).text;

/** Saves, and gives what a load makes of it: which is what memory now holds. */
function saved<T>(value: T, options = run): T {
  const text = textOf(value, options);
  const back = Heap.load(options, [text]).roots.get("value") as T;
  const agreed = { ...options, entersErrors: false };
  expect(textOf(back, agreed) === textOf(value, agreed), "memory and the saved text agree").toBe(true);
  return back;
}

function refusal(body: () => unknown): string {
  try {
    body();
  } catch (why) {
    if (isPerdureError(why)) return `${why.code} ${why.details.path}`;
    throw why;
  }
  return "saved";
}

describe("an error that cannot be saved as it is", () => {
  test("becomes what can be saved of it, and stays the object that it was", () => {
    const error = new RequestError("no answer");
    const { stack } = error;
    const held = { last: error, all: [error], by: new Map([[error, 1]]) };
    const back = saved(held);
    expect(held.last).toBe(error);
    expect(back.all[0]).toBe(back.last);
    expect(back.by.get(back.last)).toBe(1);
    for (const one of [error, back.last]) {
      expect(one).toMatchObject({ name: "RequestError", message: "no answer", code: "E_REQUEST" });
      expect(one.stack).toBe(stack);
      expect(one.connection).toEqual({ status: 500 });
      expect("retry" in one).toBe(false);
      expect(Object.getPrototypeOf(one)).toBe(Error.prototype);
    }
  });

  test("keeps its class where that has a name, and is left alone when all of it can be saved", () => {
    const references = {
      nameOf: (value: object | symbol) =>
        value === RequestError ? "RequestError" : value === RequestError.prototype ? "prototype" : undefined,
      resolve: (name: string) => (name === "prototype" ? RequestError.prototype : RequestError),
    };
    expect(saved(new RequestError("x"), { ...run, references })).toBeInstanceOf(RequestError);
    const fine = Object.assign(new TypeError("y"), { detail: { at: 1 } });
    const { detail } = fine;
    saved(fine, { ...run, references });
    expect(fine.detail).toBe(detail);
  });

  test("so do its cause and its errors, each once, also in a circle", () => {
    const cause = new RequestError("below");
    const error = new RequestError("above", { cause });
    cause.cause = error;
    const many = new AggregateError([cause, ...Array.from({ length: 50 }, (_, i) => new RequestError(`${i}`))], "all");
    const back = saved({ error, cause, many });
    expect(error.cause).toBe(cause);
    expect(many.errors[0]).toBe(cause);
    expect(back.many.errors).toHaveLength(51);
    expect(back.many.errors[0]).toBe(back.cause);
    expect(back.error.cause).toBe(back.cause);
    expect(back.cause.cause).toBe(back.error);
  });

  test("a stack that is computed when it is read becomes its text; texts that the class made up stay", () => {
    class Lazy extends Error {
      issues = [{ path: ["id"] }];
      format = () => "";
      override get message() {
        return `${this.issues.length} issue`;
      }
    }
    const error = new Lazy();
    Object.defineProperty(error, "stack", { get: () => "Lazy: at a line", configurable: true });
    expect(saved(error)).toMatchObject({ message: "1 issue", stack: "Lazy: at a line", issues: [{ path: ["id"] }] });
  });

  test("the same in the snapshot of a step, when that is asked for", () => {
    const error = new RequestError("no answer");
    const heap = new Heap(run);
    expect(refusal(() => heap.snapshot([error]))).toContain("PD4001 argument 1");
    expect(error).toBeInstanceOf(RequestError);
    const [copied] = heap.snapshot([error], [], "", true).open().values as [Error];
    expect(copied).toMatchObject({ message: "no answer", connection: { status: 500 } });
    expect(textOf(copied)).toBe(textOf(error));
  });
});

describe("what is refused as before", () => {
  test("values that no error holds", () => {
    const connection = new Connection();
    const error = Object.assign(new Error("x"), { connection });
    expect(refusal(() => saved({ error, connection }))).toBe("PD4001 value.connection");
  });

  test("an error that cannot be changed; another that holds it gets a copy of it", () => {
    const frozen = Object.freeze(new RequestError("frozen"));
    expect(refusal(() => saved({ frozen }))).toMatch(/^PD4001 value\.frozen\.(connection|retry)$/);
    const outer = new Error("outer", { cause: frozen });
    expect((saved(outer).cause as Error).message).toBe("frozen");
    expect(frozen.connection.socket).toBe("open");
  });

  test("what an error leads to through something that is the run's own", () => {
    class Frame {
      local: unknown = new Connection();
    }
    const frames: Kind<Frame> = {
      tag: "test-frame",
      test: (value): value is Frame => value instanceof Frame,
      encode: ({ local }, encoder) => [encoder.value(local, " › local")],
      create: () => new Frame(),
      fill() {},
    };
    const options = { ...run, kinds: [frames as unknown as Kind] };
    const frame = new Frame();
    const error = Object.assign(new Error("x"), { frame });
    expect(refusal(() => saved(error, options))).toBe("PD4001 value.frame › local");
    expect(error.frame).toBe(frame);
    // Beside something of its own, which enters.
    const both = Object.assign(new RequestError("y"), { frame });
    expect(refusal(() => saved(both, options))).toBe("PD4001 value.frame › local");
    expect(both.frame).toBe(frame);
  });

  test("errors in values that are not the run's: arguments of a start", () => {
    const error = new RequestError("of the host");
    expect(refusal(() => saved(error, {}))).toContain("PD4001");
    expect(error.connection.socket).toBe("open");
    expect(error).toBeInstanceOf(RequestError);
  });
});
