/**
 * Generators of durable code. A sync one is one node, its object with its activation record; an async one is two, since promises and jobs lead to the record
 * and not to the object. What a generator that is completed held is not saved.
 */
import type { Decoder, Encoder, Json, Kind } from "../../codec/contract.ts";
import { isJsonObject } from "../../codec/json.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import { isObject } from "../../codec/objects.ts";
import { encodeShape, fillShape, type Shape } from "../../codec/properties.ts";
import type { GeneratorKind } from "../function-parents.ts";
import { AsyncGeneratorDriver, asyncDriverOf, asyncGeneratorObject, WAITING } from "../generators/async-generator.ts";
import type { Delegate } from "../generators/delegation.ts";
import { intrinsicPrototype, newPrototype, prototypeKindOf } from "../generators/functions.ts";
import { driverOf, GeneratorDriver, generatorObject } from "../generators/generator.ts";
import { OVER, type Suspended } from "../generators/suspended.ts";
import { printCode } from "../places.ts";
import { encodeSlots, fillSlots, frameAt, promiseIn, slotFields } from "./activation.ts";
import { type KindContext, listOf } from "./context.ts";

type Payload = { readonly [key: string]: Json };

const none = () => false;
/** The prototype is written always: it is that of the generator function. */
const unusual: Shape = { prototype: null, skip: none };

const payloadOf = (payload: Json | undefined, decoder: Decoder, what: string): Payload =>
  isJsonObject(payload) ? payload : decoder.corrupt(`${what} has no known form`);

/** Where it stands, with what its frame keeps there; a completed one is `null`. */
function encodeRecord(record: Suspended, encoder: Encoder): Json {
  const { code, frame } = record;
  if (frame === OVER) return null;
  if (typeof frame.pc !== "string")
    return encoder.refuse(`${code.name} stands at an unnamed block: this is a bug in the compiler`);
  return [frame.pc, encodeSlots(record, encoder)];
}

function fillRecord(record: Suspended, json: Json | undefined, decoder: Decoder): void {
  if (json === null) {
    record.frame = OVER;
    return;
  }
  const [label, slots] = listOf(json, decoder, "a generator");
  record.frame = frameAt(record.code, label, decoder);
  fillSlots(record, slots, decoder);
}

const encodeCode = ({ code }: Suspended, encoder: Encoder): Json => [
  code.id,
  code.fingerprint,
  ...(code.owner === undefined ? [] : [encoder.value(code.owner, " (class)")]),
];

const encodeDelegate = (delegate: Delegate | undefined, encoder: Encoder): Json =>
  delegate === undefined
    ? null
    : [encoder.value(delegate.iterator, " (yield*)"), encoder.value(delegate.next, " (yield*).next")];

function delegateIn(json: Json | undefined, decoder: Decoder): Delegate | undefined {
  if (json === null || json === undefined) return undefined;
  const [iterator, next] = listOf(json, decoder, "a delegation").map((one) => decoder.value(one));
  return isObject(iterator) ? { iterator, next } : decoder.corrupt("a delegation has no iterator");
}

const label = (record: Suspended): string => printCode(record.code, record.code.points[String(record.frame.pc)]);

/** `{ is: [[code id, fingerprint, class?], [label, slots] | null, [iterator, next] | null], proto, … }` */
export const generatorKind = kindOf<object, KindContext>({
  tag: "generator",
  test: (value): value is object => driverOf(value) !== undefined,
  label: (value) => label(driverOf(value)!),

  fields(value) {
    const driver = driverOf(value)!;
    this.of.codes.add(driver.code.digest);
    if (Reflect.ownKeys(value).length > 0 || !Reflect.isExtensible(value)) return undefined;
    const { frame, code, delegate } = driver;
    const before = [Reflect.getPrototypeOf(value), frame.pc, code.owner, delegate?.iterator, delegate?.next];
    return slotFields(before, driver, this.of);
  },

  encode(value, encoder) {
    const driver = driverOf(value)!;
    const record = encodeRecord(driver, encoder);
    const data = [encodeCode(driver, encoder), record, encodeDelegate(driver.delegate, encoder)];
    return encodeShape(value, data, unusual, encoder);
  },

  create(payload, decoder) {
    const [named] = listOf(payloadOf(payload, decoder, "a generator").is, decoder, "a generator");
    const [id, fingerprint, owner] = listOf(named, decoder, "a generator");
    const code = this.of.code(["machine"], [id, fingerprint, owner], decoder);
    if (code.generator !== "sync") return decoder.corrupt(`${code.id} is no generator`);
    return generatorObject(new GeneratorDriver(code, OVER, undefined), intrinsicPrototype.sync);
  },

  fill(value, payload, decoder) {
    const driver = driverOf(value)!;
    fillShape(value, payloadOf(payload, decoder, "a generator"), unusual, decoder, (data) => {
      const [, record, delegate] = listOf(data, decoder, "a generator");
      fillRecord(driver, record, decoder);
      driver.delegate = delegateIn(delegate, decoder);
    });
  },
});

