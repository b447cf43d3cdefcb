/**
 * Signed links to tokens. A link says which token, until when, and by which key; the signature covers the first two. Whoever
 * has it may resume that one token once, and nothing else.
 */

import { duration } from "../engine/options.ts";
import { tokenIdOf } from "../engine/resume.ts";
import type { SecretKey } from "../keys.ts";
import { type Duration, milliseconds } from "../machine/operations/duration.ts";
import { callback, checkOptions, keyList, type Wanted } from "../options/check.ts";
import { triggerError } from "./messages.ts";
import { SigningKeys } from "./signing-keys.ts";

export interface TokenLinksOptions {
  /** Where the handler is mounted, absolute: `https://example.com/resume`. A query it has is kept. */
  readonly url: string | URL;
  /** The first signs, all verify. */
  readonly keys: readonly SecretKey[];
  /** How long a link is good for. Default 7 days. */
  readonly expires?: Duration;
  /** Milliseconds since the epoch. Default `Date.now`. */
  readonly now?: () => number;
}

const OPTIONS: { readonly [option in keyof TokenLinksOptions]-?: Wanted } = {
  url: {
    wanted: 'an absolute address: "https://example.com/resume"',
    fits: (value) => value instanceof URL || (typeof value === "string" && URL.canParse(value)),
    required: true,
  },
  keys: keyList,
  expires: duration(0),
  now: callback,
};

export interface TokenLinks {
  /**
   * The link that resumes a token, e.g. for the form on the page that a mail leads to.
   *
   * @throws PD2516 and PD2517 for options that cannot be meant; PD2506 for what is no id of a token: `links.to(approval.id)`, not `links.to(approval)`.
   * @example await mail(order, await links.to(approval.id, { expires: "3 days" }))
   */
  to(token: string, options?: { readonly expires?: Duration }): Promise<string>;
}

const WEEK = 7 * 86_400_000;

/** What is signed. The first line keeps a signature made for something else from meaning anything here. */
const signedText = (token: string, expires: number): string => `perdure token link 1\n${expires}\n${token}`;

/** Makes links for a {@link tokenHandler} with the same keys. Throws PD6001 for keys that cannot be used, PD2516 and PD2517 for options that cannot be meant. */
export function tokenLinks(made: TokenLinksOptions): TokenLinks {
  checkOptions("tokenLinks", made, OPTIONS);
  const { expires: lasting = WEEK, now = Date.now } = made;
  const keys = new SigningKeys(made.keys);
  return {
    async to(token, options = {}) {
      tokenIdOf(token);
      checkOptions("links.to", options, { expires: OPTIONS.expires });
      const { expires = lasting } = options;
      const until = Math.ceil((now() + milliseconds(expires)) / 1000);
      const { key, text } = await keys.sign(signedText(token, until));
      const url = new URL(made.url);
      for (const [name, value] of Object.entries({ token, expires: String(until), key, signature: text }))
        url.searchParams.set(name, value);
      return url.href;
    },
  };
}

/** The token of a link. Throws PD6002 and PD6003; what has expired is only told to those whose signature is right. */
export async function tokenOfLink(url: URL, keys: SigningKeys, now: number): Promise<string> {
  const [token, expires, key, signature] = ["token", "expires", "key", "signature"].map((name) => {
    const values = url.searchParams.getAll(name);
    return values.length === 1 ? values[0]! : "";
  }) as [string, string, string, string];
  const until = /^[1-9]\d{0,11}$/.test(expires) ? Number(expires) : Number.NaN;
  const right = token !== "" && (await keys.verify(signedText(token, until), { key, text: signature }));
  if (!right) throw triggerError("PD6002");
  if (until * 1000 <= now) throw triggerError("PD6003", { when: new Date(until * 1000).toISOString() });
  return token;
}
