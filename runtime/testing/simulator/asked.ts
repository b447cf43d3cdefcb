/** Notes what a process asks of its store and what it hears, as the process sees it: the network and its faults lie behind. */
import type { LoadedRun, RunHead, Store, StoreFailure } from "../../store/store.ts";
import type { History, RegisterRequest } from "./history.ts";

const shownHead = (head: RunHead | null): string =>
  head === null ? "none" : `${head.incarnation} ${head.epoch} ${head.position} ${head.inboxSeq}`;
const shownRun = (loaded: LoadedRun | "fenced"): string => (loaded === "fenced" ? loaded : shownHead(loaded.head));

export function asked(store: Store, process: string, history: History): Store {
  async function noted<T>(
    requests: readonly (readonly [run: string | null, request: RegisterRequest])[],
    call: () => Promise<T>,
    shown: (answer: T, index: number) => string,
  ): Promise<T> {
    const begun = requests.map(([run, request]) => history.asks(process, run, request));
    try {
      const answer = await call();
      for (const [index, one] of begun.entries()) history.hears(one, shown(answer, index));
      return answer;
    } catch (error) {
      if ((error as Partial<StoreFailure>).outcome === "refused") for (const one of begun) history.unasked(one);
      throw error;
    }
  }
  /** As its run sees it, a transaction delivers a message or does nothing. */
  const transaction: Store["transaction"] = async (lease, key, ...rest) => {
    const request = { type: "deliver", incarnation: lease.incarnation, key } as const;
    const begun = history.asks(process, lease.run, request);
    const outcome = await store.transaction!(lease, key, ...rest);
    if (outcome === "committed") history.hears(begun, "accepted");
    else if (outcome === "duplicate") history.hears(begun, outcome);
    else history.unasked(begun);
    return outcome;
  };
  return {
    ...store,
    ...(store.transaction && { transaction }),
    create: (run) =>
      noted(
        [[run.run, { type: "create", incarnation: run.incarnation }]],
        () => store.create(run),
        ({ type }) => type,
      ),
    commit: (group) =>
      noted(
        group.map((commit) => [commit.lease.run, { type: "commit", commit }] as const),
        () => store.commit(group),
        (outcomes, index) => {
          const outcome = outcomes[index]!;
          return outcome.type === "ok" ? `ok ${outcome.position}` : "fenced";
        },
      ),
    end: (ending) =>
      noted(
        [[ending.run, { type: "end", ending }]],
        () => store.end(ending),
        (outcome) => outcome,
      ),
    retire: (worker) =>
      noted(
        [[null, { type: "retire", worker }]],
        () => store.retire(worker),
        () => "retired",
      ),
    deliver: (run, incarnation, message) =>
      noted(
        [[run, { type: "deliver", incarnation, key: message.key }]],
        () => store.deliver(run, incarnation, message),
        ({ type }) => type,
      ),
    load: (lease) => noted([[lease.run, { type: "load", lease }]], () => store.load(lease), shownRun),
    read: (run) => noted([[run, { type: "read" }]], () => store.read(run), shownHead),
  };
}
