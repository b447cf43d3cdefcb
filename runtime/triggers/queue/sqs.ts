/**
 * `perdure/sqs`: a consumer of an SQS queue, for a process that stays up (Lambdas have `perdure/lambda`).
 *
 * A message is handled at least once: its handler starts or resumes runs, which are idempotent by their ids. While a handler runs, the message is kept
 * from others; when it fails, it comes back later, and what comes back too often goes to the dead letters.
 */
import type { Message, SQSClient } from "@aws-sdk/client-sqs";
import { errorWithFrames, harmless, once } from "../../engine/complaints.ts";
import {
  signal as abortSignal,
  callback,
  checkOptions,
  having,
  required,
  text,
  type Wanted,
  wholeNumber,
} from "../../options/check.ts";
import { inOrder, isFifo, type Settled } from "./in-order.ts";
import { parseMessage } from "./message-body.ts";
import { type Calls, sqsCalls } from "./sqs-calls.ts";

export interface SqsOptions {
  readonly client: SQSClient;
  readonly queueUrl: string;
  /** Starts or resumes what the message asks for: it is handled when this resolves. It may be called again for the same message. */
  readonly handle: (body: unknown, message: Message) => Promise<unknown>;
  /** What `handle` gets as the body. Default: the message's body as JSON. When it throws, the message can never be handled. */
  readonly parse?: (body: string | undefined) => unknown;
  /** Where messages go that failed `maxReceives` times, or cannot be parsed. Default: nowhere; the queue's redrive policy takes them away. */
  readonly deadLetterUrl?: string;
  /** Default 5. Only with a `deadLetterUrl`. */
  readonly maxReceives?: number;
  /** Seconds for which a message is kept from others; extended while its handler runs. Default 30. */
  readonly visibility?: number;
  /** Messages handled at once. Default 10. */
  readonly concurrency?: number;
  /** Seconds after which a message that failed comes back. Default: 2, 4, 8 … by the number of receives, at most 900, of which a random part. */
  readonly backoff?: (receives: number) => number;
  /** Ends the consumer: no more is received, and what is under way is finished. A message just on its way comes again after `visibility`. */
  readonly signal?: AbortSignal;
  /** Told what happens; what it throws is printed, each error once, and changes nothing. Default: prints what fails, each error once. */
  readonly observe?: (event: SqsEvent) => void;
}

const OPTIONS: { readonly [option in keyof SqsOptions]-?: Wanted } = {
  client: required(having("a client: `new SQSClient({})`", "send")),
  queueUrl: required(text),
  handle: required(callback),
  parse: callback,
  deadLetterUrl: text,
  maxReceives: wholeNumber(1),
  visibility: wholeNumber(1),
  concurrency: wholeNumber(1),
  backoff: callback,
  signal: abortSignal,
  observe: callback,
};

export type SqsEvent =
  | { readonly type: "handled"; readonly message: Message }
  | { readonly type: "failed"; readonly message: Message; readonly error: unknown; readonly receives: number }
  | { readonly type: "dead-letter"; readonly message: Message; readonly error: unknown }
  /** A call of SQS failed: the consumer goes on, and the message, if it was about one, comes again. */
  | { readonly type: "queue-failed"; readonly call: string; readonly error: unknown };

/** SQS gives ten messages at most in one call. */
const BATCH = 10;
const LONGEST_BACKOFF = 900;

const exponential = (receives: number): number =>
  Math.ceil(Math.min(2 ** receives, LONGEST_BACKOFF) * (0.5 + Math.random() / 2));

/**
 * Receives and handles messages until the signal aborts; resolves when what was under way is finished. Several consumers, in any number of
 * processes, may share a queue. Messages of one group of a FIFO queue are handled in order, one at a time: when one fails, those behind it wait.
 *
 * @throws PD2516 and PD2517 for options that cannot be meant; PD6009 when `@aws-sdk/client-sqs` is not installed.
 * @example
 * await consumeSqs({
 *   client: new SQSClient({}), queueUrl, signal,
 *   handle: (order, message) => engine.start(checkout, [order], { id: `order-${message.MessageId}` }),
 * });
 */
