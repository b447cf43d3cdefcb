/** Signals of the platform that stand in steps for signals of a run. Volatile: an attempt makes its own. */
import type { Run } from "../run.ts";

interface Known {
  readonly signal: WeakRef<{ readonly aborted: boolean; readonly reason: unknown }>;
  readonly controllers: Set<AbortController>;
}

const ofRun = new WeakMap<Run, Map<string, Known>>();

/** A signal of the run exists in memory under this id. */
export function knowSignal(
  run: Run,
  signal: { readonly aborted: boolean; readonly reason: unknown },
  id: string,
): void {
  let known = ofRun.get(run);
  if (known === undefined) ofRun.set(run, (known = new Map()));
  known.set(id, { signal: new WeakRef(signal), controllers: new Set() });
}

/**
 * A signal of the platform that aborts when the run's signal does: at once, when it had before the call. A step that is made again after that aborts soon after it has begun, as it
 * did before: code that listens, and does not ask, would wait for ever.
 */
export function linkedSignal(run: Run, id: string, aborted: boolean, reason: unknown): AbortSignal {
  const controller = new AbortController();
  const known = ofRun.get(run)?.get(id);
  const now = known?.signal.deref();
  if (aborted) controller.abort(reason);
  else if (now?.aborted) run.host.after(0, () => controller.abort(now.reason));
  else known?.controllers.add(controller);
  return controller.signal;
}

/** The run has aborted its signal: so do those in the steps under way. */
export function abortLinked(run: Run, id: string, reason: unknown): void {
  const known = ofRun.get(run)?.get(id);
  if (known === undefined) return;
  const controllers = [...known.controllers];
  known.controllers.clear();
  for (const controller of controllers) controller.abort(reason);
}
