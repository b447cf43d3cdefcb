/** The calls of SQS that the consumer makes. */
import type { Message, SendMessageCommandInput, SQSClient } from "@aws-sdk/client-sqs";
import { triggerError } from "../messages.ts";
import { isFifo } from "./in-order.ts";

/** What SQS takes in no text: control characters (an error with colours has some) and halves of characters. */
const UNSENDABLE = /[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu;

export interface Calls {
  receive(count: number, signal: AbortSignal | undefined): Promise<readonly Message[]>;
  /** Keeps the message from others for that long, from now on. */
  hide(message: Message, seconds: number): Promise<void>;
  remove(message: Message): Promise<void>;
  /** Sends a copy to the dead letters, with the reason in an attribute. */
  bury(message: Message, url: string, reason: unknown): Promise<void>;
}

/** SQS takes ten attributes a message. */
const ATTRIBUTES = 10;
/** How long a call waits for messages: the longest that SQS allows, so that an empty queue costs the least. */
const LONG_POLL = 20;

/** Throws PD6009. */
export async function sqsCalls(
  { client, queueUrl }: { readonly client: SQSClient; readonly queueUrl: string },
  visibility: number,
): Promise<Calls> {
  const sdk = await import("@aws-sdk/client-sqs").catch((cause: unknown) => {
    throw triggerError("PD6009", { why: (cause as Error).message }, cause);
  });
  const QueueUrl = queueUrl;
  return {
    async receive(count, signal) {
      const command = new sdk.ReceiveMessageCommand({
        QueueUrl,
        MaxNumberOfMessages: count,
        WaitTimeSeconds: LONG_POLL,
        VisibilityTimeout: visibility,
        MessageSystemAttributeNames: ["ApproximateReceiveCount", "MessageGroupId"],
        MessageAttributeNames: ["All"],
      });
      return (await client.send(command, signal === undefined ? {} : { abortSignal: signal })).Messages ?? [];
    },
    async hide({ ReceiptHandle }, VisibilityTimeout) {
      await client.send(new sdk.ChangeMessageVisibilityCommand({ QueueUrl, ReceiptHandle, VisibilityTimeout }));
    },
    async remove({ ReceiptHandle }) {
      await client.send(new sdk.DeleteMessageCommand({ QueueUrl, ReceiptHandle }));
    },
    async bury({ Body, MessageId, MessageAttributes, Attributes }, url, reason) {
      const kept = Object.entries(MessageAttributes ?? {}).slice(0, ATTRIBUTES - 1);
      const why = {
        DataType: "String",
        StringValue: String(reason).replace(UNSENDABLE, " ").slice(0, 1000) || "unknown",
      };
      const group = Attributes?.MessageGroupId;
      const copy: SendMessageCommandInput = {
        QueueUrl: url,
        MessageBody: Body,
        MessageAttributes: { ...Object.fromEntries(kept), "perdure-reason": why },
        // The same message buried twice is one.
        ...(group !== undefined && isFifo(url) && { MessageGroupId: group, MessageDeduplicationId: MessageId }),
      };
      try {
        await client.send(new sdk.SendMessageCommand(copy));
      } catch (error) {
        // A message may be as long as SQS takes: with the reason it would be longer, and never leave.
        if ((error as { $fault?: unknown }).$fault !== "client") throw error;
        await client.send(new sdk.SendMessageCommand({ ...copy, MessageAttributes: Object.fromEntries(kept) }));
      }
    },
  };
}
