/** What host code passes to the product by mistake: each is refused at once, with a code and what to write. */
import { codec, createEngine } from "perdure";
import { dynamodb, ensureTable } from "perdure/dynamodb";
import { encrypted } from "perdure/encryption";
import { lambdaHandler } from "perdure/lambda";
import { memory } from "perdure/memory";
import { postgres } from "perdure/postgres";
import { sqlite } from "perdure/sqlite";
import { consumeSqs } from "perdure/sqs";
import { nodeListener, tokenHandler, tokenLinks } from "perdure/triggers";
import { describe, expect, it } from "vitest";

// As JavaScript calls: what TypeScript would find is not the matter here.
type Call = (...args: any[]) => any;
const engine = createEngine({ store: memory() });
const keys = [{ id: "k", secret: "a secret of at least thirty-two bytes" }];
const url = "https://example.com/resume";
const fn = async () => {};
const define: Call = codec;
class Money {}
const start: Call = engine.start.bind(engine);
const work: Call = engine.work.bind(engine);
const list: Call = engine.list.bind(engine);
const run: Call = engine.run.bind(engine);
const resume: Call = engine.resume.bind(engine);
const [create, links, handler, lambda, consume, seal, listener]: Call[] = [
  createEngine,
  tokenLinks,
  tokenHandler,
  lambdaHandler,
  consumeSqs,
  encrypted,
  nodeListener,
] as Call[] as [Call, Call, Call, Call, Call, Call, Call];
const [file, database, table, ensure] = [sqlite, postgres, dynamodb, ensureTable] as Call[] as [Call, Call, Call, Call];

