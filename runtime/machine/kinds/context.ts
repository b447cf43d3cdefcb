/** What the kinds of one heap share: the run whose objects they are, and what a save or load gathers on the way. */
import type { CodeDigest } from "../../abi/index.ts";
import type { Decoder, Json } from "../../codec/contract.ts";
import { runError as error } from "../messages.ts";
import { type Code, currentDigest, findCode, findInClass } from "../registry.ts";
import type { Run } from "../run.ts";
import { RUNTIME } from "../runtime-code.ts";
import { closureOf } from "../stamp.ts";

export class KindContext {
  /** Undefined for heaps that hold plain values only: arguments and outcomes. */
  readonly run: Run | undefined;
  /** Digests of the codes that the walk has met. */
  codes = new Set<CodeDigest>();
  /** To be done when every object of a segment is filled. */
  readonly whenLoaded: (() => void)[] = [];

  constructor(run: Run | undefined) {
    this.run = run;
  }

  /** A function of a module, saved by name: the run needs some version of it. */
  needs(value: unknown): void {
    const code = typeof value === "function" ? closureOf(value)?.code : undefined;
    if (code !== undefined && code.instance === value && code.module.name !== RUNTIME)
      this.codes.add(currentDigest(code.id));
  }

  /** The same of a digest. */
  coded<K extends Code["kind"]>(
    kinds: readonly K[],
    digest: string,
    owner: Json | undefined,
    decoder: Decoder,
  ): Extract<Code, { kind: K }> {
    const at = digest.lastIndexOf("@");
    if (at < 0) return decoder.corrupt("a code is not named");
    return this.code(kinds, [digest.slice(0, at), digest.slice(at + 1), owner], decoder);
  }

  /** The code that a node names, in the nested class that it names, if any. PD2401 when it is not linked here. */
  code<K extends Code["kind"]>(
    kinds: readonly K[],
    [id, fingerprint, owner]: readonly [id: Json | undefined, fingerprint: Json | undefined, owner?: Json | undefined],
    decoder: Decoder,
  ): Extract<Code, { kind: K }> {
    if (typeof id !== "string" || typeof fingerprint !== "string") return decoder.corrupt("a code is not named");
    const digest = `${id}@${fingerprint}`;
    // Making the class registers what stands in it.
    const home = owner === undefined ? undefined : decoder.value(owner);
    const code = typeof home === "function" ? findInClass(home, digest) : findCode(id, fingerprint);
    if (code === undefined) throw error("PD2401", { code: digest });
    if (!(kinds as readonly string[]).includes(code.kind)) return decoder.corrupt(`${id} is a ${code.kind}`);
    return code as Extract<Code, { kind: K }>;
  }
}

/** The elements of a node's payload. */
export function listOf(payload: Json | undefined, decoder: Decoder, what: string): readonly Json[] {
  if (!Array.isArray(payload)) return decoder.corrupt(`${what} has no known form`);
  return payload;
}
