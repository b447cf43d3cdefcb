/** Messages side by side, those of one group (FIFO queues) one after the other. */

/** By the name of a queue, its ARN or its URL; SQS demands the ending. One without a name is taken for one, which harms less. */
export const isFifo = (queue: string | undefined): boolean => queue === undefined || queue.endsWith(".fifo");

export interface Settled<M> {
  readonly message: M;
  /** `skipped`: one before it in its group failed, so its turn has not come. */
  readonly outcome: "done" | "failed" | "skipped";
  readonly error?: unknown;
}

/** Handles each message once, and tells of each as soon as it is known; rejects when telling does. `groupOf` undefined: a group of its own. */
export async function inOrder<M>(
  messages: readonly M[],
  groupOf: (message: M) => string | undefined,
  handle: (message: M) => Promise<void>,
  settled: (one: Settled<M>) => Promise<void> | void,
): Promise<void> {
  const groups = new Map<string | M, M[]>();
  for (const message of messages) {
    const group = groupOf(message) ?? message;
    const members = groups.get(group);
    if (members === undefined) groups.set(group, [message]);
    else members.push(message);
  }
  await Promise.all(
    [...groups.values()].map(async (members) => {
      let stopped = false;
      for (const message of members) {
        if (stopped) {
          await settled({ message, outcome: "skipped" });
          continue;
        }
        try {
          await handle(message);
        } catch (error) {
          stopped = true;
          await settled({ message, outcome: "failed", error });
          continue;
        }
        await settled({ message, outcome: "done" });
      }
    }),
  );
}
