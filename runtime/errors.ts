/**
 * Coded errors. Every error of the product is one entry of a table (`machine/messages.ts`, `codec/messages.ts` …): the
 * table prints the error's page in `docs/errors/`, so the text is written once. The bodies of the runtime's pages stand
 * in tables of their own (`pages.ts`), because programs bundle the messages and never print a page.
 */

/** One error of the contract. Codes are never reused: PD1xxx compiler, 2xxx run, 3xxx store, 4xxx codec, 5xxx versions, 6xxx triggers. */
export interface MessageEntry {
  /** Name of the page, in kebab case: `value-cannot-be-saved`. */
  readonly slug: string;
  /** One line with `%name%` holes: says what happened, to which function, where, and on which path. */
  readonly text: string;
  /** One line: what the user changes. May have holes too. */
  readonly fix: string;
  /** The page's body, Markdown: why this is so, an example before and after. Absent where a table of pages has it. */
  readonly page?: string;
}

export type MessageTable = Readonly<Record<`PD${number}`, MessageEntry>>;

/** Bodies of pages, by code. */
export type MessagePages = Readonly<Record<`PD${number}`, string>>;

/** An error with a code, a fix and a page. It never reaches durable code: it blocks the run, or refuses the call. */
export class PerdureError extends Error {
  readonly code: string;
  declare readonly fix: string;
  /** Values of the holes, as data: `function`, `file`, `line`, `path` where they apply. */
  declare readonly details: Readonly<Record<string, string>>;

  constructor(code: string, text: string, fix: string, details: Record<string, string>, cause?: unknown) {
    super(
      `${code}: ${text}\n  fix: ${fix}\n  see: node_modules/perdure/docs/errors/${code}.md`,
      cause === undefined ? undefined : { cause },
    );
    this.name = "PerdureError";
    this.code = code;
    // Not enumerable: consoles print them after the stack, and the message has said it all.
    Object.defineProperties(this, { fix: { value: fix }, details: { value: details } });
  }

  /** What happened: the message without code, fix and page. */
  get text(): string {
    return this.message.slice(this.code.length + 2, this.message.lastIndexOf("\n  fix: "));
  }
}

const fill = (template: string, details: Record<string, string>): string =>
  template.replace(/%(\w+)%/g, (hole, name: string) => details[name] ?? hole);

/** Makes the thrower of one table: `const error = coded(messages); throw error("PD2001", { function: "checkout" })`. */
export function coded<T extends MessageTable>(table: T) {
  return (code: keyof T & string, details: Record<string, string> = {}, cause?: unknown): PerdureError => {
    const entry = table[code as `PD${number}`]!;
    return new PerdureError(code, fill(entry.text, details), fill(entry.fix, details), details, cause);
  };
}

/** True for errors about the contract, which durable code never sees. */
export const isPerdureError = (value: unknown): value is PerdureError => value instanceof PerdureError;
