/**
 * Whether an instance of an ordinary class can be saved for what it shows: by the name of its class and its own properties.
 *
 * An instance can have state that no property shows: in private names (ECMA-262 6.2.12), in internal slots of a built-in that its class extends, and with
 * others that know the instance and keep state for it, in a WeakMap or a closure. The text of the class shows that there is none of it when the class goes back to
 * `Object`, has no private names, and hands `this` to nobody (keepsThis). That is asked of all code that an instance has by its class: constructors, fields and
 * methods, those that were put on the prototype later too. What other code keeps for an object that it was given is its own, as with plain objects.
 *
 * What the text does not show, `codec(Class)` can say.
 */
import { nameOfIntrinsic } from "../intrinsics.ts";
import { keepsThis } from "./self-reference.ts";
import { type Token, tokensOf } from "./tokens.ts";

const { toString } = Function.prototype;
const NO_TEXT = /\{\s*\[native code\]\s*\}\s*$/;

/** What follows from a function's text alone, which never changes: found once. */
function byText<T>(find: (of: Function) => T): (of: Function) => T {
  const found = new WeakMap<Function, T>();
  return (of) => {
    if (!found.has(of)) found.set(of, find(of));
    return found.get(of) as T;
  };
}

/** Why instances are not saved for what they show. */
export type Hidden =
  /** Instance fields or methods with private names. */
  | "private"
  /** It goes back to a built-in that keeps data of its own. */
  | "built-in"
  /** Nothing of that, but the text does not show that there is no other state. */
  | "unclear";

interface Link {
  readonly of: Function;
  readonly prototype: object;
}

/** The classes of an instance with this class, from its own to the last before `Object`; and what comes after it. */
function chainOf(of: Function): { readonly links: readonly Link[]; readonly end: object | null } | undefined {
  const links: Link[] = [];
  let prototype: unknown = Reflect.getOwnPropertyDescriptor(of, "prototype")?.value;
  while (typeof prototype === "object" && prototype !== null && nameOfIntrinsic(prototype) === undefined) {
    const made: unknown = Reflect.getOwnPropertyDescriptor(prototype, "constructor")?.value;
    const owner = links.length === 0 ? of : made;
    if (typeof owner !== "function" || (owner !== made && made !== undefined) || owner.prototype !== prototype)
      return undefined;
    links.push({ of: owner, prototype });
    prototype = Reflect.getPrototypeOf(prototype);
  }
  return { links, end: prototype as object | null };
}

/** The built-in class that this one goes back to, if that is not `Object`. */
export function builtInBaseOf(of: Function): object | undefined {
  const end = chainOf(of)?.end;
  return end === undefined || end === null || end === Object.prototype ? undefined : end;
}

/** Visits the tokens that stand directly in the body of a class. */
function inBody(tokens: readonly Token[], visit: (token: Token, at: number) => void): void {
  let depth = 0;
  for (const [at, token] of tokens.entries()) {
    const { type, text } = token;
    if (type === "template") depth += (text.endsWith("${") ? 1 : 0) - (text.startsWith("}") ? 1 : 0);
    else if (type === "punctuator") depth += "([{".includes(text) ? 1 : ")]}".includes(text) ? -1 : 0;
    if (depth === 1) visit(token, at);
  }
}

interface PrivateNames {
  /** Of the class itself. */
  readonly statics: ReadonlySet<string>;
  /** Do instances have some? */
  readonly ofInstances: boolean;
}

function privateNamesIn(tokens: readonly Token[]): PrivateNames {
  const statics = new Set<string>();
  let ofInstances = false;
  inBody(tokens, ({ type, text }, at) => {
    // Automatic accessors keep their value under a private name of their own.
    if (type === "name" && text === "accessor" && tokens[at + 1]?.type === "name") ofInstances = true;
    if (type !== "private" || tokens[at + 1]?.text === "in") return;
    let before = at - 1;
    while (["*", "get", "set", "async"].includes(tokens[before]?.text ?? "")) before--;
    const { text: last = "", isMember = false } = tokens[before] ?? {};
    if (last === "static" && !isMember) statics.add(text);
    else if (last !== "." && last !== "?.") ofInstances = true;
  });
  return { statics, ofInstances };
}

/** Has an instance fields or methods that only the text of its class can reach? A text that cannot be read is taken by its looks. */
const hasPrivateNames = byText((of) => {
  const text = toString.call(of);
  if (!text.startsWith("class") || !text.includes("#")) return false;
  const tokens = tokensOf(text);
  return tokens === undefined ? /#[\p{ID_Start}$_]/u.test(text) : privateNamesIn(tokens).ofInstances;
});

