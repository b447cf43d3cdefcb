/**
 * Sets of code digests. A run's row holds the number of its set: the sets are few and long, the turns many. Numbers are never used
 * again, so what one stands for may be remembered; a set that no run needs may be deleted (`sweep`), so every statement that writes
 * a number makes sure that it is still there.
 */
import { createHash } from "node:crypto";
import { Damaged, readCodes } from "../saved.ts";
import type { Query, Session } from "./session.ts";

const INTERN = `WITH made AS (INSERT INTO perdure.codesets (digest, codes) VALUES ($1, $2) ON CONFLICT (digest) DO NOTHING RETURNING id)
  SELECT id FROM made UNION ALL SELECT id FROM perdure.codesets WHERE digest = $1`;

/** As JSON; undefined when all are known. For statements whose $1 holds the numbers that are known. */
export const UNKNOWN_SETS =
  "(SELECT json_agg(json_build_array(id, codes)) FROM perdure.codesets WHERE NOT id = ANY($1::integer[]))";

const listOf = (codes: readonly string[]): string =>
  JSON.stringify(codes.length < 2 ? codes : [...new Set(codes)].sort());

export class CodeSets {
  /** Null: damaged. Nobody links that, and those who list the runs that need it are told. */
  readonly #codes = new Map<number, readonly string[] | null>();
  readonly #numbers = new Map<string, number>();

  /** The set's number, as far as is known; it may have been deleted since. */
  known(codes: readonly string[]): number | undefined {
    return this.#numbers.get(listOf(codes));
  }

  async intern(session: Session, method: string, codes: readonly string[]): Promise<number> {
    const list = listOf(codes);
    const known = this.#numbers.get(list);
    if (known !== undefined) return known;
    const digest = createHash("sha256").update(list).digest("hex");
    for (;;) {
      const [made] = await session.query(method, INTERN, digest, list);
      // None: another connection made it after this statement had begun.
      if (made === undefined) continue;
      const id = Number(made[0]);
      this.#numbers.set(list, id);
      return id;
    }
  }

  /** The set is gone: it has to be made again. */
  forget(codes: readonly string[]): void {
    this.#numbers.delete(listOf(codes));
  }

  get ids(): number[] {
    return [...this.#codes.keys()];
  }

  /** Takes in what {@link UNKNOWN_SETS} gave; true when there was something. */
  learn(json: string | null): boolean {
    if (json === null) return false;
    for (const [id, codes] of JSON.parse(json) as [number, unknown][]) this.#codes.set(id, linkable(codes));
    return true;
  }

  /** Numbers of the sets that are wholly linked. */
  linked(codes: ReadonlySet<string>): number[] {
    return this.#where((set) => set.every((code) => codes.has(code)));
  }

  /** Of those that are not. */
  unlinked(codes: ReadonlySet<string>): number[] {
    return this.#where((set) => !set.every((code) => codes.has(code)));
  }

  #where(is: (set: readonly string[]) => boolean): number[] {
    const found: number[] = [];
    for (const [id, set] of this.#codes) if (set !== null && is(set)) found.push(id);
    return found;
  }
}

function linkable(codes: unknown): readonly string[] | null {
  try {
    return readCodes(codes);
  } catch (error) {
    if (error instanceof Damaged) return null;
    throw error;
  }
}

/** Sets of codes are few; only when versions have piled up is it worth a look for those that no run needs. */
const MANY = 256;

/** Waits for every statement that has looked at a set, so that none writes a number that goes. */
export async function sweepCodeSets(query: Query): Promise<void> {
  const [row] = await query("SELECT count(*) FROM perdure.codesets");
  if (Number(row![0]) <= MANY) return;
  await query("LOCK TABLE perdure.codesets IN ACCESS EXCLUSIVE MODE");
  await query(
    "DELETE FROM perdure.codesets WHERE NOT EXISTS (SELECT FROM perdure.runs WHERE runs.codes = codesets.id)",
  );
}
