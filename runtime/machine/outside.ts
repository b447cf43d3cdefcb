/** What is made while no run is about anything: what modules make when they are evaluated, as a rule. */
import { currentRun } from "./current-run.ts";
import { reviving } from "./reviving.ts";

/** Does what is made now belong to no run? What a load makes again is a run's. */
export const isOutside = (): boolean => currentRun() === undefined && !reviving();
