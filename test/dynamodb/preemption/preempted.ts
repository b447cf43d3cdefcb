/**
 * Two calls about one run, of which the second comes whole between two requests of the first: what both answer and what is saved then must be what
 * a store answers and saves of which each call is one instant, in one order or the other. Most faults of concurrent programs need no more
 * than one preemption (Musuvathi and Qadeer, PLDI 2007).
 */
import { isDeepStrictEqual } from "node:util";
import { isPerdureError } from "perdure";
import type { Claim } from "perdure/internal/store/store";
import { CODES, commitOf } from "../fixtures.ts";
import { type Call, type Driven, type Situation, SPAN } from "./calls.ts";
import { reference, table, type World } from "./worlds.ts";

/** What a call came to. */
type Answer = { readonly value: unknown } | { readonly failed: string };

async function answerOf(work: Promise<unknown>): Promise<Answer> {
  try {
    return { value: await work };
  } catch (error) {
    const { code, outcome } = error as { code?: string; outcome?: string };
    if (!isPerdureError(error) || outcome === undefined) throw error;
    return { failed: outcome === "unknown" ? "unknown" : `${outcome} (${code})` };
  }
}

/** All that a store tells of the run, and whether it can be driven on from there. */
async function saved(world: World): Promise<unknown> {
  const fresh = world.other;
  const found = await fresh.inspect("a");
  if (found === null) return null;
  const { epoch: _epoch, ...head } = found.head;
  const state = { head, segments: found.segments, inbox: found.inbox, outbox: found.outbox.map(({ seq }) => seq) };
  const owned = [];
  for (const worker of ["w", "w2", "heir"]) {
    for (const { inboxSeq } of await world.driver.owned(worker)) owned.push([worker, inboxSeq]);
  }
  let next: Claim | undefined;
  // It sees that a heart has stopped when it looks again; by then all that is parked is due.
  for (const pause of [10 * SPAN, 2e9]) {
    world.now += pause;
    await fresh.renew("finder", world.now, world.now + SPAN);
    next ??= (await fresh.claim({ worker: "finder", limit: 1, suspects: 1, codes: CODES, now: world.now }))[0];
  }
  if (next === undefined) return { ...state, owned };
  const { lease, head: now } = next;
  const commit = commitOf(lease, now.position, { commitId: "on", consumed: now.inboxSeq });
  const [went] = await fresh.commit([commit]);
  return { ...state, owned, strikes: now.strikes, suspect: now.suspect, wentOn: went!.type };
}

interface Seen {
  readonly first: Answer;
  readonly second: Answer;
  readonly saved: unknown;
}

type Which = "first" | "second";

async function inOrder(
  situation: Situation,
  calls: Readonly<Record<Which, Call>>,
  sameProcess: boolean,
  order: readonly Which[],
): Promise<Seen> {
  const world = reference();
  const run = await situation.prepare(world);
  const answers: Partial<Record<Which, Answer>> = {};
  // The first began before the second, whatever comes to be the order of the two instants.
  world.now += calls.first.pause ?? 0;
  for (const which of order) {
    if (which === "second") world.now += calls.second.pause ?? 0;
    const store = which === "first" || sameProcess ? world.driver : world.other;
    answers[which] = await answerOf(calls[which].make(store, run, world));
  }
  return { first: answers.first!, second: answers.second!, saved: await answerOf(saved(world)) };
}

async function alone(situation: Situation, call: Call): Promise<unknown> {
  const world = reference();
  const run = await situation.prepare(world);
  world.now += call.pause ?? 0;
  await answerOf(call.make(world.other, run, world));
  return answerOf(saved(world));
}

/** Undefined: the first call makes fewer requests than `at`. */
async function preempted(
  situation: Situation,
  first: Call,
  second: Call,
  sameProcess: boolean,
  at: number,
  when: "before" | "answer-lost",
): Promise<Seen | undefined> {
  const world = table();
  const run: Driven = await situation.prepare(world);
  let late: Promise<Answer> | undefined;
  const work = async (): Promise<void> => {
    let done = false;
    world.now += second.pause ?? 0;
    late = answerOf(second.make(sameProcess ? world.driver : world.other, run, world)).finally(() => (done = true));
    // Transitions that one process makes of one run wait for each other: then it comes after. Requests are answered at once.
    for (let n = 0; n < 20 && !done; n++) await new Promise((resolve) => setImmediate(resolve));
  };
  world.preempt({ at, when, work });
  world.now += first.pause ?? 0;
  const answer = await answerOf(first.make(world.driver, run, world));
  if (!world.release()) return undefined;
  return { first: answer, second: await late!, saved: await answerOf(saved(world)) };
}

export interface Finding {
  readonly what: string;
  readonly seen: Seen;
  readonly expected: readonly unknown[];
}

/** Every preemption of `first` by `second` that came to something that no order explains. */
export async function* findings(situation: Situation, first: Call, second: Call): AsyncGenerator<Finding | null> {
  for (const sameProcess of second.driving === undefined ? [true, false] : [true]) {
    const calls = { first, second };
    const orders = [
      await inOrder(situation, calls, sameProcess, ["first", "second"]),
      await inOrder(situation, calls, sameProcess, ["second", "first"]),
    ];
    const repeated = first.repeated && (await inOrder(situation, calls, sameProcess, ["first", "second", "first"]));
    const without = { first: await alone(situation, first), second: await alone(situation, second) };
    for (const when of ["before", "answer-lost"] as const) {
      for (let at = 1; ; at++) {
        const seen = await preempted(situation, first, second, sameProcess, at, when);
        if (seen === undefined) break;
        const possible = repeated && when === "answer-lost" ? [...orders, repeated] : orders;
        const explained = possible.some((order) => explains(order, seen)) || passedOver(without, seen);
        const where = `${situation.name}: ${first.name}, ${when} request ${at}: ${second.name} (${sameProcess ? "same" : "other"} process)`;
        yield explained ? null : { what: where, seen, expected: orders };
      }
    }
  }
}

function explains(order: Seen, seen: Seen): boolean {
  const agrees = (expected: Answer, answer: Answer): boolean =>
    ("failed" in answer && answer.failed === "unknown") || isDeepStrictEqual(expected, answer);
  return (
    isDeepStrictEqual(order.saved, seen.saved) && agrees(order.first, seen.first) && agrees(order.second, seen.second)
  );
}

/** A claim may pass over what is being written; what was refused, or is not known to have been applied, may have changed nothing. */
function passedOver(without: { first: unknown; second: unknown }, { first, second, saved: now }: Seen): boolean {
  const nothing = (answer: Answer): boolean =>
    "failed" in answer || (Array.isArray(answer.value) && answer.value.length === 0);
  return (
    (nothing(first) && isDeepStrictEqual(without.second, now)) ||
    (nothing(second) && isDeepStrictEqual(without.first, now))
  );
}
