/**
 * Is each run a linearizable register? What processes asked of it and heard, with when they asked and when they heard, must be what one register
 * would have answered that does each call at one instant in between. Runs are judged one by one, since linearizability is local (Herlihy and
 * Wing, TOPLAS 1990, theorem 1); the search is Wing and Gong's with the memory of Lowe (CCPE 2017): of two orders that have placed the same
 * calls and left the same state, one is followed.
 */
import { type Commit, DORMANT, ENDED, type Ending, type Lease } from "../../store/store.ts";
import type { History, RegisterCall } from "./history.ts";
import type { Verdict } from "./verdict.ts";

/** What of a run the calls can tell apart. */
interface Register {
  readonly incarnation: string;
  readonly epoch: number;
  readonly owner: string | null;
  readonly position: number;
  readonly consumed: number;
  readonly inboxSeq: number;
  readonly ended: boolean;
  readonly lastCommit: string | null;
  readonly keys: readonly string[];
}
type State = Register | null;

/** What the register does and answers; null: it cannot be here. */
type Step = { readonly state: State; readonly answer: string } | null;

const holds = (state: State, lease: Lease): state is Register =>
  state !== null &&
  state.incarnation === lease.incarnation &&
  state.epoch === lease.epoch &&
  state.owner === lease.worker;

function commit(state: State, one: Commit): Step {
  if (state?.incarnation === one.lease.incarnation && state.lastCommit === one.commitId)
    return { state, answer: `ok ${state.position}` };
  const follows =
    holds(state, one.lease) &&
    one.position === state.position &&
    one.consumed >= state.consumed &&
    one.consumed <= state.inboxSeq;
  if (!follows) return { state, answer: "fenced" };
  const ended = ENDED.has(one.status);
  const position = state.position + (one.segment === null ? 0 : 1);
  const owner = one.release || ended || DORMANT.has(one.status) ? null : state.owner;
  const after = { ...state, position, consumed: one.consumed, owner, ended, lastCommit: one.commitId };
  return { state: after, answer: `ok ${position}` };
}

function end(state: State, one: Ending): Step {
  if (state?.incarnation !== one.incarnation) return { state, answer: "gone" };
  if (state.lastCommit === one.commitId) return { state, answer: "ended" };
  if (state.ended) return { state, answer: "gone" };
  if (state.position !== one.position) return { state, answer: "moved" };
  return { state: { ...state, owner: null, ended: true, lastCommit: one.commitId }, answer: "ended" };
}

const shown = (state: State): string =>
  state === null ? "none" : `${state.incarnation} ${state.epoch} ${state.position} ${state.inboxSeq}`;

function apply(state: State, call: RegisterCall): Step {
  const { request } = call;
  switch (request.type) {
    case "create": {
      if (state !== null) return { state, answer: state.incarnation === request.incarnation ? "created" : "exists" };
      const fresh = { epoch: 0, owner: null, position: 0, consumed: 0, inboxSeq: 0, ended: false, lastCommit: null };
      return { state: { ...fresh, incarnation: request.incarnation, keys: [] }, answer: "created" };
    }
    case "claim": {
      const { lease } = request;
      if (state === null || state.ended || lease.epoch <= state.epoch) return null;
      return { state: { ...state, owner: lease.worker, epoch: lease.epoch }, answer: "claimed" };
    }
    case "commit":
      return commit(state, request.commit);
    case "end":
      return end(state, request.ending);
    case "retire":
      if (state?.owner !== request.worker) return { state, answer: "retired" };
      return { state: { ...state, owner: null }, answer: "retired" };
    case "deliver": {
      if (state === null || (request.incarnation !== null && request.incarnation !== state.incarnation))
        return { state, answer: "gone" };
      if (state.keys.includes(request.key)) return { state, answer: "duplicate" };
      if (state.ended) return { state, answer: "gone" };
      const after = { ...state, inboxSeq: state.inboxSeq + 1, keys: [...state.keys, request.key] };
      return { state: after, answer: "accepted" };
    }
    case "load":
      return { state, answer: holds(state, request.lease) ? shown(state) : "fenced" };
    case "read":
      return { state, answer: shown(state) };
  }
}

/** States that are looked at before the search is given up as too long, which is told as such. */
const MOST = 200_000;

/** Undefined: there is an order. Else the longest that was found, as text. */
function search(calls: readonly RegisterCall[]): string | undefined {
  const sorted = [...calls].sort((a, b) => a.invoked - b.invoked);
  const seen = new Set<string>();
  let longest: readonly RegisterCall[] = [];
  let looked = 0;
  interface Visit {
    readonly state: State;
    readonly placed: ReadonlySet<RegisterCall>;
    readonly order: readonly RegisterCall[];
  }
  const stack: Visit[] = [{ state: null, placed: new Set(), order: [] }];
  for (let visit = stack.pop(); visit !== undefined; visit = stack.pop()) {
    const { state, placed, order } = visit;
    const open = sorted.filter((call) => !placed.has(call));
    const first = Math.min(...open.map(({ answered }) => answered));
    // What was never answered may have happened, or not.
    if (first === Number.POSITIVE_INFINITY) return undefined;
    if (++looked > MOST) return `no order among ${MOST} partial ones`;
    if (order.length > longest.length) longest = order;
    for (const call of open) {
      if (call.invoked > first) break;
      const step = apply(state, call);
      if (step === null || (call.answer !== null && call.answer !== step.answer)) continue;
      // Unanswered and without effect: placing it changes nothing.
      if (call.answer === null && step.state === state) continue;
      const after = new Set(placed).add(call);
      const left = sorted.filter((one) => !after.has(one)).map(({ invoked }) => invoked);
      const name = `${JSON.stringify(step.state)} ${left.join()}`;
      if (seen.has(name)) continue;
      seen.add(name);
      stack.push({ state: step.state, placed: after, order: [...order, call] });
    }
  }
  const next = sorted.find((call) => !longest.includes(call) && call.answer !== null);
  return `no order of its calls explains ${next?.request.type} by ${next?.process}: ${next?.answer}`;
}

export function* linearizable(history: History): Generator<Verdict> {
  const runs = new Map<string, RegisterCall[]>();
  for (const call of history.calls) {
    if (call.run !== null) runs.set(call.run, [...(runs.get(call.run) ?? []), call]);
  }
  for (const [run, own] of runs) {
    // A retirement is a call of every run.
    const why = search([...own, ...history.calls.filter(({ run: of }) => of === null)]);
    if (why !== undefined) yield { guarantee: "runs are linearizable", what: `${run}: ${why}` };
  }
}
