/**
 * The pending operations that a run waits for, in buckets: arrays that are saved like any other, so that a save writes only the buckets that changed.
 * Timers and tokens are in none while nobody waits: their promise keeps them, if anything reaches it.
 */

import { Pending } from "./pending.ts";

const BUCKET_SIZE = 64;
const bucketOf = (number: number): number => Math.floor(number / BUCKET_SIZE);

export class StrongOperations {
  buckets: Pending[][] = [];
  readonly #listed = new Map<number, Pending>();
  readonly #byNumber = new Map<number, Pending[]>();

  /** Brings the buckets in line with what is pending. `isStrong`: is it kept whatever else reaches it? */
  update(pending: ReadonlyMap<number, Pending>, isStrong: (one: Pending) => boolean): void {
    for (const [number, listed] of this.#listed) {
      const now = pending.get(number);
      if (now !== listed || !isStrong(now)) this.#remove(number, listed);
    }
    for (const [number, one] of pending) if (!this.#listed.has(number) && isStrong(one)) this.#add(number, one);
  }

  /** Takes over the buckets that a segment holds, with operations that are pending. False: they are none. */
  adopt(buckets: unknown, pending: ReadonlyMap<number, Pending>): boolean {
    if (!Array.isArray(buckets)) return false;
    for (const bucket of buckets as unknown[]) {
      if (!Array.isArray(bucket) || bucket.length === 0) return false;
      for (const one of bucket as unknown[]) {
        if (
          !(one instanceof Pending) ||
          pending.get(one.operation.number) !== one ||
          this.#listed.has(one.operation.number)
        )
          return false;
        this.#listed.set(one.operation.number, one);
        const known = this.#byNumber.get(bucketOf(one.operation.number));
        if (known !== undefined && known !== bucket) return false;
        this.#byNumber.set(bucketOf(one.operation.number), bucket as Pending[]);
      }
    }
    this.buckets = buckets as Pending[][];
    return true;
  }

  #add(number: number, one: Pending): void {
    const key = bucketOf(number);
    let bucket = this.#byNumber.get(key);
    if (bucket === undefined) {
      this.#byNumber.set(key, (bucket = []));
      this.buckets.push(bucket);
    }
    bucket.push(one);
    this.#listed.set(number, one);
  }

  #remove(number: number, one: Pending): void {
    const key = bucketOf(number);
    const bucket = this.#byNumber.get(key)!;
    bucket.splice(bucket.indexOf(one), 1);
    this.#listed.delete(number);
    if (bucket.length > 0) return;
    this.#byNumber.delete(key);
    this.buckets.splice(this.buckets.indexOf(bucket), 1);
  }
}
