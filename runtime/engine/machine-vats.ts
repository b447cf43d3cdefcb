/** The vats of compiled durable functions: the engine's everyday {@link VatFactory}. */
import { FORMAT_VERSION } from "../abi/index.ts";
import { linkedCodes } from "../machine/registry.ts";
import { closureOf } from "../machine/stamp.ts";
import { decodeOutcome, encodeValue, failureOutcome } from "../machine/values.ts";
import { Vat } from "../machine/vat.ts";
import { digest } from "./digest.ts";
import type { VatFactory } from "./vats.ts";

export function machineVats(provided: Readonly<Record<string, unknown>>): VatFactory {
  return {
    codeOf: (fn) => closureOf(fn)?.code.id,
    argumentText: (args) => encodeValue(args, provided, "args"),
    create: (host, request) => Vat.create(host, request),
    createChild: (host, operation) => Vat.createChild(host, operation),
    load: (host, request) => Vat.load(host, request),
    linked: linkedCodes,
    environment: () =>
      digest([FORMAT_VERSION, ...Object.keys(provided).sort(), ...[...linkedCodes()].sort()].join("\n")),
    failure: (error) => {
      // An ordinary error for the parent: it carries code, fix and page in its text.
      const plain = new Error(error.message);
      plain.name = error.name;
      return failureOutcome(plain);
    },
    decode: (outcome) => decodeOutcome(outcome, provided),
  };
}
