/** Iterators of loops that wait, and member references that wait for their arguments. */
import type { Decoder, Json, Kind } from "../../codec/contract.ts";
import { nameOfIntrinsic } from "../../codec/intrinsics.ts";
import { isJsonObject } from "../../codec/json.ts";
import { exoticKind } from "../../codec/kinds/exotic.ts";
import { kindOf } from "../../codec/kinds/kind-of.ts";
import { isObject } from "../../codec/objects.ts";
import { Enumeration } from "../enumerate.ts";
import { AsyncLoop } from "../generators/async-loop.ts";
import { driverOf } from "../generators/generator.ts";
import {
  CollectionIterator,
  type EntryList,
  EntryListIterator,
  IndexedIterator,
  type LoopIterator,
  MatchIterator,
  type Mode,
  ProtocolIterator,
  StringPosition,
} from "../loop-iterators.ts";
import { Member } from "../members.ts";
import { OwnIterator } from "../own-iterator.ts";
import { closureOf } from "../stamp.ts";
import { type KindContext, listOf } from "./context.ts";

const indexIn = (json: Json | undefined, decoder: Decoder): number =>
  Number.isSafeInteger(json) && (json as number) >= 0 ? (json as number) : decoder.corrupt("a loop has no position");

const modeIn = (json: Json | undefined, decoder: Decoder): Mode =>
  json === "entries" || json === "keys" || json === "values" ? json : decoder.corrupt("a loop yields nothing known");

const isLoop = (value: unknown): value is LoopIterator =>
  value instanceof IndexedIterator ||
  value instanceof CollectionIterator ||
  value instanceof StringPosition ||
  value instanceof EntryListIterator ||
  value instanceof MatchIterator ||
  value instanceof ProtocolIterator ||
  value instanceof Enumeration;

type Loop =
  | IndexedIterator
  | EntryListIterator
  | MatchIterator
  | StringPosition
  | CollectionIterator
  | ProtocolIterator
  | Enumeration;

/**
 * `["index", array, i, mode]`, `["list", entries, i, mode]`, `["string", text, i]`, `["entries", collection, position, mode]`, `["matches", text, pattern]`, `["keys", object, [keys…], i, [visited…]]`, or
 * `["iterator", iterator, next]`; a finished loop is `["done"]`.
 */
export const loopKind = kindOf<LoopIterator, KindContext>({
  tag: "loop",
  test: isLoop,

  encode(value, encoder) {
    const loop = value as Loop;
    if (loop instanceof IndexedIterator)
      return loop.target === undefined ? ["done"] : ["index", encoder.value(loop.target, ""), loop.index, loop.mode];
    if (loop instanceof EntryListIterator) return ["list", encoder.value(loop.target, ""), loop.index, loop.mode];
    if (loop instanceof StringPosition) return ["string", loop.target, loop.index];
    if (loop instanceof MatchIterator)
      return loop.pattern === undefined ? ["done"] : ["matches", loop.text, encoder.value(loop.pattern, "")];
    if (loop instanceof CollectionIterator)
      return loop.done ? ["done"] : ["entries", encoder.value(loop.target, ""), loop.position, loop.mode];
    if (loop instanceof Enumeration) {
      return loop.object === null
        ? ["done"]
        : ["keys", encoder.value(loop.object, ""), [...loop.keys], loop.index, [...loop.visited]];
    }
    if (loop.done) return ["done"];
    const prototype = Reflect.getPrototypeOf(loop.iterator);
    if (
      prototype !== null &&
      nameOfIntrinsic(prototype) !== undefined &&
      prototype !== Object.prototype &&
      closureOf(loop.nextMethod) === undefined &&
      driverOf(loop.iterator) === undefined
    ) {
      return encoder.refuse(
        "the loop goes over an iterator of the platform, whose position cannot be read",
        "collect its values into an array first: for (const one of [...values]) …",
      );
    }
    return ["iterator", encoder.value(loop.iterator, ""), encoder.value(loop.nextMethod, ".next")];
  },

  create(payload, decoder) {
    const [type, target, position, index, visited] = listOf(payload, decoder, "a loop");
    const strings = (json: Json | undefined) => listOf(json, decoder, "a loop").map(String);
    switch (type) {
      case "done":
        return new StringPosition("", 0);
      case "string":
        return new StringPosition(
          typeof target === "string" ? target : decoder.corrupt("a loop has no text"),
          indexIn(position, decoder),
        );
      case "index": {
        const list = decoder.value(target ?? null);
        if (typeof list !== "object" || list === null) return decoder.corrupt("a loop goes over no array");
        return new IndexedIterator(list as ArrayLike<unknown>, indexIn(position, decoder), modeIn(index, decoder));
      }
      case "list": {
        const list = decoder.value(target ?? null);
        if (typeof list !== "object" || list === null || !(Symbol.iterator in list))
          return decoder.corrupt("a loop goes over no list");
        return new EntryListIterator(list as EntryList, indexIn(position, decoder), modeIn(index, decoder));
      }
      case "matches": {
        const pattern = decoder.value(position ?? null);
        return new MatchIterator(
          typeof target === "string" ? target : decoder.corrupt("a loop has no text"),
          pattern instanceof RegExp ? pattern : decoder.corrupt("a loop has no pattern"),
        );
      }
      case "entries": {
        const collection = decoder.value(target ?? null);
        if (!(collection instanceof Map) && !(collection instanceof Set))
          return decoder.corrupt("a loop goes over no collection");
        const loop = new CollectionIterator(collection, indexIn(position, decoder), modeIn(index, decoder));
        // Its collection has no entries yet.
        this.of.whenLoaded.push(() => loop.pin());
        return loop;
      }
      case "keys": {
        const object = decoder.value(target ?? null);
        if ((typeof object !== "object" && typeof object !== "function") || object === null)
          return decoder.corrupt("a loop goes over no object");
        return new Enumeration(object, strings(position), indexIn(index, decoder), new Set(strings(visited)));
      }
      case "iterator": {
        const iterator = decoder.value(target ?? null);
        if ((typeof iterator !== "object" && typeof iterator !== "function") || iterator === null)
          return decoder.corrupt("a loop has no iterator");
        return new ProtocolIterator(iterator, decoder.value(position ?? null));
      }
      default:
        return decoder.corrupt("a loop has no known form");
    }
  },

  fill() {},
});

