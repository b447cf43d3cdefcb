/**
 * Patterns of asynchronous code, as ordinary durable functions: each keeps its state in the run that calls it, survives the death of the process at
 * any moment, and is a plain async function outside a run.
 */
export { TimeoutError } from "perdure";
export type { BackoffOptions } from "./backoff.ts";
export { type Debounced, type DebounceOptions, debounce } from "./debounce.ts";
export { type Limiter, type LimiterOptions, limiter } from "./limiter.ts";
export { type MapOptions, map } from "./map.ts";
export { type PollOptions, type Present, pollUntil } from "./poll-until.ts";
export { type RetryOptions, retry } from "./retry.ts";
export { type Compensate, type SagaOptions, saga } from "./saga.ts";
export { type TimeoutOptions, timeout } from "./timeout.ts";
