/**
 * Whether the result of an attempt is still wanted. The platform's `AbortSignal` for it is only made when ordinary code asks for one: making and
 * linking it costs more than all else about a short step.
 */
export class Abortion {
  #aborted: { readonly reason: unknown } | undefined;
  #controller: AbortController | undefined;

  get signal(): AbortSignal {
    if (this.#controller === undefined) {
      this.#controller = new AbortController();
      if (this.#aborted !== undefined) this.#controller.abort(this.#aborted.reason);
    }
    return this.#controller.signal;
  }

  /** Only the first call counts. */
  abort(reason: unknown): void {
    if (this.#aborted !== undefined) return;
    this.#aborted = { reason };
    this.#controller?.abort(reason);
  }
}
