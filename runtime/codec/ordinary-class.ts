/**
 * Whether an instance of an ordinary class can be saved for what it shows: by name of the class and by its own properties. That is
 * so when the text of the class shows that an instance has no other state. What the text does not show, `codec(Class)` can say.
 */

const { toString } = Function.prototype;

/** Text without comments, strings and regular expressions as far as they could be taken for what is looked for. */
const bare = (text: string): string =>
  text.replace(/\/\*[\s\S]*?\*\/|\/\/.*|"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'/g, (match) =>
    match.startsWith("/") ? " " : '""',
  );

const PRIVATE = /#[\p{ID_Start}$_]/u;
/** The collections and helpers that stand in for private names in older targets. */
const STANDS_IN = /\bWeak(?:Map|Set|Ref)\b|classPrivate/;
/** `this` itself handed to others, who may keep state for it. `return this` and `...this` hand out nothing that they could tell apart. */
const ESCAPES = /(?:[(,=:?[&|]|=>)\s*this\s*(?:[),;\]}:?&|]|$)/m;

/** The class and every class that it extends, as far as they are classes: `Object` and functions end the chain. */
function* chainOf(of: Function): Generator<Function> {
  for (let at: unknown = of; typeof at === "function" && at !== Function.prototype; at = Reflect.getPrototypeOf(at))
    yield at;
}

/** Has an instance fields that only the text of its class can reach (ECMA-262 6.2.12)? */
export const hasPrivateNames = (of: Function): boolean =>
  [...chainOf(of)].some((one) => PRIVATE.test(bare(toString.call(one))));

/** Does the text of the class and of all that it extends show that an instance has no state but its own properties? */
export const keepsStateInProperties = (of: Function): boolean =>
  [...chainOf(of)].every((one) => {
    const text = toString.call(one);
    // A function could be called, and do anything to anything; a bound or native one shows no text.
    if (!text.startsWith("class") || /\{\s*\[native code\]\s*\}\s*$/.test(text)) return false;
    const shown = bare(text);
    return !PRIVATE.test(shown) && !STANDS_IN.test(shown) && !ESCAPES.test(shown);
  });