/** Loops of `for await`: `[iterator, next, is it a sync one?]`. */
export const asyncLoopKind: Kind<AsyncLoop> = {
  tag: "async-loop",
  test: (value): value is AsyncLoop => value instanceof AsyncLoop,
  encode: ({ source }, encoder) => [
    encoder.value(source.iterator, ""),
    encoder.value(source.next, ".next"),
    source.sync,
  ],
  create(payload, decoder) {
    const [json, method, sync] = listOf(payload, decoder, "a loop");
    const iterator = decoder.value(json ?? null);
    if (!isObject(iterator)) return decoder.corrupt("a loop has no iterator");
    return new AsyncLoop({ iterator, next: decoder.value(method ?? null), sync: sync === true });
  },
  fill() {},
};

/** Iterator objects of durable code: `[loop]`. Properties and prototypes that they were given are kept as those of any object. */
export const iteratorKind = exoticKind<OwnIterator>({
  tag: "iterator",
  prototype: OwnIterator.prototype,
  brand: OwnIterator.is,
  data: (iterator, encoder) => [encoder.value(OwnIterator.loopOf(iterator), "")],
  make(data, decoder) {
    const [json] = listOf(data, decoder, "an iterator");
    const loop = decoder.value(json ?? null);
    return isLoop(loop) ? new OwnIterator(loop) : decoder.corrupt("an iterator goes over nothing");
  },
});

/** `{ "receiver": o, "key": k }`, with the function when it can be saved; otherwise it is read again from the receiver. */
export const memberKind: Kind<Member> = {
  tag: "member",
  test: (value): value is Member => value instanceof Member,
  encode({ receiver, key, fn }, encoder) {
    const savable = typeof fn !== "function" || closureOf(fn) !== undefined || nameOfIntrinsic(fn) !== undefined;
    return {
      receiver: encoder.value(receiver, ""),
      key: encoder.value(key, " (key)"),
      ...(savable ? { fn: encoder.value(fn, `.${String(key)}`) } : {}),
    };
  },
  create: () => new Member(undefined, "", undefined),
  fill(member, payload, decoder) {
    if (!isJsonObject(payload) || payload.receiver === undefined || payload.key === undefined)
      return decoder.corrupt("a member has no known form");
    const key = decoder.value(payload.key);
    if (typeof key !== "string" && typeof key !== "symbol") return decoder.corrupt("a member has no key");
    member.receiver = decoder.value(payload.receiver);
    member.key = key;
    if (payload.fn === undefined) member.forget();
    else member.fn = decoder.value(payload.fn);
  },
};
