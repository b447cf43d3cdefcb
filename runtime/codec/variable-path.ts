/** Variable paths for messages: `checkout › order.socket`. */
import type { Encoder } from "./contract.ts";
import { Entry } from "./entry.ts";
import { propertyStep } from "./paths.ts";

const MAX_STEPS = 50;

/** Finds under which step `parent` holds `child`, by encoding it once more: steps are not kept during a walk. */
function stepTo(parent: Entry, child: Entry): string {
  let found: string | undefined;
  const look = (value: unknown, step: string) => {
    if (value === child.value) found ??= step;
    return null;
  };
  const encoder: Encoder = {
    value: look,
    property: (value, key) => look(value, propertyStep(key)),
    own: look,
    constant: () => null,
    isDurable: () => true,
    refuse: () => {
      throw new Error("refused");
    },
  };
  try {
    parent.kind.encode(parent.value as object, encoder);
  } catch {
    // The path is for people: one step less is better than another error.
  }
  return found ?? ".…";
}

const join = (path: string, step: string): string =>
  path === "" || step === "" || /^[.[ ]/.test(step) ? path + step : `${path} › ${step}`;

/** The path from the innermost frame or closure (or from the root) to a value held by `holder` under `step`. */
export function variablePath(holder: Entry | string, step: string): string {
  const steps = [step];
  let at = holder;
  for (let i = 0; at instanceof Entry; i++) {
    const label = at.kind.label?.(at.value as object);
    if (label !== undefined || i === MAX_STEPS) {
      steps.push(label ?? "…");
      break;
    }
    const { via } = at;
    steps.push(via instanceof Entry ? stepTo(via, at) : via);
    at = via;
  }
  if (typeof at === "string" && steps.length === 1) steps.push(at);
  return steps.reduceRight(join);
}
