/**
 * The pending operations that a run waits for. A few are listed in the run's root, which every save writes; more stand in buckets: arrays that are
 * saved like any other, so that a save writes only the buckets that changed. Timers and tokens are in neither while nobody waits: their promise
 * keeps them, if anything reaches it.
 */

import { Pending } from "./pending.ts";

const FEW = 8;
const BUCKET_SIZE = 64;
const bucketOf = (number: number): number => Math.floor(number / BUCKET_SIZE);

export class StrongOperations {
  /** Empty while there are few. */
  buckets: Pending[][] = [];
  readonly #listed = new Map<number, Pending>();
  readonly #byNumber = new Map<number, Pending[]>();

  /** All of them, when they are few. */
  get few(): readonly Pending[] | undefined {
    return this.buckets.length === 0 ? [...this.#listed.values()] : undefined;
  }

  /** Brings the lists in line with what is pending. `isStrong`: is it kept whatever else reaches it? */
  update(pending: ReadonlyMap<number, Pending>, isStrong: (one: Pending) => boolean): void {
    for (const [number, listed] of this.#listed) {
      const now = pending.get(number);
      if (now !== listed || !isStrong(now)) this.#remove(number, listed);
    }
    for (const [number, one] of pending) if (!this.#listed.has(number) && isStrong(one)) this.#add(number, one);
  }

  /** Takes over what a segment holds in the place of {@link few}. False: it is no list of operations that are pending. */
  adoptFew(few: readonly unknown[], pending: ReadonlyMap<number, Pending>): boolean {
    return few.length <= FEW && few.every((one) => this.#adoptOne(one, pending));
  }

  /** Takes over the buckets that a segment holds. False: they are none, or of operations that are not pending. */
  adopt(buckets: unknown, pending: ReadonlyMap<number, Pending>): boolean {
    if (!Array.isArray(buckets)) return false;
    for (const bucket of buckets as unknown[]) {
      if (!Array.isArray(bucket) || bucket.length === 0) return false;
      for (const one of bucket as unknown[]) {
        if (!this.#adoptOne(one, pending)) return false;
        const key = bucketOf((one as Pending).operation.number);
        const known = this.#byNumber.get(key);
        if (known !== undefined && known !== bucket) return false;
        this.#byNumber.set(key, bucket as Pending[]);
      }
    }
    this.buckets = buckets as Pending[][];
    return true;
  }

  #adoptOne(one: unknown, pending: ReadonlyMap<number, Pending>): boolean {
    if (!(one instanceof Pending)) return false;
    const { number } = one.operation;
    if (pending.get(number) !== one || this.#listed.has(number)) return false;
    this.#listed.set(number, one);
    return true;
  }

  #add(number: number, one: Pending): void {
    this.#listed.set(number, one);
    if (this.buckets.length > 0) this.#put(number, one);
    else if (this.#listed.size > FEW) for (const [each, listed] of this.#listed) this.#put(each, listed);
  }

  #put(number: number, one: Pending): void {
    const key = bucketOf(number);
    let bucket = this.#byNumber.get(key);
    if (bucket === undefined) {
      this.#byNumber.set(key, (bucket = []));
      this.buckets.push(bucket);
    }
    bucket.push(one);
  }

  #remove(number: number, one: Pending): void {
    this.#listed.delete(number);
    if (this.buckets.length === 0) return;
    if (this.#listed.size <= FEW) {
      this.buckets = [];
      this.#byNumber.clear();
      return;
    }
    const key = bucketOf(number);
    const bucket = this.#byNumber.get(key)!;
    bucket.splice(bucket.indexOf(one), 1);
    if (bucket.length > 0) return;
    this.#byNumber.delete(key);
    this.buckets.splice(this.buckets.indexOf(bucket), 1);
  }
}
