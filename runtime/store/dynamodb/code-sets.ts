/** Sets of codes, each kept once under the digest of what it holds. They never change, so what was read once is known. */
import type { CodeDigest } from "../../abi/index.ts";
import { Damaged, damaged, readCodes } from "../saved.ts";
import { ABSENT, item, keyText, textOf } from "./items.ts";
import { bytes, codesId, codesKey } from "./keys.ts";
import { dynamodbError } from "./messages.ts";
import type { Wire } from "./wire.ts";

const LIMIT = 380_000;
const MANY = 10_000;

export class CodeSets {
  readonly #wire: Wire;
  readonly #known = new Map<string, readonly CodeDigest[]>();
  /** Texts of sets that were named before, so that a turn need not digest its own. */
  readonly #named = new Map<string, string>();

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** The set's name, after making sure that the table has it. */
  async name(codes: readonly CodeDigest[]): Promise<string> {
    const text = JSON.stringify(codes);
    const named = this.#named.get(text);
    if (named !== undefined) return named;
    const size = bytes(text);
    if (size > LIMIT) {
      const details = { what: "the set of codes that a run refers to", bytes: String(size), limit: String(LIMIT) };
      throw dynamodbError("PD3306", "refused", details);
    }
    // Order is part of it: `codes` comes back as it was given.
    const id = codesId(codes);
    await this.#wire.write({ type: "put", item: item({ ...codesKey(id), codes: text }), condition: ABSENT });
    if (this.#named.size >= MANY) this.#named.clear();
    this.#named.set(text, id);
    return id;
  }

  async get(id: string): Promise<readonly CodeDigest[]> {
    await this.learn([id]);
    return this.#known.get(id) ?? damaged(`the set of codes ${id} is missing, or no list of texts`);
  }

  /** Afterwards {@link linked} knows them, but for those that are missing or damaged. */
  async learn(ids: Iterable<string>): Promise<void> {
    const missing = [...new Set(ids)].filter((id) => !this.#known.has(id));
    if (missing.length === 0) return;
    const found = await this.#wire.getMany(missing.map(codesKey));
    if (this.#known.size >= MANY) this.#known.clear();
    for (const id of missing) {
      const set = found.get(keyText(codesKey(id)));
      try {
        if (set !== undefined) this.#known.set(id, Object.freeze(readCodes(textOf(set, "codes"))));
      } catch (error) {
        // Nobody links what nobody can read. Those who ask for a run that needs it are told.
        if (!(error instanceof Damaged)) throw error;
      }
    }
  }

  /** All codes of a set that was learned are among these. */
  linked(id: string, codes: ReadonlySet<CodeDigest>): boolean {
    return this.#known.get(id)?.every((code) => codes.has(code)) === true;
  }
}