/** The range of the constructor among the tokens of a class; all of a function. */
function constructorIn(tokens: readonly Token[]): (at: number) => boolean {
  if (tokens[0]?.text !== "class") return () => true;
  let from = -1;
  let to = -1;
  inBody(tokens, ({ type, text, isMember }, at) => {
    if (from < 0)
      from = type === "name" && text === "constructor" && !isMember && tokens[at + 1]?.text === "(" ? at : -1;
    else if (to < 0 && text === "}") to = at;
  });
  return (at) => at > from && at < to;
}

/**
 * May calling or constructing it give another object than the one that it makes? Of a class without a constructor, its own base decides. A `return` of nothing
 * does not, such as that with which the constructors of compiled classes leave a revived instance alone.
 */
export const mayReturn: (of: Function) => boolean = byText((of) => {
  const text = toString.call(of);
  if (NO_TEXT.test(text)) return nameOfIntrinsic(of) === undefined;
  const tokens = tokensOf(text);
  if (tokens === undefined) return true;
  const isInside = constructorIn(tokens);
  return tokens.some(
    ({ type, text: name, isMember }, at) =>
      type === "name" && name === "return" && !isMember && isInside(at) && !";}".includes(tokens[at + 1]?.text ?? ""),
  );
});

const FORBIDDEN = new Set(["eval", "WeakMap", "WeakSet", "WeakRef", "FinalizationRegistry"]);

/** Is there a text, and does the code in it keep to itself what it is called on? A native, bound or proxied function has none. */
const showsAll = byText((of) => {
  const text = toString.call(of);
  if (NO_TEXT.test(text)) return false;
  const tokens = tokensOf(text);
  if (tokens === undefined) return false;
  const { statics } = privateNamesIn(tokens);
  for (const { type, text: name } of tokens)
    if (type === "private" ? !statics.has(name) : type === "name" && FORBIDDEN.has(name)) return false;
  return keepsThis(tokens, constructorIn(tokens));
});

/** Do the methods and accessors on a prototype show all that they do? `text`: that of its class, in which most of them stand. */
function showsMethods(prototype: object, text: string, isKnown: (fn: Function) => boolean): boolean {
  for (const key of Reflect.ownKeys(prototype)) {
    if (key === "constructor") continue;
    const { value, get, set } = Reflect.getOwnPropertyDescriptor(prototype, key)!;
    for (const one of [value, get, set] as unknown[])
      if (typeof one === "function" && !isKnown(one) && !text.includes(toString.call(one)) && !showsAll(one))
        return false;
  }
  return true;
}

const isBuiltIn = (fn: Function) => nameOfIntrinsic(fn) !== undefined;

function showsState({ of, prototype }: Link): boolean {
  const text = toString.call(of);
  const isClass = text.startsWith("class");
  return (
    (isClass || text.startsWith("function")) && showsAll(of) && showsMethods(prototype, isClass ? text : "", isBuiltIn)
  );
}

/** Whether somebody has said of a class that own properties are the whole state of its instances, and of those of classes that extend it: `codec(Model)`. */
export type IsWhole = (of: Function) => boolean;

/**
 * Why instances of the class are not saved by their own properties alone; undefined: its text shows that these are the whole state, or what it extends was
 * said to. What such a base class puts on the prototypes of others (the accessors and `getTasks` of a model) is its own matter too.
 */
export function hiddenStateOf(of: Function, isWhole: IsWhole = () => false): Hidden | undefined {
  const chain = chainOf(of);
  const said = chain?.links.findIndex((link) => isWhole(link.of)) ?? -1;
  const links = said < 0 ? chain?.links : chain!.links.slice(0, said);
  if (links?.some((link) => hasPrivateNames(link.of))) return "private";
  if (said >= 0) return links!.every((link) => showsAll(link.of)) ? undefined : "unclear";
  if (chain === undefined || chain.links.length === 0) return "unclear";
  if (chain.end !== null && chain.end !== Object.prototype) return "built-in";
  return chain.links.every(showsState) ? undefined : "unclear";
}

/** Of a class that is `unclear`: the base class of which {@link IsWhole} would be enough. */
export function unclearBaseOf(of: Function): Function | undefined {
  const { links } = chainOf(of) ?? { links: [] };
  const at = links.findIndex((link, i) => i > 0 && !showsState(link));
  return at > 0 && links.slice(0, at).every((link) => showsAll(link.of)) ? links[at]!.of : undefined;
}

/** The same of objects that inherit from this one, which is the prototype of no class. `isDurable`: is the function saved with the run? */
export const showsPrototype = (prototype: object, isDurable: (fn: object) => boolean): boolean =>
  showsMethods(prototype, "", (fn) => isBuiltIn(fn) || isDurable(fn));
