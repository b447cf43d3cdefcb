/** As much of DynamoDB's expressions as the store uses. */

export interface Attribute {
  readonly S?: string;
  readonly N?: string;
}
export type Item = Readonly<Record<string, Attribute>>;

export interface Expressions {
  readonly ConditionExpression?: string;
  readonly UpdateExpression?: string;
  readonly ExpressionAttributeNames?: Readonly<Record<string, string>>;
  readonly ExpressionAttributeValues?: Item;
}

const compare = (a: Attribute | undefined, b: Attribute): number | null => {
  if (a?.S !== undefined && b.S !== undefined) return a.S < b.S ? -1 : a.S > b.S ? 1 : 0;
  if (a?.N !== undefined && b.N !== undefined) return Number(a.N) - Number(b.N);
  return null;
};

/** Comparisons and `attribute_exists` joined by AND, OR and parentheses; AND binds closer. */
export function holds(item: Item | undefined, expressions: Expressions): boolean {
  const {
    ConditionExpression: text,
    ExpressionAttributeNames: names = {},
    ExpressionAttributeValues: values = {},
  } = expressions;
  if (text === undefined) return true;
  const tokens = text.match(/[()]|<=|>=|<|>|=|[#:]?\w+/g) ?? [];
  let at = 0;
  const attribute = (): Attribute | undefined => item?.[names[tokens[at++]!]!];
  const either = (): boolean => {
    let value = both();
    while (tokens[at] === "OR") {
      at++;
      value = both() || value;
    }
    return value;
  };
  const both = (): boolean => {
    let value = one();
    while (tokens[at] === "AND") {
      at++;
      value = one() && value;
    }
    return value;
  };
  const one = (): boolean => {
    if (tokens[at] === "(") {
      at++;
      const value = either();
      at++;
      return value;
    }
    if (tokens[at] === "attribute_exists" || tokens[at] === "attribute_not_exists") {
      const exists = tokens[at] === "attribute_exists";
      at += 2;
      const found = attribute() !== undefined;
      at++;
      return found === exists;
    }
    const left = attribute();
    const operator = tokens[at++]!;
    const order = compare(left, values[tokens[at++]!]!);
    if (order === null) return false;
    if (operator === "=") return order === 0;
    if (operator === "<=") return order <= 0;
    if (operator === "<") return order < 0;
    if (operator === ">=") return order >= 0;
    return order > 0;
  };
  return either();
}

/** `SET #a = :a, …` or `ADD #a :a`. */
export function updated(item: Item, { UpdateExpression = "", ...rest }: Expressions): Item {
  const { ExpressionAttributeNames: names = {}, ExpressionAttributeValues: values = {} } = rest;
  const after: Record<string, Attribute> = { ...item };
  const [, verb, clauses] = /^(SET|ADD) (.*)$/.exec(UpdateExpression)!;
  for (const clause of clauses!.split(", ")) {
    const [name, value] = clause.split(verb === "SET" ? " = " : " ") as [string, string];
    const attribute = names[name]!;
    after[attribute] =
      verb === "SET" ? values[value]! : { N: String(Number(item[attribute]?.N ?? 0) + Number(values[value]!.N)) };
  }
  return after;
}
