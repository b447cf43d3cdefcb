/** Which classes an object is asked about whose private names no save shows. */

import { NamingClasses, ofModules, registerPrivates } from "perdure/internal/machine/privates";
import type { Run } from "perdure/internal/machine/run";
import { strangeToRun } from "perdure/internal/machine/strangers";
import { expect, test } from "vitest";

/** A base whose constructor returns what it is given: the classes that extend it put their private names on that. */
class Itself {
  constructor(object: object) {
    // biome-ignore lint/correctness/noConstructorReturn: this is what puts names on other objects
    return object;
  }
}

interface Asked {
  readonly make: new (object: object) => object;
  asked: number;
}

function namingClass(): Asked {
  class Naming extends Itself {
    #name = 1;
    static has(object: object): boolean {
      one.asked++;
      return #name in object;
    }
    name(): number {
      return this.#name;
    }
  }
  const one: Asked = { make: Naming, asked: 0 };
  registerPrivates(Naming, { get: () => [], set: () => {}, has: Naming.has });
  return one;
}

const run = (...classes: Asked[]): Run => {
  const namingClasses = new NamingClasses();
  for (const { make } of classes) namingClasses.add(make);
  return { namingClasses } as Run;
};

test("a run asks about its own classes and the modules', and about no other run's", () => {
  const [own, others, module] = [namingClass(), namingClass(), namingClass()];
  const [here] = [run(own), run(others)];
  ofModules.add(module.make);
  const strangeTo = strangeToRun(here);
  expect(strangeTo({}, false)).toBe(undefined);
  expect([own.asked, module.asked, others.asked]).toEqual([1, 1, 0]);
  expect(strangeTo(new own.make({}), false)).toBe("Naming");
  expect(strangeTo(new module.make({}), false)).toBe("Naming");
  expect(others.asked).toBe(0);
});

test("an object that was none at an earlier save is asked about classes that name any object, and about no others", () => {
  class Plain {
    #name = 1;
    name(): number {
      return this.#name;
    }
  }
  let asked = 0;
  registerPrivates(Plain, {
    get: () => [],
    set: () => {},
    has: () => {
      asked++;
      return false;
    },
  });
  const naming = namingClass();
  const here = run(naming, { make: Plain as never, asked: 0 });
  const strangeTo = strangeToRun(here);
  strangeTo({}, true);
  expect([naming.asked, asked]).toEqual([1, 0]);
  strangeTo({}, false);
  expect([naming.asked, asked]).toEqual([2, 1]);
});