export async function consumeSqs(options: SqsOptions): Promise<void> {
  checkOptions("consumeSqs", options, OPTIONS);
  const { concurrency = 10, visibility = 30, signal } = options;
  const observe = options.observe ? harmless(options.observe) : complaints();
  const calls = await sqsCalls(options, visibility);
  const skipped = new Skipped();
  const underWay = new Set<Promise<void>>();
  let active = 0;
  let failures = 0;
  const stopped = (): boolean => signal?.aborted ?? false;
  let makeRoom = (): void => {};
  const left = (): void => {
    active--;
    makeRoom();
  };
  while (!stopped()) {
    const free = concurrency - active;
    if (free < 1) {
      // Not the end of a batch: one message that takes long may not keep the places of those beside it.
      await new Promise<void>((resolve) => {
        makeRoom = resolve;
      });
      continue;
    }
    let messages: readonly Message[];
    try {
      messages = await calls.receive(Math.min(free, BATCH), signal);
      failures = 0;
    } catch (error) {
      if (stopped()) break;
      observe({ type: "queue-failed", call: "ReceiveMessage", error });
      await pause(Math.min(200 * 2 ** failures++, 20_000), signal);
      continue;
    }
    active += messages.length;
    const batch = handleBatch(messages, { ...options, observe }, calls, skipped, left).finally(() =>
      underWay.delete(batch),
    );
    underWay.add(batch);
  }
  await Promise.all(underWay);
}

/** What is printed where nobody observes. */
function complaints(): (event: SqsEvent) => void {
  const tell = once();
  return (event) => {
    if (event.type === "handled") return;
    const { type, error } = event;
    if (type === "queue-failed") return tell(`consumeSqs: ${event.call} failed: ${errorWithFrames(error)}`);
    const what = type === "failed" ? "failed, and comes again" : "went to the dead letters";
    tell(
      `${type} ${String(error)}`,
      `consumeSqs: the message ${event.message.MessageId} ${what}: ${errorWithFrames(error)}`,
    );
  };
}

async function handleBatch(
  messages: readonly Message[],
  options: SqsOptions,
  calls: Calls,
  skipped: Skipped,
  left: () => void,
): Promise<void> {
  const { visibility = 30, parse = parseMessage, handle, observe = () => {} } = options;
  const held = new Set(messages);
  /** Those that can never be handled, by anybody. */
  const unparsable = new Set<Message>();
  const tell = (call: string) => (error: unknown) => observe({ type: "queue-failed", call, error });
  // All of the batch: those that wait for their turn in a group are to be kept from others too.
  const extending = setInterval(
    () => {
      for (const message of held) void calls.hide(message, visibility).catch(tell("ChangeMessageVisibility"));
    },
    (visibility * 1000) / 2,
  );
  try {
    await inOrder(
      messages,
      // Groups of a standard queue (fair queues) are in no order.
      (message) => (isFifo(options.queueUrl) ? message.Attributes?.MessageGroupId : undefined),
      async (message) => {
        let body: unknown;
        try {
          body = parse(message.Body);
        } catch (error) {
          unparsable.add(message);
          throw error;
        }
        await handle(body, message);
      },
      async (one) => {
        held.delete(one.message);
        await settle(one, unparsable.has(one.message), options, calls, skipped).catch(tell("settling a message"));
        left();
      },
    );
  } finally {
    clearInterval(extending);
  }
}

/** How often a message was received in this process without being handled, since one before it in its group had failed: SQS counts that too. */
class Skipped {
  readonly #counts = new Map<string, number>();

  count({ MessageId = "" }: Message): number {
    return this.#counts.get(MessageId) ?? 0;
  }

  add(message: Message): void {
    const { MessageId = "" } = message;
    const count = this.count(message) + 1;
    this.#counts.delete(MessageId);
    // The oldest were handled, here or elsewhere.
    if (this.#counts.size >= REMEMBERED) this.#counts.delete(this.#counts.keys().next().value!);
    this.#counts.set(MessageId, count);
  }
}
const REMEMBERED = 10_000;

async function settle(
  { message, outcome, error }: Settled<Message>,
  hopeless: boolean,
  options: SqsOptions,
  calls: Calls,
  skipped: Skipped,
): Promise<void> {
  const { deadLetterUrl, maxReceives = 5, backoff = exponential, observe = () => {} } = options;
  const receives = Number(message.Attributes?.ApproximateReceiveCount ?? 1) - skipped.count(message);
  if (outcome === "done") {
    await calls.remove(message);
    observe({ type: "handled", message });
  } else if (outcome === "skipped") {
    skipped.add(message);
    await calls.hide(message, 0);
  } else if (deadLetterUrl !== undefined && (receives >= maxReceives || hopeless)) {
    // First there, then gone from here: a crash in between leaves it in both.
    await calls.bury(message, deadLetterUrl, error);
    await calls.remove(message);
    observe({ type: "dead-letter", message, error });
  } else {
    observe({ type: "failed", message, error, receives });
    await calls.hide(message, backoff(receives));
  }
}

const pause = (ms: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener("abort", done);
  });
