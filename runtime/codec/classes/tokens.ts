/**
 * The tokens of the source text of a function or class (ECMA-262 12), for questions that can be answered without a parser.
 *
 * Where a `/` begins a regular expression depends on the grammar (12.1): it is decided by the token before it, and where that is not enough
 * there are no tokens at all. So a string, a comment or a regular expression is never taken for code, nor code for one of them.
 */

export type TokenType = "name" | "private" | "number" | "string" | "template" | "regexp" | "punctuator";

export interface Token {
  readonly type: TokenType;
  readonly text: string;
  /** A name after a dot: no keyword, whatever it says. */
  readonly isMember: boolean;
}

const SPACE = /(?:[\s\uFEFF]|\/\*[\s\S]*?\*\/|\/\/[^\n\r\u2028\u2029]*)+/uy;
const TOKENS: readonly (readonly [TokenType, RegExp])[] = [
  ["private", /#[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy],
  ["name", /[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*/uy],
  ["number", /(?:0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:[eE][+-]?\d[\d_]*)?)n?/y],
  ["string", /"(?:[^"\\\n\r]|\\(?:\r\n|[\s\S]))*"|'(?:[^'\\\n\r]|\\(?:\r\n|[\s\S]))*'/y],
  ["punctuator", /=>|\.\.\.|\?\.(?!\d)|\+\+|--|(?:\*\*|<<|>>>?|&&|\|\||\?\?|[-+*%&|^!=<>])=?=?|[{}()[\].;,<>~?:]/y],
];
const REGEXP = /\/(?:[^\\/[\n\r]|\\[^\n\r]|\[(?:[^\]\\\n\r]|\\[^\n\r])*\])+\/[\p{ID_Continue}$]*/uy;
const DIVISION = /\/=?/y;
const TEMPLATE = /(?:[^`\\$]|\\[\s\S]|\$(?!\{))*(?:`|\$\{)/y;

/** After these an expression begins. */
const BEFORE_EXPRESSION = new Set(
  "return typeof instanceof in new delete void throw case do else yield default extends".split(" "),
);
/** These are keywords in some places and names in others. */
const UNCLEAR = new Set("of await async let get set static".split(" "));
const HEADS = new Set(["if", "while", "for", "with"]);

/** Comments as old browsers know them, and escapes in names: too rare to be worth a rule. */
const ODD = /<!--|-->/;

/** Undefined: it could not be told where tokens begin. */
export function tokensOf(text: string): readonly Token[] | undefined {
  if (ODD.test(text)) return undefined;
  const tokens: Token[] = [];
  /** For each open bracket: its text, and whether it is the head of a statement. */
  const open: { readonly text: string; readonly isHead: boolean }[] = [];
  /** Did the bracket that was closed last belong to the head of a statement? */
  let closedHead = false;
  let at = 0;

  const match = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0];
    if (found !== undefined) at += found.length;
    return found;
  };
  const take = (type: TokenType, found: string): void => {
    const before = tokens.at(-1)?.text;
    tokens.push({ type, text: found, isMember: type === "name" && (before === "." || before === "?.") });
  };
  /** Does an expression begin after the last token? Undefined: one cannot tell. */
  const beginsExpression = (): boolean | undefined => {
    const last = tokens.at(-1);
    if (last === undefined) return true;
    if (last.type === "name" && !last.isMember) {
      if (BEFORE_EXPRESSION.has(last.text)) return true;
      return UNCLEAR.has(last.text) ? undefined : false;
    }
    if (last.type !== "punctuator") return last.type === "template" ? last.text.endsWith("${") : false;
    if (last.text === ")") return closedHead;
    if (last.text === "}" || last.text === "++" || last.text === "--") return undefined;
    return last.text !== "]";
  };
  const slash = (): boolean => {
    const isRegExp = beginsExpression();
    if (isRegExp === undefined) return false;
    const found = match(isRegExp ? REGEXP : DIVISION);
    if (found === undefined) return false;
    take(isRegExp ? "regexp" : "punctuator", found);
    return true;
  };
  const templatePart = (start: string): boolean => {
    const found = match(TEMPLATE);
    if (found === undefined) return false;
    take("template", start + found);
    if (found.endsWith("${")) open.push({ text: "${", isHead: false });
    return true;
  };
  const bracket = (found: string): boolean => {
    if ("([{".includes(found)) {
      const before = tokens.at(-1);
      const head = before?.text === "await" ? tokens.at(-2) : before;
      open.push({ text: found, isHead: found === "(" && head !== undefined && !head.isMember && HEADS.has(head.text) });
      return true;
    }
    const opened = open.pop();
    if (opened === undefined || opened.text !== { ")": "(", "]": "[", "}": "{" }[found]) return false;
    closedHead = opened.isHead;
    return true;
  };
  const next = (): boolean => {
    const char = text[at]!;
    if (char === "/") return slash();
    if (char === "`") {
      at++;
      return templatePart("`");
    }
    if (char === "}" && open.at(-1)?.text === "${") {
      at++;
      open.pop();
      return templatePart("}");
    }
    for (const [type, pattern] of TOKENS) {
      const found = match(pattern);
      if (found === undefined) continue;
      if (type === "punctuator" && "()[]{}".includes(found) && !bracket(found)) return false;
      take(type, found);
      return true;
    }
    return false;
  };

  for (match(SPACE); at < text.length; match(SPACE)) if (!next()) return undefined;
  return open.length === 0 ? tokens : undefined;
}
