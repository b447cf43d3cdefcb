/** Errors of an encrypted store: PD39xx. */
import type { MessageTable } from "../../errors.ts";
import { storeErrors } from "../messages.ts";

export const messages = {
  PD3901: {
    slug: "encryption-key-not-usable",
    text: "the encryption keys cannot be used: %why%",
    fix: 'give at least one key as { id: "2026-11", secret }, each id once, with 32 or more random bytes as secret (`openssl rand -hex 32`)',
  },
  PD3902: {
    slug: "encryption-key-unknown",
    text: "%what% was encrypted with the key %key%, which is not in the list",
    fix: "put that key back into `keys`, after the one that encrypts now, and keep it as long as what it encrypted is stored",
  },
  PD3903: {
    slug: "ciphertext-not-authentic",
    text: "%what% cannot be decrypted: it is not what was written in that place",
    fix: "restore the store from a backup; if the secret of a key was exchanged under its old id, put the right one back",
  },
  PD3904: {
    slug: "text-not-encrypted",
    text: "%what% is not encrypted",
    fix: 'if the store was used before it was encrypted, read it with `encrypted(store, { keys, plaintext: "read" })` until those runs have ended',
  },
} as const satisfies MessageTable;

const error = storeErrors(messages, ["PD3901", "PD3902", "PD3903", "PD3904"]);

export const keyError = (why: string) => error("PD3901", "refused", { why });

/** The saved state of one run cannot be read here: that run is blocked, others go on. */
export const unreadable = (code: "PD3902" | "PD3903" | "PD3904", details: Record<string, string>, cause?: unknown) =>
  Object.assign(error(code, "refused", details, cause), { unreadable: true });
