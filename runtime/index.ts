/** `perdure`: what durable code and host code import. */
export { type Codec, type CodecDefinition, codec } from "./codec/user-codec.ts";
export { createEngine } from "./engine/create-engine.ts";
export type { Engine, EngineOptions } from "./engine/engine.ts";
export type { CancelOutcome, RunHandle, RunStatus, RunSummary } from "./engine/handle.ts";
export type { EngineEvent, Observer, WorkOptions } from "./engine/options.ts";
export type { ResumeOutcome } from "./engine/resume.ts";
export { isPerdureError, PerdureError } from "./errors.ts";
export type { FetchOptions, RetryPolicy } from "./machine/contract.ts";
export { CancelledError, TimeoutError } from "./machine/operations/cancelled.ts";
export type { Duration } from "./machine/operations/duration.ts";
export { step } from "./machine/operations/explicit-step.ts";
export type { Retry, StepOptions } from "./machine/operations/retry.ts";
export { sleep } from "./machine/operations/sleep.ts";
export { type ChildRun, type StartOptions, start } from "./machine/operations/start.ts";
export { type CurrentStep, currentStep } from "./machine/operations/step-context.ts";
export { type Token, token } from "./machine/operations/token.ts";
export type * from "./store/store.ts";
