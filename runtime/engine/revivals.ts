/** Which blocked runs a worker tries again by itself: perhaps what has blocked them is mended by what is linked here. */
import type { CodeDigest } from "../abi/index.ts";
import type { RunHead } from "../store/store.ts";
import { parseReason } from "./reason.ts";

interface Tried {
  readonly position: number;
  readonly next: number;
  readonly wait: number;
}

const LONGEST = 86_400_000;
const MOST = 10_000;

/**
 * A run is tried again where all its code is linked, and where it has not yet failed in this environment. Who revives a run is not sure to get it: another
 * worker may, fail in its own environment, and leave no sign of the earlier ones. So while a run stays where it is, this worker revives it ever more rarely: the step before the failure
 * is repeated each time.
 */
export class Revivals {
  readonly #tried = new Map<string, Tried>();

  /** @param first ms until the second attempt; each wait is twice the one before */
  isDue(
    { incarnation, position, codes, reason }: RunHead,
    here: { readonly environment: string; readonly linked: ReadonlySet<CodeDigest>; readonly now: number },
    first: number,
  ): boolean {
    if (parseReason(reason)?.tried?.includes(here.environment)) return false;
    if (codes.some((code) => !here.linked.has(code))) return false;
    const before = this.#tried.get(incarnation);
    const stays = before?.position === position ? before : undefined;
    // Also when the clock was set back by more than the wait.
    if (stays !== undefined && here.now < stays.next && here.now > stays.next - 2 * stays.wait) return false;
    const wait = stays === undefined ? first : Math.min(LONGEST, stays.wait * 2);
    this.#tried.delete(incarnation);
    if (this.#tried.size >= MOST) this.#tried.delete(this.#tried.keys().next().value!);
    this.#tried.set(incarnation, { position, next: here.now + wait, wait });
    return true;
  }
}
