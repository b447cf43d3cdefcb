/** Names of what the project's own modules export, where a durable module imports anything of theirs. */
import { RunReferences } from "perdure/internal/machine/names";
import { addExports, addReferences } from "perdure/internal/machine/references";
import { describe, expect, it } from "vitest";

const references = new RunReferences({});

describe("exports of modules that durable ones import from", () => {
  class CardDeclined extends Error {}
  class NotFound extends Error {}
  const lookup = () => 1;
  const settings = { retries: 3 };
  addExports({ "src/cards.ts": () => ({ CardDeclined, lookup, settings, errors: { NotFound } }) });

  it("functions and classes have the name of their module and export", () => {
    expect(references.nameOf(lookup)).toBe("src/cards.ts::lookup");
    expect(references.nameOf(CardDeclined)).toBe("src/cards.ts::CardDeclined");
    expect(references.nameOf(CardDeclined.prototype)).toBe("src/cards.ts::CardDeclined.prototype");
    for (const value of [lookup, CardDeclined, CardDeclined.prototype])
      expect(references.resolve(references.nameOf(value)!)).toBe(value);
  });

  it("classes deeper too; objects are values", () => {
    expect(references.nameOf(NotFound)).toBe("src/cards.ts::errors.NotFound");
    expect(references.resolve("src/cards.ts::errors.NotFound")).toBe(NotFound);
    expect(references.nameOf(settings)).toBeUndefined();
  });

  it("classes that are inherited have names too: Anthropic.BadRequestError, mongoose.Error.ValidationError", () => {
    class BadRequest extends Error {}
    class Conflict extends Error {}
    class Base {
      static BadRequest = BadRequest;
      static errors = { Conflict };
      static method() {}
      url = "";
    }
    class Client extends Base {
      static override method() {}
    }
    addReferences("src/client.ts", { Client: () => Client });
    expect(references.nameOf(BadRequest)).toBe("src/client.ts:Client.BadRequest");
    expect(references.nameOf(BadRequest.prototype)).toBe("src/client.ts:Client.BadRequest.prototype");
    expect(references.nameOf(Conflict)).toBe("src/client.ts:Client.errors.Conflict");
    expect(references.nameOf(Base.method)).toBeUndefined();
    class Invalid extends Error {}
    class Mongoose {}
    Object.assign(Mongoose.prototype, { Error: { Invalid } });
    const mongoose = new Mongoose();
    addReferences("src/database.ts", { mongoose: () => mongoose });
    expect(references.nameOf(Invalid)).toBe("src/database.ts:mongoose.Error.Invalid");
    for (const value of [BadRequest, BadRequest.prototype, Conflict, Client.method, Invalid])
      expect(references.resolve(references.nameOf(value)!)).toBe(value);
  });

  it("what a durable module binds keeps the name of its binding, and the other resolves", () => {
    const charge = () => 2;
    addReferences("src/orders.ts", { charge: () => charge });
    addExports({ "src/payments.ts": () => ({ charge }) });
    expect(references.nameOf(charge)).toBe("src/orders.ts:charge");
    expect(references.resolve("src/payments.ts::charge")).toBe(charge);
  });

  it("an export is not taken for a variable of the module that has its name", () => {
    const inner = () => "inner";
    const outer = () => "outer";
    addReferences("src/both.ts", { pay: () => inner });
    addExports({ "src/both.ts": () => ({ pay: outer }) });
    for (const value of [inner, outer]) expect(references.resolve(references.nameOf(value)!)).toBe(value);
  });

  it("what a module bound before it was evaluated again has a name still, which leads to what it binds now", () => {
    const [before, after, gone] = [() => "before", () => "after", () => "gone"];
    addReferences("src/edited.ts", { ship: () => before, gone: () => gone });
    expect(references.nameOf(before)).toBe("src/edited.ts:ship");
    addReferences("src/edited.ts", { ship: () => after });
    for (const value of [before, after]) expect(references.nameOf(value)).toBe("src/edited.ts:ship");
    expect(references.resolve("src/edited.ts:ship")).toBe(after);
    expect(references.nameOf(gone)).toBeUndefined();
  });

  it("modules in a circle are passed over until they are evaluated", () => {
    let ready = false;
    const late = () => 3;
    const namespace = {
      get late() {
        if (!ready) throw new ReferenceError("late is not initialized");
        return late;
      },
    };
    addExports({ "src/circle.ts": () => namespace, "src/later.ts": () => undefined });
    expect(references.nameOf(late)).toBeUndefined();
    ready = true;
    expect(references.nameOf(late)).toBe("src/circle.ts::late");
  });
});
