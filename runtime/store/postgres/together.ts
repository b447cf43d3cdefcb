/**
 * Calls that ask the same of different runs: those that are made while a few statements are under way leave together in the next. One that comes alone leaves
 * at once.
 */
import { isStoreFailure } from "../messages.ts";

interface Call<In, Out> {
  readonly asked: In;
  readonly resolve: (answer: Out) => void;
  readonly reject: (error: unknown) => void;
}

/** The answer of each, in the order asked; what it throws concerns that one alone. */
type Send<In, Out> = (many: readonly In[]) => Promise<readonly (() => Out)[]>;

/** Statements under way at once: one whose answer takes long does not hold up all others. */
const AT_ONCE = 2;
/** Characters that the calls of a statement bring, unless it is one that brings more. */
const WEIGHT = 4 * 1024 * 1024;

export class Together<In, Out> {
  readonly #send: Send<In, Out>;
  readonly #most: number;
  readonly #weigh: (asked: In) => number;
  #waiting: Call<In, Out>[] = [];
  #underway = 0;
  #leaving = false;

  /** `most` calls in a statement. */
  constructor(most: number, send: Send<In, Out>, weigh: (asked: In) => number = () => 0) {
    this.#most = most;
    this.#send = send;
    this.#weigh = weigh;
  }

  ask(asked: In): Promise<Out> {
    return new Promise((resolve, reject) => {
      this.#waiting.push({ asked, resolve, reject });
      this.#leaveSoon();
    });
  }

  /** After those who ask in the same turn of the event loop. */
  #leaveSoon(): void {
    if (this.#leaving || this.#underway >= AT_ONCE) return;
    this.#leaving = true;
    queueMicrotask(() => {
      this.#leaving = false;
      void this.#leave(this.#next());
    });
  }

  #next(): readonly Call<In, Out>[] {
    let count = 0;
    let weight = 0;
    for (const { asked } of this.#waiting) {
      weight += this.#weigh(asked);
      if (count === this.#most || (count > 0 && weight > WEIGHT)) break;
      count++;
    }
    return this.#waiting.splice(0, count);
  }

  async #leave(calls: readonly Call<In, Out>[]): Promise<void> {
    this.#underway++;
    // What was too much for one statement goes into another, as far as there may be one.
    if (this.#waiting.length > 0) this.#leaveSoon();
    await this.#answer(calls);
    this.#underway--;
    if (this.#waiting.length > 0) this.#leaveSoon();
  }

  async #answer(calls: readonly Call<In, Out>[]): Promise<void> {
    try {
      const answers = await this.#send(calls.map(({ asked }) => asked));
      for (const [n, { resolve, reject }] of calls.entries()) {
        try {
          resolve(answers[n]!());
        } catch (error) {
          reject(error);
        }
      }
    } catch (error) {
      // Nothing was done, and one of them may be why: each is told of its own.
      if (calls.length > 1 && isStoreFailure(error) && error.outcome === "refused")
        await Promise.all(calls.map((call) => this.#answer([call])));
      else for (const { reject } of calls) reject(error);
    }
  }
}
