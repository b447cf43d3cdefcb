/** The pages of the codes in `messages.ts`. Nothing imports them at run time: `npm run generate` prints them to `docs/errors`. */
import type { MessagePages } from "../../errors.ts";

export const pages = {
  PD3901: `Every run has an AES-256-GCM key of its own, derived from the secret (HKDF, RFC 5869) and its incarnation. The first key of the list
encrypts, every key of the list decrypts. To rotate, put the new key first; keep the old one as long as runs that it encrypted are stored.`,
  PD3902:
    "The name of the key stands before the ciphertext. Nothing can be read without its secret; the run is kept as it is.",
  PD3903: `AES-GCM authenticates the text together with the place where it belongs: the run, its incarnation, the position of the segment. A text that was changed,
moved to another run or position, or encrypted with another secret of the same name does not decrypt.`,
  PD3904: "Whoever can write the store could otherwise put a text of their own in the place of an encrypted one.",
} as const satisfies MessagePages;
