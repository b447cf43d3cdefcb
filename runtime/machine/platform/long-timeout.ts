/** The platform's timers, for any length: theirs fire at once beyond 2^31 - 1 ms (24.8 days). */

/** The longest delay that a platform timer takes. */
export const LONGEST = 2 ** 31 - 1;

/** What a timer of the platform is: an object in Node, a number elsewhere. */
export type PlatformHandle = ReturnType<typeof globalThis.setTimeout>;

/** A timer longer than the platform's, made of several. It has the methods of Node's own. */
export class LongTimeout {
  readonly #callback: () => void;
  readonly #delay: number;
  #end = 0;
  #refed = true;
  #current: PlatformHandle | undefined;

  constructor(callback: () => void, delay: number) {
    this.#callback = callback;
    this.#delay = delay;
    this.refresh();
  }

  #arm(): void {
    const left = this.#end - Date.now();
    const last = left <= LONGEST;
    this.#current = globalThis.setTimeout(
      () => (last ? this.#fire() : this.#arm()),
      Math.max(0, Math.min(left, LONGEST)),
    );
    if (!this.#refed) this.#current.unref?.();
  }

  #fire(): void {
    this.#current = undefined;
    this.#callback();
  }

  ref(): this {
    this.#refed = true;
    this.#current?.ref?.();
    return this;
  }

  unref(): this {
    this.#refed = false;
    this.#current?.unref?.();
    return this;
  }

  hasRef(): boolean {
    return this.#refed;
  }

  refresh(): this {
    this.close();
    this.#end = Date.now() + this.#delay;
    this.#arm();
    return this;
  }

  close(): this {
    if (this.#current !== undefined) globalThis.clearTimeout(this.#current);
    this.#current = undefined;
    return this;
  }

  [Symbol.dispose](): void {
    this.close();
  }
}

/** `setTimeout` of the platform, of any length. The global is looked up at each call, so that fake timers work. */
export const platformTimeout = (callback: () => void, delay: number): PlatformHandle | LongTimeout =>
  delay > LONGEST && Number.isFinite(delay)
    ? new LongTimeout(callback, delay)
    : globalThis.setTimeout(callback, Math.max(0, delay));
