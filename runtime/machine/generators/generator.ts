/**
 * Sync generators (ECMA-262 27.5). The object that durable code holds is a generator of the platform, whose body is {@link shell}: it delegates to a
 * driver, and the driver runs the machine. So brand, prototype, the refusal of a running generator and everything else that can be observed of the object
 * are the platform's own, while what there is to save (frame, label, inner iterator) is here.
 */
import { DELEGATE, type Frame, RETURN } from "../../abi/index.ts";
import { currentRun } from "../current-run.ts";
import { privateField } from "../private-field.ts";
import { passCoded } from "../promise/settle.ts";
import type { MachineCode } from "../registry.ts";
import type { Run } from "../run.ts";
import { callNext, checkedResult, type Delegate, finished, methodOf, openSync, withoutThrow } from "./delegation.ts";
import { checkOwner, OVER, type Resumption, resume, START, type Suspended, taken } from "./suspended.ts";

type Result = IteratorResult<unknown>;

const PRIMING: Result = Object.freeze({ value: undefined, done: false });

/** What the shell delegates to. Each of its methods is called by the platform alone, and never while the machine runs. */
export class GeneratorDriver implements Suspended {
  readonly code: MachineCode;
  frame: Frame;
  run: Run | undefined;
  point: string | undefined = undefined;
  /** The inner iterator of the `yield*` at which it stands. */
  delegate: Delegate | undefined = undefined;
  #primed = false;

  constructor(code: MachineCode, frame: Frame, run: Run | undefined) {
    this.code = code;
    this.frame = frame;
    this.run = run;
  }

  get isOver(): boolean {
    return this.frame === OVER;
  }

  [Symbol.iterator](): this {
    return this;
  }

  next(value: unknown): Result {
    if (this.#primed) return this.#resume({ type: "next", value });
    this.#primed = true;
    return PRIMING;
  }

  throw(value: unknown): Result {
    return this.#resume({ type: "throw", value });
  }

  return(value: unknown): Result {
    return this.#resume({ type: "return", value });
  }

  /** GeneratorResume and GeneratorResumeAbrupt, 27.5.3.3 and 27.5.3.4. */
  #resume(given: Resumption): Result {
    checkOwner(this);
    // One that was decoded, or made before the run, belongs to the first run that moves it.
    this.run ??= currentRun();
    if (this.isOver || (this.frame.pc === START && given.type !== "next")) {
      this.frame = OVER;
      if (given.type === "throw") throw given.value;
      return { value: given.type === "return" ? given.value : undefined, done: true };
    }
    // Nobody can send a value to the start of the body.
    let resumption = this.frame.pc === START ? ({ type: "next", value: undefined } as const) : given;
    try {
      for (;;) {
        if (this.delegate !== undefined) {
          const answer = this.#ask(this.delegate, resumption);
          if ("passed" in answer) return answer.passed;
          this.delegate = undefined;
          resumption = answer;
        }
        const transfer = resume(this, resumption);
        const value = taken(this.frame);
        if (transfer === RETURN) {
          this.frame = OVER;
          return { value, done: true };
        }
        if (transfer !== DELEGATE) return { value, done: false };
        resumption = this.#open(value);
      }
    } catch (thrown) {
      this.frame = OVER;
      this.delegate = undefined;
      throw thrown;
    }
  }

  /** GetIterator (7.4.3) at the `yield*`: the first call of `next` follows. */
  #open(value: unknown): Resumption {
    try {
      this.delegate = openSync(value);
      return { type: "next", value: undefined };
    } catch (thrown) {
      return this.#thrown(thrown);
    }
  }

  /** An error at a `yield*` is thrown there; one about the contract ends the turn. */
  #thrown(value: unknown): Resumption {
    if (this.run !== undefined) passCoded(this.run, value);
    return { type: "throw", value };
  }

  /** One round of `yield*` (15.5.5): a result to pass on as it is, or how the generator goes on. */
  #ask(delegate: Delegate, given: Resumption): Resumption | { readonly passed: Result } {
    const { iterator } = delegate;
    try {
      let result: unknown;
      if (given.type === "next") result = callNext(delegate, given.value);
      else {
        const method = methodOf(iterator, given.type);
        if (method !== undefined) result = Reflect.apply(method, iterator, [given.value]);
        else if (given.type === "return") return given;
        else {
          const close = methodOf(iterator, "return");
          if (close !== undefined) checkedResult(Reflect.apply(close, iterator, []));
          throw withoutThrow();
        }
      }
      const inner = checkedResult(result);
      return inner.done ? finished(given.type, inner) : { passed: passable(inner) };
    } catch (thrown) {
      return this.#thrown(thrown);
    }
  }
}

/**
 * The shell's own `yield*` passes a result on unopened, but asks once more whether it is done. Where that could be noticed, because something answers the
 * question, it gets another object, which answers the first time by itself.
 */
function passable(result: Result): Result {
  const own = Reflect.getOwnPropertyDescriptor(result, "done");
  if (own === undefined ? !("done" in result) : "value" in own && !own.value) return result;
  let asked = false;
  return {
    get done() {
      if (asked) return result.done as false;
      asked = true;
      return false;
    },
    get value() {
      return result.value;
    },
  };
}

function* shell(driver: GeneratorDriver): Generator<unknown, unknown, unknown> {
  return yield* driver as unknown as Generator<unknown, unknown, unknown>;
}

const drivers = privateField<GeneratorDriver>();

/** The driver behind a generator object of durable code; undefined: it is something else. */
export const driverOf = drivers.of;

/** %GeneratorPrototype%. */
export const GeneratorPrototype = Reflect.getPrototypeOf(shell.prototype as object)!;

/** The object that a call gives. Its shell stands at a first `yield` of its own from the beginning: whether the body has begun is the driver's matter. */
export function generatorObject(driver: GeneratorDriver, prototype: object): object {
  const generator = shell(driver);
  Reflect.setPrototypeOf(generator, prototype);
  Reflect.apply(nextOfPlatform, generator, []);
  drivers.put(generator, driver);
  return generator;
}

const nextOfPlatform = (GeneratorPrototype as { next: Function }).next;
