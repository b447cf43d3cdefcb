/** A real server that speaks SQS, on a free port, for the tests of one file. */
import { CreateQueueCommand, SQSClient } from "@aws-sdk/client-sqs";
import { startFauxqs } from "fauxqs";

export interface SqsServer {
  readonly client: SQSClient;
  /** The URL of a new queue. */
  queue(name: string, attributes?: Record<string, string>): Promise<string>;
  close(): Promise<void>;
}

export async function sqsServer(): Promise<SqsServer> {
  const server = await startFauxqs({ port: 0, logger: false });
  const client = new SQSClient({
    endpoint: `http://127.0.0.1:${server.port}`,
    region: "us-east-1",
    credentials: { accessKeyId: "test", secretAccessKey: "test" },
  });
  return {
    client,
    async queue(name, attributes) {
      const { QueueUrl } = await client.send(new CreateQueueCommand({ QueueName: name, Attributes: attributes }));
      return QueueUrl!;
    },
    async close() {
      client.destroy();
      await server.stop();
    },
  };
}
