/** Every call of the store's contract about one run, in every situation, preempted between any two of its requests by every other. */
import { CALLS, SITUATIONS } from "./preemption/calls.ts";
import { preempting } from "./preemption/cases.ts";

preempting(SITUATIONS, CALLS);
