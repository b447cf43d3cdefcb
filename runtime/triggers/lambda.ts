/**
 * `perdure/lambda`: one handler for everything that calls a Lambda: messages of SQS, HTTP, and the schedule that sweeps.
 *
 * A Lambda is frozen when it has answered, so each invocation drives what is due until it waits, gives it back and only then answers. What becomes
 * due later (timers, retries, messages of other runs) needs an invocation: the schedule.
 */
import type { Engine } from "../engine/engine.ts";
import { checkWorkOptions, duration, type WorkOptions } from "../engine/options.ts";
import { type Duration, milliseconds } from "../machine/operations/duration.ts";
import { callback, checkArgument, checkOptions, having, record, type Wanted } from "../options/check.ts";
import { eventAnswer, requestOf } from "./lambda-http.ts";
import { inOrder, isFifo } from "./queue/in-order.ts";
import { parseMessage } from "./queue/message-body.ts";
import type { Handler } from "./token-handler.ts";

/** What is used of the context that AWS hands over. */
export interface LambdaContext {
  getRemainingTimeInMillis(): number;
}

/** A message in the event of an SQS event source mapping. */
export interface SqsRecord {
  readonly eventSource: "aws:sqs";
  /** Of the queue. */
  readonly eventSourceARN?: string;
  readonly messageId: string;
  readonly body: string;
  readonly attributes: Readonly<Record<string, string>>;
}

export interface LambdaOptions {
  /** Starts or resumes what a message of SQS asks for. It may be called again for the same message. */
  readonly message?: (body: unknown, record: SqsRecord) => Promise<unknown>;
  /** Answers HTTP, e.g. a `tokenHandler`. */
  readonly http?: Handler;
  /** Time kept at the end of an invocation for giving runs back. Default 3 s. */
  readonly margin?: Duration;
  /** How runs are driven; see `engine.work`. */
  readonly work?: Omit<WorkOptions, "until" | "signal">;
}

const OPTIONS: { readonly [option in keyof LambdaOptions]-?: Wanted } = {
  message: callback,
  http: callback,
  margin: duration(0),
  work: record,
};

export type LambdaHandler = (event: unknown, context: LambdaContext) => Promise<unknown>;

/**
 * A Lambda handler. For SQS switch on `ReportBatchItemFailures`: messages that fail are told one by one, and of a FIFO group also those behind them.
 * An HTTP event (function URL, HTTP or REST API, load balancer) is answered by `http`. Every other event, that of a schedule above all, only drives what is due: **a schedule (each minute, say) is needed**,
 * or timers never fire.
 *
 * @example
 * export const handler = lambdaHandler(engine, {
 *   message: (order, { messageId }) => engine.start(checkout, [order], { id: messageId }),
 *   http: tokenHandler(engine, { keys }),
 * });
 */
export function lambdaHandler(engine: Engine, options: LambdaOptions = {}): LambdaHandler {
  checkArgument("lambdaHandler", "the engine", engine, having("an engine", "start", "work"));
  checkOptions("lambdaHandler", options, OPTIONS);
  checkWorkOptions(options.work);
  const { message, http, work = {} } = options;
  const margin = milliseconds(options.margin ?? 3_000);
  const longest = Math.min(milliseconds(work.grace ?? 1_000), margin / 2);

  async function drive(context: LambdaContext): Promise<void> {
    const time = context.getRemainingTimeInMillis() - margin;
    if (time <= 0) return;
    const end = new AbortController();
    const timers = [setTimeout(() => end.abort(), time)];
    // A store that does not answer must not keep the answer of this invocation: a worker waits for it as long as its lease.
    const overdue = new Promise<void>((resolve) => timers.push(setTimeout(resolve, time + (margin * 3) / 4)));
    const working = engine.work({ ...work, until: "idle", grace: longest, signal: end.signal });
    await Promise.race([working, overdue]).finally(() => timers.forEach(clearTimeout));
  }

  return async (event, context) => {
    let answer: unknown;
    if (isSqs(event)) {
      if (message === undefined)
        throw new TypeError("this Lambda gets messages of SQS, but lambdaHandler has no `message` for them");
      answer = { batchItemFailures: await failuresOf(event.Records, message) };
    } else {
      const request = requestOf(event);
      if (request !== undefined) {
        if (http === undefined)
          throw new TypeError("this Lambda gets HTTP requests, but lambdaHandler has no `http` for them");
        answer = await eventAnswer(await http(request));
      }
    }
    await drive(context);
    return answer;
  };
}

/** Throws a TypeError for records of something else, which would be lost if they only drove what is due. */
function isSqs(event: unknown): event is { readonly Records: readonly SqsRecord[] } {
  const records = (event as { Records?: unknown } | null | undefined)?.Records;
  if (!Array.isArray(records)) return false;
  const others = records.map((one) => one?.eventSource ?? one?.EventSource).filter((source) => source !== "aws:sqs");
  if (others.length === 0) return true;
  throw new TypeError(
    `this Lambda gets records of ${others[0]}, but lambdaHandler takes those of SQS alone: send them through a queue, or handle them before`,
  );
}

/** The form of a partial batch response. */
async function failuresOf(
  records: readonly SqsRecord[],
  message: NonNullable<LambdaOptions["message"]>,
): Promise<{ readonly itemIdentifier: string }[]> {
  const failed = new Set<SqsRecord>();
  await inOrder(
    records,
    // Groups of a standard queue (fair queues) are in no order.
    (record) => (isFifo(record.eventSourceARN) ? record.attributes["MessageGroupId"] : undefined),
    async (record) => {
      await message(parseMessage(record.body), record);
    },
    (one) => {
      if (one.outcome === "done") return;
      failed.add(one.message);
      // Lambda logs what a function prints; the response names only the message.
      if (one.outcome === "failed") console.error(`message ${one.message.messageId} failed:`, one.error);
    },
  );
  return records.filter((record) => failed.has(record)).map(({ messageId }) => ({ itemIdentifier: messageId }));
}
