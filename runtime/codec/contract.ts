/** What the heap asks of its surroundings: kinds of objects, and names of things that are never saved by value. */

export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** One step of a variable path, for messages: `checkout`, `.order`, `[3]`. */
export type PathStep = string;

/** The step whose result a value was, or stood in as the property `part`, when it could not be copied: for messages. */
export interface Given {
  readonly step: string;
  readonly part?: string;
}

/** Handed to {@link Kind.encode}: turns children into values of the segment. */
export interface Encoder {
  /** Encodes a child value; an object is queued and becomes `[id]`. `step` names it in variable paths. */
  value(child: unknown, step: PathStep): Json;
  /** The same for the value of an own property, which is named after its key: `.socket`, `[3]`. */
  property(child: unknown, key: string | number | symbol): Json;
  /** The same for an object of the runtime's own: whatever holds it too, it has no name that it could be saved by, and none is looked for. */
  own(child: object, step: PathStep): Json;
  /**
   * A text of the program, such as the name of a file: its number in the run's table of texts where a save writes it, elsewhere the text. So an object that
   * snapshots of steps may hold is not written with it: what is encoded in two ways could not be compared.
   */
  constant(text: string): Json;
  /** Is the function code of the run: a class whose instances can be saved for what they are? */
  isDurable(fn: object): boolean;
  /** Throws the coded error "cannot be saved" for the object being encoded, with its variable path and how to mend it. */
  refuse(why: string, mend?: string): never;
}

/** Handed to {@link Kind.create} and {@link Kind.fill}. Checks what it reads: bytes are not trusted. */
export interface Decoder {
  /** The value that `json` stands for; objects are created on first use and filled later. */
  value(json: Json): unknown;
  /** The same, with everything that it leads to filled in: for objects that cannot be made in two steps. */
  complete(json: Json): unknown;
  /** Reverses {@link Encoder.constant}. */
  constant(json: Json | undefined): string;
  /** Throws the coded error "segment is not valid". */
  corrupt(why: string): never;
}

/** The fields of an object as the last save wrote them. */
export interface Shadow {
  /** Primitives stand for themselves, objects do not: compare with {@link same} what is not identical. */
  readonly fields: readonly unknown[];
  /** Is the field what its shadow says? An object that is, is thereby reached. */
  same(then: unknown, field: unknown): boolean;
}

/** How one kind of object is saved. Tags are persisted: never reused for another meaning. */
export interface Kind<T extends object = object> {
  readonly tag: string;
  /**
   * Optional, for speed: objects that have it and pass {@link test} are of this kind, whatever other kinds would say. For classes that are nobody else's.
   */
  readonly prototype?: object;
  /** Is this object of the kind? The first kind that says so has it; cheap, without side effects or user code. */
  test(value: object): value is T;
  /** `fields`: what {@link fields} has just given, if it was asked. */
  encode(value: T, encoder: Encoder, fields?: readonly unknown[]): Json;
  /** Makes the object without its children, so that cycles close. Runs no user code. */
  create(payload: Json, decoder: Decoder): T;
  /** Fills in the children, once all objects of the segment can be created. On an object that was filled before, it replaces what that held. */
  fill(value: T, payload: Json, decoder: Decoder): void;
  /** Optional: would nothing of this object be saved but its properties? One with internal slots, whose prototype was exchanged, is then no object of the kind. */
  propertiesOnly?(value: T): boolean;
  /** Optional: is this object, which was of the kind at an earlier save, of it still? Without it, objects stay what they are. */
  remains?(value: T): boolean;
  /** Its `create` needs complete children: such an object cannot be part of what it is made of. */
  readonly eager?: boolean;
  /** Its `fill` runs user code: it comes when all other objects are filled. */
  readonly late?: boolean;
  /**
   * Optional, for speed: a new list of every primitive and object that {@link encode} depends on, in a fixed order; undefined when this object is too
   * special for that. A save then encodes it only when one of them has changed.
   */
  fields?(value: T): unknown[] | undefined;
  /**
   * Optional, for speed, beside {@link fields}: are the fields exactly what they were? Asks for each, in their order, whether the shadow
   * holds the same there, and does so without making anything. May say no when it is too much to tell.
   */
  unchanged?(value: T, shadow: Shadow): boolean;
  /** The payload of an object with {@link fields} is an array with one element for each of them: growth is written as a tail. */
  readonly appendable?: boolean;
  /** Optional: the payload as independent parts by name, for copy-out. Undefined (or without it): the object is one part. */
  parts?(payload: Json): ReadonlyMap<string, Json> | undefined;
  /** What of the payload stands in no part: where that has changed, the object is one part. Without it, nothing does. */
  rest?(payload: Json): Json;
  /** The order of the parts is part of the object: when assigning them one by one would not give it, the object is one part. */
  readonly ordered?: boolean;
  /** Sets one part of an existing object, or removes it (undefined). */
  assign?(value: T, part: string, json: Json | undefined, decoder: Decoder): void;
  /** What variable paths call an object of this kind: a frame is called by its function, `checkout › order.socket`. */
  label?(value: T): string | undefined;
}

/** Names of values that are saved by reference. */
export interface References {
  /** The persisted name of a value, or undefined. Asked before any kind. */
  nameOf(value: object | symbol): string | undefined;
  /** The value of a name; throws a coded error when nothing here has that name. */
  resolve(name: string): unknown;
}

/** Bounds on what is decoded or saved; exceeding one is a coded error (PD4002) before anything is lost. */
export interface Limits {
  /** Live objects of a run: what it reaches from its frames, jobs and pending operations. Default 5,000,000. */
  readonly maxObjects: number;
  /** Length of one saved text, in UTF-16 units. Default 256 Mi. */
  readonly maxBytes: number;
}
