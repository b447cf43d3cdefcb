import { Heap } from "perdure/internal/codec/heap";
import { savableError } from "perdure/internal/codec/thrown";
import { describe, expect, test } from "vitest";

/** Copies through a heap that knows the built-ins only, as a run does that imports none of these classes. */
const canCopy = (value: unknown): boolean => {
  try {
    new Heap().snapshot([value]);
    return true;
  } catch {
    return false;
  }
};
const enter = (thrown: unknown): any => new Heap().snapshot([savableError(thrown, canCopy)]).open().values[0];

class Socket {
  fd = 7;
}

describe("what ordinary code throws enters the run", () => {
  test("built-in errors keep their class, cause and data", () => {
    const entered = enter(
      Object.assign(new RangeError("too far", { cause: new TypeError("inner") }), { code: "E_FAR", at: { x: 1 } }),
    );
    expect(entered).toBeInstanceOf(RangeError);
    expect(entered).toMatchObject({ name: "RangeError", message: "too far", code: "E_FAR", at: { x: 1 } });
    expect(entered.cause).toBeInstanceOf(TypeError);
    expect(entered.stack).toContain("thrown.test");
  });

  test("a pg DatabaseError: own name and length, class unknown here", () => {
    class DatabaseError extends Error {
      length: number;
      severity?: string;
      code?: string;
      constructor(message: string, length: number, name: string) {
        super(message);
        this.length = length;
        this.name = name;
      }
    }
    const thrown = Object.assign(new DatabaseError("duplicate key", 208, "error"), {
      code: "23505",
      severity: "ERROR",
      detail: undefined,
    });
    const entered = enter(thrown);
    expect(entered).toBeInstanceOf(Error);
    expect(entered).toMatchObject({
      name: "error",
      message: "duplicate key",
      code: "23505",
      severity: "ERROR",
      length: 208,
    });
    expect(Object.keys(entered)).toContain("detail");
    expect(entered.stack).toBe(thrown.stack);
  });

  test("an AWS SQSServiceException: metadata stays, of the response only data", () => {
    class ServiceException extends Error {
      readonly $fault = "client";
      readonly $metadata = { httpStatusCode: 403, requestId: "r-1", attempts: 1 };
      $response = { body: new Socket() };
      constructor() {
        super("denied");
        Object.setPrototypeOf(this, new.target.prototype);
        this.name = "SQSServiceException";
      }
    }
    const entered = enter(new ServiceException());
    expect(entered).toMatchObject({
      name: "SQSServiceException",
      $fault: "client",
      $metadata: { httpStatusCode: 403, requestId: "r-1" },
    });
    expect(entered.$response.body).not.toBeInstanceOf(Socket);
    expect(Reflect.getPrototypeOf(entered.$response.body)).toBe(Object.prototype);
  });

  test("a StripeCardError: type, code and raw are kept, the name comes from a prototype", () => {
    class StripeError extends Error {
      readonly raw = { decline_code: "insufficient_funds" };
      readonly type = this.constructor.name;
      readonly code = "card_declined";
      readonly headers = { "request-id": "req_1" };
      readonly statusCode = 402;
    }
    class StripeCardError extends StripeError {
      override get name(): string {
        return "StripeCardError";
      }
    }
    const entered = enter(new StripeCardError("Your card was declined."));
    expect(entered).toMatchObject({
      name: "StripeCardError",
      message: "Your card was declined.",
      type: "StripeCardError",
      code: "card_declined",
      statusCode: 402,
      raw: { decline_code: "insufficient_funds" },
    });
  });

  test("errors inside errors are rebuilt: causes and AggregateErrors", () => {
    class Low extends Error {
      socket = new Socket();
      code = "ECONNRESET";
    }
    const entered = enter(new AggregateError([new Low("a"), new Low("b")], "both failed", { cause: new Low("why") }));
    expect(entered).toBeInstanceOf(AggregateError);
    expect(entered.errors.map((e: any) => [e.message, e.code])).toEqual([
      ["a", "ECONNRESET"],
      ["b", "ECONNRESET"],
    ]);
    expect(entered.cause).toMatchObject({ message: "why", code: "ECONNRESET" });
  });

  test("a chain of causes that is a cycle ends", () => {
    class Knot extends Error {
      socket = new Socket();
    }
    const knot = new Knot("knot");
    knot.cause = knot;
    expect(enter(knot).message).toBe("knot");
  });

  test("a DOMException keeps name and message", () => {
    const entered = enter(new DOMException("The operation was aborted", "AbortError"));
    expect(entered).toMatchObject({ name: "AbortError", message: "The operation was aborted", code: 20 });
    expect(entered).toBeInstanceOf(DOMException);
  });

  test.each([["text"], [undefined], [null], [42], [{ code: 1 }]])("%j is thrown as it is", (thrown) => {
    expect(enter(thrown)).toEqual(thrown);
  });

  test("an object that is no error and cannot be copied becomes an error with its text and data", () => {
    class Response {
      status = 500;
      socket = new Socket();
      toString(): string {
        return "HTTP 500";
      }
    }
    expect(enter(new Response())).toMatchObject({ message: "HTTP 500", status: 500 });
    const broken = Object.defineProperty(() => {}, "message", {
      get() {
        throw new Error("no");
      },
    });
    expect(enter(broken)).toBeInstanceOf(Error);
  });
});
