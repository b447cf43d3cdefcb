/**
 * Where the text of a class hands an instance to others: `registry.add(this)`, `const self = this`. Whoever has been handed it may keep state for it
 * (in a WeakMap, a closure, a list) that none of its properties show.
 */
import type { Token } from "./tokens.ts";

/** Built-ins that get `this` and keep nothing of it. The first ones give it back. */
const RETURNING = "assign freeze seal preventExtensions defineProperty defineProperties setPrototypeOf".split(" ");
const READING = "keys values entries getOwnPropertyNames getPrototypeOf hasOwn is isFrozen isSealed isExtensible".split(
  " ",
);
const OWNERS: ReadonlyMap<string, readonly string[]> = new Map([
  ["Object", [...RETURNING, ...READING]],
  ["Reflect", ["ownKeys", "has", "getPrototypeOf", "defineProperty", "deleteProperty"]],
  ["Error", ["captureStackTrace"]],
  ["JSON", ["stringify"]],
]);
const CONVERSIONS = new Set(["String", "Number", "Boolean"]);

const COMPARISONS = new Set(["===", "!==", "==", "!="]);
const AFTER_COMPARED = new Set([")", "]", "}", ";", ",", ":", "?", "&&", "||", "??"]);
/** Names that are operators: what follows them belongs to them, and is no new statement. */
const OPERATORS = new Set("typeof void delete new in instanceof await yield case throw of extends default".split(" "));

const is = (token: Token | undefined, text: string): boolean =>
  token !== undefined && token.text === text && token.type !== "string" && !token.isMember;

/** Does a statement begin after this token, so that the value of the expression that comes is dropped? */
function endsStatement(token: Token | undefined): boolean {
  if (token === undefined || token.type === "regexp") return false;
  if (token.type === "template") return token.text.endsWith("`");
  if (token.type === "punctuator") return [";", "{", "}", ")", "]"].includes(token.text);
  // Two operands side by side: a semicolon was left out between them.
  return token.type !== "name" || token.isMember || !OPERATORS.has(token.text);
}

/** Is `(` at this place the one of a call that keeps nothing of `this` as an argument at `position`? */
function isHarmlessCall(tokens: readonly Token[], at: number, position: number): boolean {
  const called = tokens[at - 1];
  if (called?.type !== "name") return false;
  if (!called.isMember) return CONVERSIONS.has(called.text) && !is(tokens[at - 2], "new");
  const owner = tokens[at - 3];
  if (owner?.type !== "name" || owner.isMember || !OWNERS.get(owner.text)?.includes(called.text)) return false;
  if (owner.text === "Object" && RETURNING.includes(called.text)) {
    if (position > 0) return called.text === "assign";
    return is(tokens[at - 4], "return") || endsStatement(tokens[at - 4]);
  }
  return position === 0;
}

interface Level {
  /** Where its bracket stands. */
  readonly at: number;
  /** Commas met in it. */
  position: number;
  /** Is what comes part of an arrow function, of this level or an outer one? */
  inArrow: boolean;
}

/**
 * Is each `this` only asked for a property, compared, returned, spread, or given to a built-in that keeps nothing of it? `isMaking` says of a place whether the
 * instance is being made there: then functions that use `this` must not be handed out either, since whoever calls them later reaches it.
 */
export function keepsThis(tokens: readonly Token[], isMaking: (at: number) => boolean): boolean {
  const levels: Level[] = [{ at: -1, position: 0, inArrow: false }];
  for (const [at, token] of tokens.entries()) {
    const level = levels.at(-1)!;
    const opens = token.type === "template" ? token.text.endsWith("${") : "([{".includes(token.text);
    const closes = token.type === "template" ? token.text.startsWith("}") : ")]}".includes(token.text);
    if (token.type === "punctuator" || token.type === "template") {
      if (closes) levels.pop();
      if (opens) levels.push({ at, position: 0, inArrow: levels.at(-1)!.inArrow });
      if (token.text === "=>") level.inArrow = true;
      if (token.text === "," || token.text === ";") {
        level.position++;
        level.inArrow = levels.at(-2)?.inArrow ?? false;
      }
    }
    if (!is(token, "this")) continue;
    if (level.inArrow && isMaking(at)) return false;
    if (!isKept(tokens, at, level)) return false;
  }
  return true;
}

function isKept(tokens: readonly Token[], at: number, level: Level): boolean {
  const before = tokens[at - 1];
  const after = tokens[at + 1];
  if (after !== undefined && after.type !== "string" && [".", "?.", "[", "instanceof"].includes(after.text))
    return true;
  if (is(before, "...") || is(before, "new") || is(before, "typeof")) return true;
  const ends = after === undefined || (after.type === "punctuator" && AFTER_COMPARED.has(after.text));
  if (after !== undefined && COMPARISONS.has(after.text)) return true;
  if (before !== undefined && COMPARISONS.has(before.text)) return ends;
  if (is(before, "return")) return after === undefined || after.text === ";" || after.text === "}";
  const isArgument = before?.text === "(" || before?.text === ",";
  const isWhole = after?.text === "," || after?.text === ")";
  return isArgument && isWhole && tokens[level.at]?.text === "(" && isHarmlessCall(tokens, level.at, level.position);
}
