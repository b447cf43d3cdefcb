/** Calls that once lost a message, a base or a worker, where they did; all calls in all situations are in `preemption-whole.test.ts`. */
import { CALLS, SITUATIONS } from "./preemption/calls.ts";
import { preempting } from "./preemption/cases.ts";

const only = <T extends { readonly name: string }>(all: readonly T[], ...names: readonly string[]): T[] =>
  all.filter(({ name }) => names.includes(name));

preempting(only(SITUATIONS, "given back and claimed again, with mail"), only(CALLS, "a base", "a turn with a result"));
preempting(only(SITUATIONS, "due"), only(CALLS, "sweep"));
