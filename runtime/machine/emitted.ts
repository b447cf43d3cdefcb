/** `perdure/emitted`: what generated code calls, and nothing else (docs/abi.md). Not for people: its names follow the compiler. */
export { cell, check, constant, copy, fixed, TDZ, tdz, unassignable } from "./cells.ts";
export { constructed, constructing } from "./construction.ts";
export { Promise } from "./current-run.ts";
export { disposables, suppress, use, useAsync } from "./disposal.ts";
export { enumerate } from "./enumerate.ts";
export { accessor, executor, key, named, noConstructor, rest } from "./expressions.ts";
export { closeAsync, closed, closeFailed, iterateAsync, nextAsync, received } from "./generators/async-loop.ts";
export { close, closeQuietly, iterate, next } from "./iterate.ts";
export { home, invoke, member, superDelete, superGet, superRef, superSet } from "./members.ts";
export { type Machine, ModuleScope, module } from "./module.ts";
export { iterator } from "./own-iterator.ts";
export { AbortController, AbortSignal } from "./platform/abort-globals.ts";
export { fetch } from "./platform/fetch.ts";
export { nextTick, queueMicrotask } from "./platform/microtasks.ts";
export {
  clearImmediate,
  clearInterval,
  clearTimeout,
  setImmediate,
  setInterval,
  setTimeout,
} from "./platform/timers.ts";
export { reviving } from "./reviving.ts";
export { isDurable } from "./stamp.ts";
export { await, delegate, endFinally, jump, leave, return, start, yield } from "./transfers.ts";