/** `{ is: record, proto, … }` */
export const asyncGeneratorKind: Kind<object> = {
  tag: "async-generator",
  test: (value): value is object => asyncDriverOf(value) !== undefined,
  label: (value) => label(asyncDriverOf(value)!),
  encode: (value, encoder) => encodeShape(value, encoder.value(asyncDriverOf(value)!, ""), unusual, encoder),
  create(payload, decoder) {
    const driver = decoder.value(payloadOf(payload, decoder, "an async generator").is ?? null);
    return driver instanceof AsyncGeneratorDriver
      ? asyncGeneratorObject(driver, intrinsicPrototype.async)
      : decoder.corrupt("an async generator runs nothing");
  },
  fill(value, payload, decoder) {
    fillShape(value, payloadOf(payload, decoder, "an async generator"), unusual, decoder, () => {});
  },
};

/**
 * The record of an async generator: `[[code id, fingerprint, class?], [label, slots] | null, waiting, awaited, [[type, value, promise]…], [iterator, next,
 * sync] | null]`.
 */
export const asyncRecordKind = kindOf<AsyncGeneratorDriver, KindContext>({
  tag: "generator-frame",
  test: (value): value is AsyncGeneratorDriver => value instanceof AsyncGeneratorDriver,
  label,

  fields(driver) {
    const { code, frame, queue, waiting, awaiting, delegate } = driver;
    this.of.codes.add(code.digest);
    const standing = [frame.pc, code.owner, waiting, awaiting];
    const before: unknown[] = [...standing, delegate?.iterator, delegate?.next, delegate?.sync, queue.length];
    for (const { type, value, promise } of queue) before.push(type, value, promise);
    return slotFields(before, driver, this.of);
  },

  encode(driver, encoder) {
    if (this.of.run === undefined || driver.run !== this.of.run)
      return encoder.refuse("an async generator belongs to its run");
    const { queue, waiting = null, delegate } = driver;
    const inner = encodeDelegate(delegate, encoder);
    return [
      encodeCode(driver, encoder),
      encodeRecord(driver, encoder),
      waiting,
      encoder.value(driver.awaiting, " (awaited)"),
      queue.map(({ type, value, promise }) => [
        type,
        encoder.value(value, ` (${type})`),
        encoder.value(promise, " (promise)"),
      ]),
      delegate === undefined ? null : [...(inner as readonly Json[]), delegate.sync],
    ];
  },

  create(payload, decoder) {
    const [named] = listOf(payload, decoder, "an async generator");
    const [id, fingerprint, owner] = listOf(named, decoder, "an async generator");
    const code = this.of.code(["machine"], [id, fingerprint, owner], decoder);
    if (code.generator !== "async") return decoder.corrupt(`${code.id} is no async generator`);
    return new AsyncGeneratorDriver(code, OVER, this.of.run);
  },

  fill(driver, payload, decoder) {
    const [, record, waiting, awaited, queue, delegate] = listOf(payload, decoder, "an async generator");
    fillRecord(driver, record, decoder);
    const known = WAITING.find((one) => one === waiting);
    if (waiting !== null && known === undefined) decoder.corrupt("an async generator waits for nothing known");
    const requests = listOf(queue, decoder, "an async generator").map((json) => {
      const [type, value, promise] = listOf(json, decoder, "a request");
      if (type !== "next" && type !== "throw" && type !== "return")
        return decoder.corrupt("a request asks for nothing");
      return { type, value: decoder.value(value ?? null), promise: promiseIn(promise, decoder) } as const;
    });
    if (known !== undefined && requests.length === 0) decoder.corrupt("an async generator runs for nobody");
    driver.waiting = known;
    driver.awaiting = known === undefined ? undefined : promiseIn(awaited, decoder);
    driver.adopt(requests);
    const inner = delegateIn(delegate, decoder);
    driver.delegate = inner && { ...inner, sync: (delegate as readonly Json[])[2] === true };
  },
});

/** `prototype` of a generator function that is made in a run: an object without a constructor. `{ is: "sync" | "async", … }` */
export const generatorPrototypeKind: Kind<object> = {
  tag: "generator-prototype",
  test: (value): value is object => prototypeKindOf(value) !== undefined,
  encode(value, encoder) {
    const kind = prototypeKindOf(value)!;
    return encodeShape(value, kind, shapes[kind], encoder);
  },
  create(payload, decoder) {
    const { is } = payloadOf(payload, decoder, "a prototype");
    return is === "sync" || is === "async" ? newPrototype(is) : decoder.corrupt("a prototype is of no known kind");
  },
  fill(value, payload, decoder) {
    const shape = shapes[prototypeKindOf(value)!];
    fillShape(value, payloadOf(payload, decoder, "a prototype"), shape, decoder, () => {});
  },
};

const shapes: Readonly<Record<GeneratorKind, Shape>> = {
  sync: { prototype: intrinsicPrototype.sync, skip: none },
  async: { prototype: intrinsicPrototype.async, skip: none },
};