const cases: readonly (readonly [what: string, call: () => unknown, error: RegExp])[] = [
  ["nothing at all", () => create!(), /PD2516.* `store`; it takes a store/],
  ["options without a store", () => create!({}), /PD2516.*undefined as `store`/],
  ["the store in the place of the options", () => create!(memory()), /PD2517.*`name`.*its options are store,/s],
  ["a store that was not made", () => create!({ store: sqlite }), /PD2516.*the function sqlite as `store`/],
  ["the promise of a store", () => create!({ store: Promise.resolve(memory()) }), /PD2516.*an instance of Promise/],
  ["hosts in a list", () => create!({ store: memory(), provide: [{}] }), /PD2516.*an array as `provide`/],
  ["one codec", () => create!({ store: memory(), codecs: {} }), /PD2516.*`codecs`; it takes a list/],
  ["a class as a codec", () => create!({ store: memory(), codecs: [Map] }), /PD2516.*`\[codec\(Decimal\)\]`/],
  ["a limit as a text", () => create!({ store: memory(), limits: { maxObjects: "5" } }), /PD2516.*"5" as `maxObjects`/],
  ["a limit that there is not", () => create!({ store: memory(), limits: { max: 5 } }), /PD2517.*`max`/],
  ["an observer that is no function", () => create!({ store: memory(), observe: true }), /PD2516.*true as `observe`/],
  ["an option of another name", () => create!({ store: memory(), provided: {} }), /PD2517.*write `provide`/s],

  ["no class", () => define(), /PD2516.*undefined as the class/],
  ["an instance of the class", () => define(new Money()), /PD2516.*an instance of Money as the class/],
  ["an arrow function", () => define(() => {}), /PD2516.*as the class/],
  ["a class of no name", () => define(class {}), /PD2516.*"" as `tag`/],
  ["a tag alone", () => define(Money, "money"), /PD2516.*"money" as its options/],
  ["a number as a tag", () => define(Money, { tag: 5 }), /PD2516.*5 as `tag`/],
  ["a codec of no tag", () => define(Money, { encode: fn, decode: fn }), /PD2516.*codec\(Money\).*undefined as `tag`/],
  ["a codec that cannot read", () => define(Money, { tag: "m", encode: fn }), /PD2516.*undefined as `decode`/],
  ["a codec that cannot write", () => define(Money, { tag: "m", decode: fn }), /PD2516.*undefined as `encode`/],
  ["half of a codec that fills", () => define(Money, { tag: "m", encode: fn, create: fn }), /PD2516.*`fill`/],
  ["another word for encode", () => define(Money, { tag: "m", serialize: fn }), /PD2517.*`serialize`.*encode, decode/s],

  ["no arguments of the run", () => start(fn), /PD2516.*undefined as the arguments.*\[order\]/],
  ["one argument of the run, not in a list", () => start(fn, { id: 1 }), /PD2516.*an object as the arguments/],
  ["a text as arguments", () => start(fn, "order"), /PD2516.*"order" as the arguments/],
  ["what a call gives", () => start(fn(), []), /PD2515: start\(\) was given the promise of a call/],
  ["the id in the place of the options", () => start(fn, [], "my-id"), /PD2516.*"my-id" as its options/],
  ["null as the options of a start", () => start(fn, [], null), /PD2516.*null as its options/],
  ["an option of a start that there is not", () => start(fn, [], { key: "x" }), /PD2517.*`key`.*its options are id/s],

  ["a run of no id", () => run(), /PD2516.*undefined as the id of a run/],
  ["a run by a number", () => run(5), /PD2516.*5 as the id of a run/],
  ["a token in the place of its id", () => resume({ id: "x" }), /PD2506: an object is not the id of a token/],
  ["nothing to resume", () => resume(), /PD2506: undefined/],
  ["a list of a status that there is not", () => list({ status: "sleeping" }), /PD2516.*"failed" or "cancelled"/],
  ["a status in the place of a query", () => list("waiting"), /PD2516.*"waiting" as its options/],
  ["a limit as a text", () => list({ limit: "5" }), /PD2516.*"5" as `limit`/],

  ["a number that is none", () => work({ concurrency: Number("") / 0 }), /PD2516.*NaN.*variable of the environment/s],
  ["no place for a run", () => work({ concurrency: 0 }), /PD2516.*0 as `concurrency`; it takes a whole number from 1/],
  ["memory as a text", () => work({ memory: "64mb" }), /PD2516.*"64mb" as `memory`/],
  ["a duration that is none", () => work({ lease: "soon" }), /PD2516.*"soon" as `lease`; it takes a duration/],
  ["a lease of nothing", () => work({ lease: 0 }), /PD2516.*0 as `lease`/],
  ["a negative time", () => work({ linger: -1 }), /PD2516.*-1 as `linger`/],
  ["an end that there is not", () => work({ until: "done" }), /PD2516.*it takes "stopped" or "idle"/],
  ["a signal that is none", () => work({ signal: true }), /PD2516.*an AbortSignal/],
  ["a misspelled option", () => work({ concurency: 3 }), /PD2517.*write `concurrency`/s],
  ["a number in the place of options", () => work(5), /PD2516.*5 as its options/],

  ["a driver that there is not", () => file("x.db", { driver: "sqlite3" }), /PD2516.*"sqlite3" as `driver`/],
  ["a misspelled option of SQLite", () => file("x.db", { sync: "full" }), /PD2517.*`sync`/],
  ["no connection", () => database(), /PD2516.*undefined as the connection.*variable of the environment/s],
  ["an empty connection", () => database(""), /PD2516.*the connection.*variable of the environment/s],
  ["the options of a pool", () => database({ connectionString: "x" }), /PD2516.*an object as the connection/],
  ["a misspelled option of Postgres", () => database("postgres://x", { migrates: false }), /PD2517.*`migrate`/s],
  ["no table", () => table({}), /PD2516.*undefined as `table`.*variable of the environment/s],
  ["a table's name alone", () => table("perdure"), /PD2516.*"perdure" as its options/],
  ["no table to make", () => ensure({ client: {} }), /PD2516.*`table`/],

  ["no keys to encrypt with", () => seal!(memory()), /PD2516.*undefined as `keys`/],
  ["a secret in the place of keys", () => seal!(memory(), { keys: keys[0]!.secret }), /PD2516.*given a text as `keys`/],
  ["another word for plaintext", () => seal!(memory(), { keys, plaintext: "allow" }), /PD2516.*"refuse" or "read"/],
  ["a link to nowhere", () => links!({ keys }), /PD2516.*undefined as `url`/],
  ["a link without a host", () => links!({ keys, url: "/resume" }), /PD2516.*"\/resume" as `url`/],
  ["a token in the place of its id", () => links!({ keys, url }).to({ id: "x" }), /PD2506: an object/],
  ["a handler without keys", () => handler!(engine), /PD2516.*undefined as `keys`/],
  ["a size as a text", () => handler!(engine, { keys, maxBody: "64kb" }), /PD2516.*"64kb" as `maxBody`/],
  ["keys in the place of the engine", () => handler!({ keys }), /PD2516.*an object as the engine/],
  ["a listener of nothing", () => listener!(), /PD2516.*the handler/],
  ["a Lambda without an engine", () => lambda!(), /PD2516.*undefined as the engine/],
  ["a misspelled option of a Lambda", () => lambda!(engine, { messages: fn }), /PD2517.*write `message`/s],
  ["a worker of a Lambda", () => lambda!(engine, { work: { concurrency: 0 } }), /PD2516.*`concurrency`/],
  ["a consumer without a queue", () => consume!({ client: { send: fn }, handle: fn }), /PD2516.*`queueUrl`/],
];

describe("is refused at once", () => {
  it.each(cases)("%s", async (_, call, error) => {
    // Thrown or rejected.
    const outcome = await (async () => call())().catch((thrown: unknown) => thrown);
    expect(String(outcome)).toMatch(error);
  });
});

it("no message shows what may be a secret", () => {
  const secret = "postgres://app:very-secret@db.internal/app";
  for (const call of [
    () => database({ url: secret }),
    () => seal!(memory(), { keys: secret }),
    () => links!({ keys: secret, url }),
  ])
    expect(call).toThrow(expect.objectContaining({ message: expect.not.stringContaining("very-secret") }));
});

it("what is left out or undefined has its default, and durations may be texts", async () => {
  const stopped = new AbortController();
  const done = engine.work({
    lease: "10s",
    poll: "250ms",
    retention: Number.POSITIVE_INFINITY,
    signal: stopped.signal,
    ...({ sweep: undefined } as object),
  });
  stopped.abort();
  await done;
});
