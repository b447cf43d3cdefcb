/** `perdure`: what durable code and host code import. */
export type { Position } from "./abi/index.ts";
export type { Limits } from "./codec/contract.ts";
export {
  type Class,
  type Codec,
  type CodecDefinition,
  codec,
  type DecodingCodec,
  type FillingCodec,
  type PropertiesCodec,
} from "./codec/user-codec.ts";
export { createEngine } from "./engine/create-engine.ts";
export type { Engine, EngineOptions } from "./engine/engine.ts";
export type { CancelOutcome, RunHandle, RunSummary } from "./engine/handle.ts";
export type { Failpoint, Heartbeat, HeartbeatRequest, Hint, Hints, Host } from "./engine/host.ts";
export type { WorkMetrics } from "./engine/meter.ts";
export type { Metrics } from "./engine/metrics.ts";
export type { EngineEvent, Observer, WorkOptions } from "./engine/options.ts";
export type { Reason } from "./engine/reason.ts";
export type { ResumeOutcome } from "./engine/resume.ts";
export type { SendOptions, SendOutcome } from "./engine/send.ts";
export { isPerdureError, PerdureError } from "./errors.ts";
export type { FetchOptions, RetryPolicy, SourcePlace, StackEntry } from "./machine/contract.ts";
export { CancelledError, TimeoutError } from "./machine/operations/cancelled.ts";
export type { Duration } from "./machine/operations/duration.ts";
export { step } from "./machine/operations/explicit-step.ts";
export { receive } from "./machine/operations/receive.ts";
export { resource } from "./machine/operations/resource.ts";
export type { Retry, StepOptions } from "./machine/operations/retry.ts";
export { type CurrentRun, currentRun } from "./machine/operations/run-context.ts";
export { sleep } from "./machine/operations/sleep.ts";
export { type ChildRun, type StartOptions, start } from "./machine/operations/start.ts";
export { type CurrentStep, currentStep } from "./machine/operations/step-context.ts";
export { type Token, token } from "./machine/operations/token.ts";
export { type TransactionOptions, transaction } from "./machine/operations/transaction.ts";
export type * from "./store/store.ts";
